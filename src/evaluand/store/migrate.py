"""Brings a database to the newest schema, on start, with Alembic."""

from __future__ import annotations

from pathlib import Path

from evaluand.store.database import Database


def migrate(database: Database) -> None:
    """Applies the migrations that the database lacks; on a current one it only looks."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    folder = str(Path(__file__).parent / "migrations")
    with database.read() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == ScriptDirectory(folder).get_current_head():
        return
    config = Config()
    config.set_main_option("script_location", folder)

    def work(connection: object) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    database.write(work)
