"""Targets and their versions, of one workspace."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert

from evaluand.domain.ids import PublicId, new_public_id
from evaluand.domain.model import (
    Author,
    Json,
    Target,
    TargetKind,
    TargetSummary,
    TargetVersion,
)
from evaluand.domain.paging import Page, PageRequest
from evaluand.store import convert
from evaluand.store.columns import to_instant
from evaluand.store.scope import Scope, key_set, sort_column, time_and_key, to_page
from evaluand.store.tables import target_versions, targets

# At most nine digits: a longer number fits no column, and nobody publishes a billion times.
_NUMBER = re.compile(r"(\d{1,9})\.(\d{1,9})")


class SqlTargets:
    """Fits :class:`evaluand.ports.TargetStore`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(
        self, kind: TargetKind, name: str, config: Json, author: Author, at: datetime
    ) -> Target:
        def work(connection: Connection) -> Target:
            values = {
                "public_id": new_public_id(),
                "workspace_id": self._scope.workspace,
                "kind": kind,
                "name": name,
                "created_at": at,
                "updated_at": at,
            }
            row = connection.execute(insert(targets).values(values).returning(targets)).one()
            draft = self._insert(connection, row, None, None, None, config, author, at)
            return Target(summary=to_target(row), draft=draft)

        return self._scope.database.write(work)

    def get(self, target_id: PublicId) -> Target | None:
        row = self._scope.one(targets, target_id)
        if row is None:
            return None
        draft = self._first(row, target_versions.c.major.is_(None))
        return None if draft is None else Target(summary=to_target(row), draft=draft)

    def page(self, kind: TargetKind, request: PageRequest) -> Page[TargetSummary]:
        statement = self._scope.rows(targets).where(targets.c.kind == kind)
        statement = key_set(statement, request, sort_column(targets, request), targets.c.id)
        with self._scope.database.read() as connection:
            rows = list(connection.execute(statement))
        return to_page(rows, request, to_target, time_and_key(targets, request))

    def update(
        self, target_id: PublicId, *, name: str | None, config: Json | None, at: datetime
    ) -> Target | None:
        def work(connection: Connection) -> None:
            changes: dict[str, Any] = {"updated_at": at}
            if name is not None:
                changes["name"] = name
            change = self._scope.change(targets).where(targets.c.public_id == target_id)
            row = connection.execute(change.values(changes).returning(targets.c.id)).one_or_none()
            if row is not None and config is not None:
                draft = self._scope.change(target_versions).where(
                    target_versions.c.target_id == row.id, target_versions.c.major.is_(None)
                )
                connection.execute(draft.values(config=config))

        self._scope.database.write(work)
        return self.get(target_id)

    def publish(
        self,
        target_id: PublicId,
        *,
        major: bool,
        description: str | None,
        config: Json | None,
        author: Author,
        at: datetime,
    ) -> TargetVersion | None:
        def work(connection: Connection) -> TargetVersion | None:
            change = self._scope.change(targets).where(targets.c.public_id == target_id)
            row = connection.execute(change.values(updated_at=at).returning(targets)).one_or_none()
            if row is None:
                return None
            number = self._next_number(connection, row.id, major)
            chosen = config
            if chosen is None:
                chosen = connection.execute(
                    self._versions(row.id, target_versions.c.config).where(
                        target_versions.c.major.is_(None)
                    )
                ).scalar_one()
            return self._insert(connection, row, *number, description, chosen, author, at)

        return self._scope.database.write(work)

    def draft(self, target_id: PublicId) -> TargetVersion | None:
        row = self._scope.one(targets, target_id)
        return None if row is None else self._first(row, target_versions.c.major.is_(None))

    def newest(self, target_id: PublicId) -> TargetVersion | None:
        row = self._scope.one(targets, target_id)
        return None if row is None else self._first(row, target_versions.c.major.is_not(None))

    def numbered(self, target_id: PublicId, number: str) -> TargetVersion | None:
        row = self._scope.one(targets, target_id)
        match = _NUMBER.fullmatch(number)
        if row is None or match is None:
            return None
        major, minor = int(match[1]), int(match[2])
        if number != f"{major}.{minor}":
            return None
        return self._first(row, target_versions.c.major == major, target_versions.c.minor == minor)

    def version(self, target_id: PublicId, version_id: PublicId) -> TargetVersion | None:
        row = self._scope.one(targets, target_id)
        return None if row is None else self._first(row, target_versions.c.public_id == version_id)

    def published(self, target_id: PublicId, request: PageRequest) -> Page[TargetVersion]:
        row = self._scope.one(targets, target_id)
        if row is None:
            return Page(rows=())
        columns = target_versions.c.created_at, target_versions.c.id
        statement = self._versions(row.id).where(target_versions.c.major.is_not(None))
        with self._scope.database.read() as connection:
            rows = list(connection.execute(key_set(statement, request, *columns)))
        return to_page(
            rows,
            request,
            lambda version: to_version(version, row),
            lambda version: (to_instant(version.created_at), version.id),
        )

    def _versions(self, target_key: int, *columns: Any) -> Select[Any]:
        statement = self._scope.rows(target_versions, *columns)
        return statement.where(target_versions.c.target_id == target_key)

    def _first(self, target: Row[Any], *conditions: Any) -> TargetVersion | None:
        # Newest means published last, not the highest number.
        newest = target_versions.c.id.desc()
        statement = self._versions(target.id).where(*conditions).order_by(newest).limit(1)
        with self._scope.database.read() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else to_version(row, target)

    def _next_number(self, connection: Connection, target_key: int, major: bool) -> tuple[int, int]:
        columns = target_versions.c.major, target_versions.c.minor
        published = target_versions.c.major.is_not(None)
        order = target_versions.c.id.desc() if not major else target_versions.c.major.desc()
        last = connection.execute(
            self._versions(target_key, *columns).where(published).order_by(order).limit(1)
        ).one_or_none()
        if last is None:
            return (1, 0) if major else (0, 1)
        if major:
            return (last.major + 1, 0)
        return (last.major, last.minor + 1)

    def _insert(
        self,
        connection: Connection,
        target: Row[Any],
        major: int | None,
        minor: int | None,
        description: str | None,
        config: Json,
        author: Author,
        at: datetime,
    ) -> TargetVersion:
        values = {
            "public_id": new_public_id(),
            "workspace_id": self._scope.workspace,
            "target_id": target.id,
            "major": major,
            "minor": minor,
            "description": description,
            "config": config,
            "created_at": at,
            "created_by": convert.to_json(author),
        }
        statement = insert(target_versions).values(values).returning(target_versions)
        return to_version(connection.execute(statement).one(), target)


def to_target(row: Any) -> TargetSummary:
    """The target in a row of ``targets``."""
    return TargetSummary(
        key=row.id,
        id=row.public_id,
        kind=TargetKind(row.kind),
        name=row.name,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def to_version(row: Any, target: Any) -> TargetVersion:
    """The version in a row of ``target_versions``, of the target in a row of ``targets``."""
    return TargetVersion(
        key=row.id,
        id=row.public_id,
        target=target.public_id,
        kind=TargetKind(target.kind),
        number=None if row.major is None else f"{row.major}.{row.minor}",
        description=row.description,
        config=row.config,
        created_at=row.created_at,
        created_by=convert.author(row.created_by),
    )
