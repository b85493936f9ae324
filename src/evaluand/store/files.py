"""Uploaded files of one workspace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from evaluand.domain.ids import PublicId
from evaluand.domain.model import File
from evaluand.domain.paging import Page, PageRequest
from evaluand.store.scope import Scope, key_set, sort_column, time_and_key, to_page
from evaluand.store.tables import files

# Databases limit the number of parameters of a statement.
_BATCH = 500


class SqlFiles:
    """Fits :class:`evaluand.ports.FileStore`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(self, file: File) -> File:
        def work(connection: Connection) -> File:
            values = {
                "public_id": file.id,
                "workspace_id": self._scope.workspace,
                "name": file.name,
                "kind": file.kind,
                "size": file.size,
                "sha256": file.sha256,
                "page_count": file.page_count,
                "created_at": file.created_at,
                "updated_at": file.updated_at,
            }
            return to_file(connection.execute(insert(files).values(values).returning(files)).one())

        return self._scope.database.write(work)

    def get(self, file_id: PublicId) -> File | None:
        row = self._scope.one(files, file_id)
        return None if row is None or row.deleted_at is not None else to_file(row)

    def many(self, file_ids: Sequence[PublicId]) -> dict[PublicId, File]:
        found: dict[PublicId, File] = {}
        with self._scope.database.read() as connection:
            for start in range(0, len(file_ids), _BATCH):
                wanted = files.c.public_id.in_(file_ids[start : start + _BATCH])
                statement = self._scope.rows(files).where(wanted, files.c.deleted_at.is_(None))
                for row in connection.execute(statement):
                    found[row.public_id] = to_file(row)
        return found

    def delete(self, file_id: PublicId, at: datetime) -> bool:
        statement = (
            self._scope.change(files)
            .where(files.c.public_id == file_id, files.c.deleted_at.is_(None))
            .values(deleted_at=at, updated_at=at)
        )
        return self._scope.database.write(lambda c: c.execute(statement).rowcount == 1)

    def page(self, request: PageRequest, *, name_contains: str | None) -> Page[File]:
        statement = self._scope.rows(files).where(files.c.deleted_at.is_(None))
        if name_contains:
            statement = statement.where(files.c.name.icontains(name_contains, autoescape=True))
        statement = key_set(statement, request, sort_column(files, request), files.c.id)
        with self._scope.database.read() as connection:
            rows = list(connection.execute(statement))
        return to_page(rows, request, to_file, time_and_key(files, request))


def to_file(row: Any) -> File:
    """The file in a row of ``files``."""
    return File(
        key=row.id,
        id=row.public_id,
        name=row.name,
        kind=row.kind,
        size=row.size,
        sha256=row.sha256,
        page_count=row.page_count,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
