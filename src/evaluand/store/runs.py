"""Runs of one workspace: created whole in one transaction, read as one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, func, insert, literal, select, update
from sqlalchemy.sql.expression import Select

from evaluand.domain.ids import PublicId, new_public_id
from evaluand.domain.lifecycle import advance
from evaluand.domain.model import ItemContent, Purpose, Run, RunStatus, Score, Snapshot
from evaluand.domain.paging import Page, PageRequest
from evaluand.errors import InvalidRequest, NotFound
from evaluand.ports import NewRun
from evaluand.store import convert
from evaluand.store.ranking import SqlRanking
from evaluand.store.rows import to_run, to_score
from evaluand.store.scope import Scope, key_set, sort_column, time_and_key, to_page
from evaluand.store.sets import revision
from evaluand.store.tables import (
    chunks,
    evaluation_sets,
    item_revisions,
    items,
    run_items,
    runs,
    scores,
)

# Databases limit the number of parameters of a statement.
_BATCH = 500


class SqlRuns(SqlRanking):
    """Fits :class:`evaluand.ports.RunStore`."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._scope = scope

    def add(self, new: NewRun) -> Run:
        return self._scope.database.write(lambda connection: self._create(connection, new))

    def get(self, run_id: PublicId) -> Run | None:
        row = self._scope.one(runs, run_id)
        return None if row is None else to_run(row)

    def by_key(self, run_key: int) -> Run | None:
        with self._scope.database.read() as connection:
            statement = self._scope.rows(runs).where(runs.c.id == run_key)
            row = connection.execute(statement).one_or_none()
        return None if row is None else to_run(row)

    def page(self, request: PageRequest, *, purposes: frozenset[Purpose] | None) -> Page[Run]:
        statement = self._scope.rows(runs)
        if purposes is not None:
            statement = statement.where(runs.c.purpose.in_(sorted(purposes)))
        statement = key_set(statement, request, sort_column(runs, request), runs.c.id)
        with self._scope.database.read() as connection:
            rows = list(connection.execute(statement))
        return to_page(rows, request, to_run, time_and_key(runs, request))

    def request_cancel(self, run_id: PublicId, at: datetime) -> Run | None:
        """Marks the run as cancelled at once; its workers stop as soon as they see it."""

        def work(connection: Connection) -> Run | None:
            ended = {"cancel_requested": True, "finished_at": at}
            run = self._advance(connection, run_id, RunStatus.CANCELLED, at, ended)
            if run is not None:
                # The new epoch fences workers that are still at it: they can close nothing more.
                fenced = update(chunks).where(chunks.c.run_id == run.key)
                connection.execute(fenced.values(closed=True, epoch=chunks.c.epoch + 1))
            return run

        return self._scope.database.write(work)

    def reopen(self, run_id: PublicId, at: datetime) -> Run | None:
        """Takes a cancelled run up again: what has a result keeps it, the rest is open."""

        def work(connection: Connection) -> Run | None:
            reopened = {"cancel_requested": False, "finished_at": None}
            run = self._advance(connection, run_id, RunStatus.PENDING, at, reopened)
            if run is not None:
                mine = chunks.c.run_id == run.key, chunks.c.fold.is_(None)
                connection.execute(update(chunks).where(*mine).values(closed=False))
            return run

        return self._scope.database.write(work)

    def scores(self, run_key: int, positions: Sequence[int]) -> dict[int, list[Score]]:
        found: dict[int, list[Score]] = {position: [] for position in positions}
        with self._scope.database.read() as connection:
            for start in range(0, len(positions), _BATCH):
                wanted = scores.c.position.in_(positions[start : start + _BATCH])
                statement = self._scope.rows(scores).where(scores.c.run_id == run_key, wanted)
                for row in connection.execute(statement):
                    found[row.position].append(to_score(row))
        return found

    def _advance(
        self,
        connection: Connection,
        run_id: PublicId,
        wanted: RunStatus,
        at: datetime,
        values: dict[str, Any],
    ) -> Run | None:
        """The run in its new status; None if there is none. Raises IllegalTransition."""
        row = connection.execute(
            self._scope.rows(runs).where(runs.c.public_id == run_id)
        ).one_or_none()
        if row is None:
            return None
        status = advance(RunStatus(row.status), wanted)
        changed = self._scope.change(runs).where(runs.c.id == row.id)
        changed = changed.values(status=status, updated_at=at, **values)
        return to_run(connection.execute(changed.returning(runs)).one())

    def _create(self, connection: Connection, new: NewRun) -> Run:
        at = max(new.at, self._latest(connection) or new.at)
        snapshot = self._as_of_now(connection, new)
        values = {
            "public_id": new_public_id(),
            "workspace_id": self._scope.workspace,
            "purpose": new.purpose,
            "status": RunStatus.PENDING,
            "kind": snapshot.kind,
            "set_id": new.evaluation_set.key if new.evaluation_set else None,
            "set_public_id": new.evaluation_set.id if new.evaluation_set else None,
            "target_id": snapshot.target.key if snapshot.target else None,
            "snapshot": convert.to_json(snapshot),
            "digest": snapshot.digest,
            "item_count": 0,
            "metadata": new.metadata,
            "priority": new.priority,
            "created_at": at,
            "updated_at": at,
            "created_by": convert.to_json(new.author),
        }
        key = connection.execute(insert(runs).values(values).returning(runs.c.id)).scalar_one()
        count = self._freeze_items(connection, key, new, at)
        if count == 0:
            raise InvalidRequest(
                "There is nothing to run: the evaluation set has no items. Add items first.",
                field="evaluationSetId",
            )
        self._cut(connection, key, count, new.chunk_size)
        digest = self._digest(connection, key, snapshot.digest)
        change = self._scope.change(runs).where(runs.c.id == key)
        row = connection.execute(change.values(item_count=count, digest=digest).returning(runs))
        return to_run(row.one())

    def _as_of_now(self, connection: Connection, new: NewRun) -> Snapshot:
        # The set was read before this transaction began: its items may have changed since.
        if new.evaluation_set is None:
            return new.snapshot
        version = self._scope.rows(evaluation_sets, evaluation_sets.c.version).where(
            evaluation_sets.c.id == new.evaluation_set.key, evaluation_sets.c.deleted_at.is_(None)
        )
        found = connection.execute(version).scalar_one_or_none()
        if found is None:
            raise NotFound("There is no evaluation set with this id.", field="evaluationSetId")
        return replace(new.snapshot, set_version=found)

    def _latest(self, connection: Connection) -> datetime | None:
        # Keys and times of runs must grow together: lists page by either.
        newest = self._scope.rows(runs, runs.c.created_at)
        newest = newest.order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(1)
        return connection.execute(newest).scalar_one_or_none()

    def _freeze_items(self, connection: Connection, key: int, new: NewRun, at: datetime) -> int:
        if new.evaluation_set is None:
            return self._freeze_loose(connection, key, new.contents, at)
        if new.item_ids is None:
            return self._freeze(connection, key, self._set_items(new.evaluation_set.key), 0)
        count = 0
        for start in range(0, len(new.item_ids), _BATCH):
            batch = new.item_ids[start : start + _BATCH]
            chosen = self._set_items(new.evaluation_set.key).where(items.c.public_id.in_(batch))
            count += self._freeze(connection, key, chosen, count)
        if count < len(new.item_ids):
            raise NotFound(
                f"{len(new.item_ids) - count} of the {len(new.item_ids)} items are not in this "
                "evaluation set. Take ids from the set's list of items.",
                field="evaluationSetItemIds",
            )
        return count

    def _set_items(self, set_key: int) -> Select[Any]:
        return self._scope.rows(items, items.c.id, items.c.revision_id).where(
            items.c.set_id == set_key, items.c.deleted_in_version.is_(None)
        )

    def _freeze(self, connection: Connection, key: int, chosen: Select[Any], first: int) -> int:
        numbered = chosen.subquery()
        place = func.row_number().over(order_by=numbered.c.id) - 1 + first
        source = select(
            literal(key),
            place,
            literal(self._scope.workspace),
            numbered.c.id,
            numbered.c.revision_id,
        )
        columns = ["run_id", "position", "workspace_id", "item_id", "revision_id"]
        return connection.execute(insert(run_items).from_select(columns, source)).rowcount

    def _freeze_loose(
        self, connection: Connection, key: int, contents: Sequence[ItemContent], at: datetime
    ) -> int:
        if not contents:
            return 0
        added = insert(item_revisions).returning(item_revisions.c.id, sort_by_parameter_order=True)
        loose = [revision(self._scope.workspace, content, at) for content in contents]
        places = [
            {
                "run_id": key,
                "position": position,
                "workspace_id": self._scope.workspace,
                "revision_id": revision_key,
            }
            for position, revision_key in enumerate(connection.execute(added, loose).scalars())
        ]
        connection.execute(insert(run_items), places)
        return len(places)

    def _cut(self, connection: Connection, key: int, count: int, size: int) -> None:
        cuts = [
            {"run_id": key, "number": number, "first": first, "last": min(first + size, count)}
            for number, first in enumerate(range(0, count, size))
        ]
        connection.execute(insert(chunks), cuts)

    def _digest(self, connection: Connection, key: int, frozen: str) -> str:
        whole = sha256(bytes.fromhex(frozen))
        ordered = (
            self._scope.rows(run_items, item_revisions.c.digest)
            .join(item_revisions, item_revisions.c.id == run_items.c.revision_id)
            .where(run_items.c.run_id == key)
            .order_by(run_items.c.position)
        )
        for digest in connection.execute(ordered).scalars():
            whole.update(digest)
        return whole.hexdigest()
