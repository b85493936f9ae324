"""The schema is written twice, as tables and as migrations; both must say the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from evaluand.store.database import Database
from evaluand.store.migrate import migrate
from evaluand.store.tables import UNSCOPED, metadata


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database("sqlite://")
    yield opened
    opened.close()


def test_migrations_end_in_the_schema_of_the_tables(database: Database) -> None:
    migrate(database)

    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)

    assert differences == []


def test_migrating_a_current_database_changes_nothing(database: Database) -> None:
    migrate(database)
    with database.read() as connection:
        before = connection.exec_driver_sql("SELECT sql FROM sqlite_master").all()

    migrate(database)

    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT sql FROM sqlite_master").all() == before


@pytest.mark.parametrize("name", sorted(set(metadata.tables) - UNSCOPED))
def test_every_row_of_a_tenant_says_whose_it_is(name: str) -> None:
    column = metadata.tables[name].columns.get("workspace_id")

    assert column is not None
    assert not column.nullable
    assert [key.target_fullname for key in column.foreign_keys] == ["workspaces.id"]


def test_the_list_of_tables_without_a_tenant_only_shrinks() -> None:
    assert (
        frozenset(
            {
                "installation",
                "organizations",
                "workspaces",
                "users",
                "members",
                "api_keys",
                "chunks",
            }
        )
        >= UNSCOPED
    )
    assert set(metadata.tables) >= UNSCOPED
