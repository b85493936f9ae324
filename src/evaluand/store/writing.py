"""Statements that write many rows, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Inserts the rows whose primary key is new and returns how many these were.

    The first writer wins: a result that comes twice is the same result, paid for twice at worst.
    """
    if not rows:
        return 0
    is_sqlite = connection.dialect.name == "sqlite"
    insert = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    return connection.execute(insert.on_conflict_do_nothing(), rows).rowcount
