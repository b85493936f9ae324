"""Evaluation sets and their items, of one workspace.

An item's content is a revision, and revisions are never changed: a run that froze one keeps it.
Every change to a set's items makes a new version of the set.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, insert

from evaluand.domain.ids import PublicId, new_public_id
from evaluand.domain.model import (
    Author,
    EvaluationSet,
    Item,
    ItemContent,
    TargetKind,
    TargetSummary,
)
from evaluand.domain.paging import Page, PageRequest
from evaluand.errors import NotFound
from evaluand.store import convert
from evaluand.store.scope import Scope, key_set, sort_column, time_and_key, to_page
from evaluand.store.tables import evaluation_sets, item_revisions, items, targets
from evaluand.store.targets import to_target


class SqlSets:
    """Fits :class:`evaluand.ports.SetStore`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(
        self, name: str, description: str, target: TargetSummary, author: Author, at: datetime
    ) -> EvaluationSet:
        values = {
            "public_id": new_public_id(),
            "workspace_id": self._scope.workspace,
            "name": name,
            "description": description,
            "target_id": target.key,
            "version": 0,
            "created_at": at,
            "updated_at": at,
            "created_by": convert.to_json(author),
        }
        statement = insert(evaluation_sets).values(values).returning(evaluation_sets)
        row = self._scope.database.write(lambda connection: connection.execute(statement).one())
        return to_set(row, target)

    def get(self, set_id: PublicId) -> EvaluationSet | None:
        row = self._scope.one(evaluation_sets, set_id)
        if row is None or row.deleted_at is not None:
            return None
        with self._scope.database.read() as connection:
            return to_set(row, self._target_of(connection, row.target_id))

    def page(
        self,
        request: PageRequest,
        *,
        target: PublicId | None,
        kinds: frozenset[TargetKind] | None = None,
    ) -> Page[EvaluationSet]:
        statement = self._scope.rows(evaluation_sets)
        if kinds is not None:
            able = self._scope.rows(targets, targets.c.id).where(targets.c.kind.in_(sorted(kinds)))
            statement = statement.where(evaluation_sets.c.target_id.in_(able))
        statement = statement.where(evaluation_sets.c.deleted_at.is_(None))
        if target is not None:
            key = self._scope.key_of(targets, target)
            statement = statement.where(evaluation_sets.c.target_id == (key or -1))
        order = sort_column(evaluation_sets, request), evaluation_sets.c.id
        with self._scope.database.read() as connection:
            rows = list(connection.execute(key_set(statement, request, *order)))
            found = {key: self._target_of(connection, key) for key in {r.target_id for r in rows}}
        return to_page(
            rows,
            request,
            lambda row: to_set(row, found[row.target_id]),
            time_and_key(evaluation_sets, request),
        )

    def delete(self, set_id: PublicId, at: datetime) -> bool:
        live = evaluation_sets.c.deleted_at.is_(None)
        change = self._scope.change(evaluation_sets).where(evaluation_sets.c.public_id == set_id)
        statement = change.where(live).values(deleted_at=at)
        return self._scope.database.write(lambda c: c.execute(statement).rowcount == 1)

    def add_items(
        self, set_key: int, contents: Sequence[ItemContent], author: Author, at: datetime
    ) -> list[Item]:
        def work(connection: Connection) -> list[Item]:
            parent = self._new_version(connection, set_key, at)
            shared = {
                "workspace_id": self._scope.workspace,
                "set_id": set_key,
                "created_at": at,
                "updated_at": at,
                "created_by": convert.to_json(author),
            }
            rows = [{"public_id": new_public_id(), **shared} for _ in contents]
            statement = insert(items).returning(items, sort_by_parameter_order=True)
            added = connection.execute(statement, rows).all()
            keys = [row.id for row in added]
            self._revise(connection, list(zip(keys, contents, strict=True)), parent.version, at)
            return [
                to_item(row, parent.public_id, content)
                for row, content in zip(added, contents, strict=True)
            ]

        # A version of a set is a change to its items: without items there is none.
        return self._scope.database.write(work) if contents else []

    def item(self, set_id: PublicId, item_id: PublicId) -> Item | None:
        statement = self._live(set_id).where(items.c.public_id == item_id)
        with self._scope.database.read() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else to_item(row, set_id, convert.content(row.content))

    def items(self, set_id: PublicId, request: PageRequest) -> Page[Item]:
        statement = key_set(self._live(set_id), request, sort_column(items, request), items.c.id)
        with self._scope.database.read() as connection:
            rows = list(connection.execute(statement))
        return to_page(
            rows,
            request,
            lambda row: to_item(row, set_id, convert.content(row.content)),
            time_and_key(items, request),
        )

    def replace_item(
        self, set_id: PublicId, item_id: PublicId, content: ItemContent, at: datetime
    ) -> Item | None:
        def work(connection: Connection) -> None:
            row = connection.execute(
                self._live(set_id).where(items.c.public_id == item_id)
            ).one_or_none()
            if row is not None:
                parent = self._new_version(connection, row.set_id, at)
                self._revise(connection, [(row.id, content)], parent.version, at)
                change = self._scope.change(items).where(items.c.id == row.id)
                connection.execute(change.values(updated_at=at))

        self._scope.database.write(work)
        return self.item(set_id, item_id)

    def delete_item(self, set_id: PublicId, item_id: PublicId, at: datetime) -> bool:
        def work(connection: Connection) -> bool:
            row = connection.execute(
                self._live(set_id).where(items.c.public_id == item_id)
            ).one_or_none()
            if row is None:
                return False
            parent = self._new_version(connection, row.set_id, at)
            change = self._scope.change(items).where(items.c.id == row.id)
            connection.execute(change.values(deleted_in_version=parent.version, updated_at=at))
            return True

        return self._scope.database.write(work)

    def _live(self, set_id: PublicId) -> Select[Any]:
        return (
            self._scope.rows(items, items, item_revisions.c.content)
            .join(item_revisions, item_revisions.c.id == items.c.revision_id)
            .join(evaluation_sets, evaluation_sets.c.id == items.c.set_id)
            .where(
                evaluation_sets.c.public_id == set_id,
                evaluation_sets.c.deleted_at.is_(None),
                items.c.deleted_in_version.is_(None),
            )
        )

    def _target_of(self, connection: Connection, target_key: int) -> TargetSummary:
        statement = self._scope.rows(targets).where(targets.c.id == target_key)
        return to_target(connection.execute(statement).one())

    def _new_version(self, connection: Connection, set_key: int, at: datetime) -> Row[Any]:
        change = self._scope.change(evaluation_sets).where(
            evaluation_sets.c.id == set_key, evaluation_sets.c.deleted_at.is_(None)
        )
        grown = change.values(version=evaluation_sets.c.version + 1, updated_at=at)
        parent = connection.execute(grown.returning(evaluation_sets)).one_or_none()
        if parent is None:
            raise NotFound("There is no evaluation set with this id.")
        return parent

    def _revise(
        self,
        connection: Connection,
        changed: Sequence[tuple[int, ItemContent]],
        version: int,
        at: datetime,
    ) -> None:
        rows = [
            revision(self._scope.workspace, content, at) | {"item_id": key, "set_version": version}
            for key, content in changed
        ]
        added = insert(item_revisions).returning(item_revisions.c.item_id, item_revisions.c.id)
        newest = [
            {"changed_item": row.item_id, "newest_revision": row.id}
            for row in connection.execute(added, rows)
        ]
        point = self._scope.change(items).where(items.c.id == bindparam("changed_item"))
        connection.execute(point.values(revision_id=bindparam("newest_revision")), newest)


def revision(workspace: int, content: ItemContent, at: datetime) -> dict[str, Any]:
    """The columns of a revision that holds ``content``; its digest covers every byte of it."""
    encoded = convert.to_json(content)
    first = content.files[0].name if content.files else None
    return {
        "workspace_id": workspace,
        "content": encoded,
        "file_name": None if first is None else first.lower(),
        "digest": sha256(msgspec.json.encode(encoded, order="deterministic")).digest(),
        "created_at": at,
    }


def to_set(row: Any, target: TargetSummary) -> EvaluationSet:
    """The evaluation set in a row of ``evaluation_sets``."""
    return EvaluationSet(
        key=row.id,
        id=row.public_id,
        name=row.name,
        description=row.description,
        kind=target.kind,
        target=target,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=convert.author(row.created_by),
    )


def to_item(row: Any, set_id: PublicId, content: ItemContent) -> Item:
    """The item in a row of ``items``."""
    return Item(
        key=row.id,
        id=row.public_id,
        evaluation_set=set_id,
        content=content,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=convert.author(row.created_by),
    )
