"""The one place where rows are walled off: statements that always carry the workspace."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Delete, Row, Select, Table, Update, select, tuple_, update

from evaluand.domain.ids import PublicId
from evaluand.domain.paging import Page, PageRequest
from evaluand.store.columns import to_instant
from evaluand.store.database import Database


class Scope:
    """A workspace's view of the database. Repositories build their statements from here."""

    def __init__(self, database: Database, workspace: int) -> None:
        self.database = database
        self.workspace = workspace

    def rows(self, table: Table, *columns: Any) -> Select[Any]:
        """``SELECT`` of the workspace's rows of ``table``: all its columns, or those given."""
        chosen = columns or (table,)
        return select(*chosen).where(table.c.workspace_id == self.workspace)

    def change(self, table: Table) -> Update:
        """``UPDATE`` that touches only the workspace's rows."""
        return update(table).where(table.c.workspace_id == self.workspace)

    def remove(self, table: Table) -> Delete:
        """``DELETE`` that touches only the workspace's rows."""
        return table.delete().where(table.c.workspace_id == self.workspace)

    def one(self, table: Table, public_id: PublicId) -> Row[Any] | None:
        """The workspace's row with this public id."""
        with self.database.read() as connection:
            return connection.execute(
                self.rows(table).where(table.c.public_id == public_id)
            ).one_or_none()

    def key_of(self, table: Table, public_id: PublicId) -> int | None:
        """The key behind a public id, within the workspace."""
        with self.database.read() as connection:
            statement = self.rows(table, table.c.id).where(table.c.public_id == public_id)
            return connection.execute(statement).scalar_one_or_none()


def key_set(
    statement: Select[Any], request: PageRequest, *columns: ColumnElement[Any]
) -> Select[Any]:
    """Orders by ``columns`` (the last ones make it total) and starts after the cursor.

    One row more than the page is asked for: it tells whether there is a next page.
    """
    if request.after is not None:
        statement = statement.where(_beyond(columns, request.after, request.descending))
    order = [column.desc() if request.descending else column.asc() for column in columns]
    return statement.order_by(*order).limit(request.size + 1)


def sort_column(table: Table, request: PageRequest) -> ColumnElement[Any]:
    """The column a page is sorted by."""
    return table.c[request.sort]


def to_page(rows: list[Any], request: PageRequest, make: Any, cursor: Any) -> Page[Any]:
    """A page of ``make(row)``; ``cursor(row)`` gives the values the next page starts after."""
    shown = rows[: request.size]
    following = cursor(shown[-1]) if len(rows) > request.size else None
    return Page(rows=tuple(make(row) for row in shown), next=following)


def time_and_key(table: Table, request: PageRequest) -> Any:
    """The cursor of a row sorted by a time and then by its key."""
    column = table.c[request.sort].name

    def cursor(row: Any) -> tuple[int, ...]:
        return to_instant(getattr(row, column)), row.id

    return cursor


def _beyond(
    columns: tuple[ColumnElement[Any], ...], after: tuple[int, ...], descending: bool
) -> ColumnElement[bool]:
    # Compared as one row, so that an index leads straight to the place.
    place = tuple_(*columns[: len(after)])
    cursor = tuple_(*after[: len(columns)])
    return place < cursor if descending else place > cursor
