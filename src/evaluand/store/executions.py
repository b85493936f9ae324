"""What became of the items of runs: single looks and lists, of one workspace.

An item that is not finished has no row of its own: it is a place of the run without an execution.
Lists sorted by ``updated_at`` therefore merge two ordered streams, finished and unfinished.
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, func, or_

from evaluand.domain.lifecycle import CANCELLED_REASON, FINAL
from evaluand.domain.model import (
    Outcome,
    RunItem,
    RunStatus,
)
from evaluand.domain.paging import Page, PageRequest
from evaluand.ports import ExecutionFilter
from evaluand.store import convert
from evaluand.store.columns import to_instant
from evaluand.store.rows import to_execution, to_run
from evaluand.store.scope import Scope, key_set
from evaluand.store.tables import executions, item_revisions, items, run_items, runs, targets
from evaluand.store.writing import insert_once

_UNFINISHED = executions.c.run_id.is_(None)
_CANCELLED = executions.c.failure_reason == CANCELLED_REASON
# Every item of a run that succeeded or failed has an execution: there is no need to look.
_WITH_OPEN_ITEMS = (RunStatus.PENDING, RunStatus.RUNNING, RunStatus.CANCELLED)
# How a status shows in the rows: of the execution where there is one, else of the run.
_STATUS = {
    RunStatus.PENDING: and_(_UNFINISHED, runs.c.status == RunStatus.PENDING),
    RunStatus.RUNNING: and_(_UNFINISHED, runs.c.status == RunStatus.RUNNING),
    RunStatus.SUCCEEDED: and_(~_UNFINISHED, executions.c.failure_reason.is_(None)),
    RunStatus.FAILED: executions.c.failure_reason != CANCELLED_REASON,
    RunStatus.CANCELLED: or_(_CANCELLED, and_(_UNFINISHED, runs.c.status == RunStatus.CANCELLED)),
}


class SqlExecutions:
    """The part of :class:`evaluand.ports.RunStore` about single items."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def execution(self, run_key: int, position: int) -> RunItem | None:
        statement = self._places().where(
            run_items.c.run_id == run_key, run_items.c.position == position
        )
        with self._scope.database.read() as connection:
            row = connection.execute(statement).one_or_none()
            return None if row is None else self._items(connection, [row])[0]

    def executions(self, request: PageRequest, wanted: ExecutionFilter) -> Page[RunItem]:
        conditions = self._conditions(wanted)
        with self._scope.database.read() as connection:
            if request.sort == "created_at":
                rows = self._by_creation(connection, wanted, conditions, request)
            else:
                # One run is small enough to be sorted; a workspace needs the order of an index.
                source = executions if wanted.run is None else run_items
                rows = self._by_update(connection, source, conditions, request)
            shown = rows[: request.size]
            following = None
            if len(rows) > request.size:
                last = shown[-1]
                place = last.run_key, last.place
                moment = to_instant(last.moment)
                following = place if request.sort == "created_at" else (moment, *place)
            return Page(rows=tuple(self._items(connection, shown)), next=following)

    def cancel_item(self, run_key: int, position: int, at: datetime) -> bool:
        """Gives an item of an unfinished run the outcome "cancelled"; False if it has one."""
        place = (
            self._scope.rows(run_items, run_items.c.position)
            .join(runs, runs.c.id == run_items.c.run_id)
            .where(run_items.c.run_id == run_key, run_items.c.position == position)
            .where(runs.c.status.not_in(sorted(FINAL)))
        )

        def work(connection: Connection) -> bool:
            if connection.execute(place).one_or_none() is None:
                return False
            row = {
                "run_id": run_key,
                "position": position,
                "workspace_id": self._scope.workspace,
                "outcome": Outcome.ERROR,
                "failure_reason": CANCELLED_REASON,
                "failure_message": "Cancelled by request.",
                "started_at": at,
                "finished_at": at,
                "latency_ms": 0,
            }
            added = insert_once(connection, executions, [row]) == 1
            if added:
                change = self._scope.change(runs).where(runs.c.id == run_key)
                connection.execute(change.values(error=runs.c.error + 1, updated_at=at))
            return added

        return self._scope.database.write(work)

    def delete_item(self, run_key: int, position: int, at: datetime) -> bool:
        """Hides an execution from every list; the run's own figures stay as they are."""
        statement = (
            self._scope.change(run_items)
            .where(run_items.c.run_id == run_key, run_items.c.position == position)
            .where(run_items.c.deleted_at.is_(None))
            .values(deleted_at=at)
        )
        return self._scope.database.write(lambda c: c.execute(statement).rowcount == 1)

    def _places(self, wall: Table = run_items) -> Select[Any]:
        """The places of runs; the table that says whose they are is the one they are found by."""
        moment = func.coalesce(executions.c.finished_at, runs.c.finished_at, runs.c.created_at)
        return (
            self._scope.rows(
                wall,
                run_items.c.run_id.label("run_key"),
                run_items.c.position.label("place"),
                items.c.public_id.label("item_public_id"),
                item_revisions.c.content,
                moment.label("moment"),
                executions,
            )
            .select_from(run_items)
            .join(runs, runs.c.id == run_items.c.run_id)
            .join(item_revisions, item_revisions.c.id == run_items.c.revision_id)
            .outerjoin(items, items.c.id == run_items.c.item_id)
            .outerjoin(
                executions,
                and_(
                    executions.c.run_id == run_items.c.run_id,
                    executions.c.position == run_items.c.position,
                ),
            )
            .where(run_items.c.deleted_at.is_(None))
        )

    def _conditions(self, wanted: ExecutionFilter) -> list[Any]:
        conditions: list[Any] = [runs.c.kind == wanted.kind]
        if wanted.run is not None:
            key = self._scope.key_of(runs, wanted.run)
            conditions.append(run_items.c.run_id == (key or -1))
        if wanted.target is not None:
            key = self._scope.key_of(targets, wanted.target)
            conditions.append(runs.c.target_id == (key or -1))
        if wanted.purposes is not None:
            conditions.append(runs.c.purpose.in_(sorted(wanted.purposes)))
        if wanted.status is not None:
            conditions.append(_STATUS[wanted.status])
        if wanted.file_name_contains:
            text = wanted.file_name_contains.lower()
            conditions.append(item_revisions.c.file_name.contains(text, autoescape=True))
        return conditions

    def _by_creation(
        self,
        connection: Connection,
        wanted: ExecutionFilter,
        conditions: list[Any],
        request: PageRequest,
    ) -> list[Any]:
        order = [run_items.c.run_id, run_items.c.position]
        if wanted.run is not None:
            # Within one run its place alone leads the index to where the page begins.
            order = order[1:]
            request = replace(request, after=request.after and request.after[1:])
        chosen = key_set(self._places().where(*conditions), request, *order)
        return list(connection.execute(chosen))

    def _by_update(
        self, connection: Connection, source: Table, conditions: list[Any], request: PageRequest
    ) -> list[Any]:
        finished = key_set(
            self._places(source).where(*conditions, ~_UNFINISHED),
            request,
            executions.c.finished_at,
            executions.c.run_id,
            executions.c.position,
        )
        unfinished = key_set(
            self._places(runs).where(*conditions, _UNFINISHED, runs.c.status.in_(_WITH_OPEN_ITEMS)),
            request,
            func.coalesce(runs.c.finished_at, runs.c.created_at),
            run_items.c.run_id,
            run_items.c.position,
        )
        streams = [list(connection.execute(stream)) for stream in (finished, unfinished)]
        merged = heapq.merge(
            *streams,
            key=lambda row: (row.moment, row.run_key, row.place),
            reverse=request.descending,
        )
        return list(merged)[: request.size + 1]

    def _items(self, connection: Connection, rows: list[Any]) -> list[RunItem]:
        if not rows:
            return []
        statement = self._scope.rows(runs).where(runs.c.id.in_({row.run_key for row in rows}))
        found = {row.id: to_run(row) for row in connection.execute(statement)}
        return [
            RunItem(
                run=found[row.run_key],
                position=row.place,
                item=row.item_public_id,
                content=convert.content(row.content),
                execution=None if row.outcome is None else to_execution(row),
            )
            for row in rows
        ]
