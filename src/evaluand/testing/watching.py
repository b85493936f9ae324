"""Looks over a database's shoulder: what it is asked, how it would find it, all that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import event, select

from evaluand.store.database import Database
from evaluand.store.tables import metadata


class Statement(NamedTuple):
    """A statement as the driver got it."""

    sql: str
    parameters: Any


@contextmanager
def watched(database: Database) -> Iterator[list[Statement]]:
    """Collects the statements of the block, without those that only frame transactions."""
    seen: list[Statement] = []

    def note(_c: Any, _cursor: Any, sql: str, parameters: Any, _x: Any, _many: bool) -> None:
        if not sql.startswith(("BEGIN", "PRAGMA")):
            seen.append(Statement(sql, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def explained(database: Database, statement: Statement) -> list[str]:
    """The steps in which SQLite would carry the statement out."""
    with database.read() as connection:
        query = f"EXPLAIN QUERY PLAN {statement.sql}"
        return [row[3] for row in connection.exec_driver_sql(query, statement.parameters)]


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    with database.read() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in metadata.tables.items()
        }
