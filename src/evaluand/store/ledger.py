"""The ledger: what the engine reads and writes, for all workspaces.

Progress is never stored, it is derived: an item is done when it has an execution, a chunk when all
its items are, and a call whose answer is missing when its chunk is taken up again has an unknown
fate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from evaluand.domain.ids import PublicId
from evaluand.domain.model import ItemContent, Json, Outcome, Purpose, Run, RunStatus
from evaluand.ports import (
    CallKey,
    CallOutcome,
    ChunkHint,
    ChunkWork,
    Flush,
    ItemTally,
    OpenItem,
    RecordedCall,
)
from evaluand.store import convert
from evaluand.store.database import Database
from evaluand.store.flushing import write_group
from evaluand.store.rows import to_run
from evaluand.store.tables import (
    calls,
    chunks,
    executions,
    files,
    item_revisions,
    run_items,
    runs,
    scores,
)

# Databases limit the number of parameters of a statement.
_BATCH = 500
_UNFINISHED = (RunStatus.PENDING, RunStatus.RUNNING)
# Outputs may be megabytes; a fold needs none of them.
_DETAILS = select(scores.c.position, scores.c.metric, scores.c.detail)
_TALLIES = select(
    executions.c.position,
    executions.c.outcome,
    executions.c.failure_reason,
    executions.c.latency_ms,
    executions.c.pages,
)


class SqlLedger:
    """Fits :class:`evaluand.ports.Ledger`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_chunks(self, limit: int, exclude: Iterable[ChunkHint]) -> list[ChunkHint]:
        """Chunks of unfinished runs, the first open one of every run before any second one."""
        busy = set(exclude)
        turn = func.row_number().over(partition_by=chunks.c.run_id, order_by=chunks.c.number)
        statement = (
            select(chunks.c.run_id, chunks.c.number)
            .join(runs, runs.c.id == chunks.c.run_id)
            .where(chunks.c.closed.is_(False), runs.c.status.in_(_UNFINISHED))
            .order_by(runs.c.priority.desc(), turn, chunks.c.run_id)
            .limit(limit + len(busy))
        )
        with self._database.read() as connection:
            found = [ChunkHint(row.run_id, row.number) for row in connection.execute(statement)]
        return [hint for hint in found if hint not in busy][:limit]

    def take_chunk(self, hint: ChunkHint, at: datetime) -> ChunkWork | None:
        return self._database.write(lambda connection: _take(connection, hint, at))

    def commit(self, flush: Flush) -> Awaitable[frozenset[int]]:
        future = self._database.submit(lambda connection: write_group(connection, flush))
        return asyncio.wrap_future(future)

    def chunk_details(self, hint: ChunkHint) -> list[ItemTally]:
        with self._database.read() as connection:
            bounds = connection.execute(select(chunks).where(*_chunk(hint))).one()
            details: dict[int, dict[str, Json]] = {}
            for row in connection.execute(_within(_DETAILS, scores, hint.run, bounds)):
                details.setdefault(row.position, {})[row.metric] = row.detail
            statement = _within(_TALLIES, executions, hint.run, bounds)
            rows = list(connection.execute(statement.order_by(executions.c.position)))
        return [_to_tally(row, details.get(row.position, {})) for row in rows]

    def close_chunk(self, hint: ChunkHint, epoch: int, fold: Json, at: datetime) -> bool:
        def work(connection: Connection) -> bool:
            mine = update(chunks).where(
                *_chunk(hint), chunks.c.epoch == epoch, chunks.c.closed.is_(False)
            )
            done = mine.values(closed=True, fold=fold).returning(chunks)
            bounds = connection.execute(done).one_or_none()
            if bounds is None:
                return False
            # A target may have left a call before it was answered; its item has a result anyway.
            _mark_unknown(connection, hint.run, bounds)
            still_open = select(func.count()).where(
                chunks.c.run_id == hint.run, chunks.c.closed.is_(False)
            )
            return connection.execute(still_open).scalar_one() == 0

        return self._database.write(work)

    def folds(self, run: int) -> list[Json]:
        statement = select(chunks.c.fold).where(chunks.c.run_id == run).order_by(chunks.c.number)
        with self._database.read() as connection:
            return [fold for fold in connection.execute(statement).scalars() if fold is not None]

    def run(self, run: int) -> Run | None:
        with self._database.read() as connection:
            row = connection.execute(select(runs).where(runs.c.id == run)).one_or_none()
        return None if row is None else to_run(row)

    def finish(
        self, run: int, status: RunStatus, summary: Json | None, error: str | None, at: datetime
    ) -> bool:
        statement = (
            update(runs)
            .where(runs.c.id == run, runs.c.status.in_(_UNFINISHED))
            .values(status=status, summary=summary, failure=error, finished_at=at, updated_at=at)
        )
        return self._database.write(lambda c: c.execute(statement).rowcount == 1)

    def runs_to_settle(self) -> list[int]:
        statement = select(runs.c.id).where(
            runs.c.status == RunStatus.CANCELLED, runs.c.cancel_requested.is_(True)
        )
        with self._database.read() as connection:
            return list(connection.execute(statement.order_by(runs.c.id)).scalars())

    def runs_to_finish(self) -> list[int]:
        open_chunk = select(chunks.c.number).where(
            chunks.c.run_id == runs.c.id, chunks.c.closed.is_(False)
        )
        statement = select(runs.c.id).where(runs.c.status.in_(_UNFINISHED), ~open_chunk.exists())
        with self._database.read() as connection:
            return list(connection.execute(statement.order_by(runs.c.id)).scalars())

    def settle(self, run: int) -> None:
        def work(connection: Connection) -> None:
            asked = update(runs).where(runs.c.id == run, runs.c.status == RunStatus.CANCELLED)
            if connection.execute(asked.values(cancel_requested=False)).rowcount:
                _mark_unknown(connection, run)

        self._database.write(work)


def _chunk(hint: ChunkHint) -> tuple[Any, ...]:
    return chunks.c.run_id == hint.run, chunks.c.number == hint.number


def _within(statement: Any, table: Any, run: int, bounds: Any) -> Any:
    return statement.where(
        table.c.run_id == run, table.c.position >= bounds.first, table.c.position < bounds.last
    )


def _take(connection: Connection, hint: ChunkHint, at: datetime) -> ChunkWork | None:
    grown = (
        update(chunks)
        .where(*_chunk(hint), chunks.c.closed.is_(False))
        .values(epoch=chunks.c.epoch + 1)
    )
    bounds = connection.execute(grown.returning(chunks)).one_or_none()
    row = connection.execute(select(runs).where(runs.c.id == hint.run)).one_or_none()
    if bounds is None or row is None or RunStatus(row.status) not in _UNFINISHED:
        return None
    _start(connection, row, at)
    _mark_unknown(connection, hint.run, bounds)
    recorded = _recorded_calls(connection, hint.run, bounds)
    places = connection.execute(_open_items(hint.run, bounds)).all()
    contents = {place.position: convert.content(place.content) for place in places}
    deleted = _deleted_files(connection, row.workspace_id, contents.values())
    items = [
        OpenItem(
            position=position,
            content=content,
            calls=tuple(recorded.get(position, ())),
            missing_file=next((f.name for f in content.files if f.id in deleted), None),
        )
        for position, content in contents.items()
    ]
    return ChunkWork(
        run=hint.run,
        run_id=row.public_id,
        workspace=row.workspace_id,
        number=hint.number,
        epoch=bounds.epoch,
        size=bounds.last - bounds.first,
        snapshot=convert.snapshot(row.snapshot),
        purpose=Purpose(row.purpose),
        items=tuple(items),
    )


def _deleted_files(
    connection: Connection, workspace: int, contents: Iterable[ItemContent]
) -> set[PublicId]:
    used = list({file.id for content in contents for file in content.files})
    found: set[PublicId] = set()
    for start in range(0, len(used), _BATCH):
        statement = select(files.c.public_id).where(
            files.c.workspace_id == workspace,
            files.c.deleted_at.is_not(None),
            files.c.public_id.in_(used[start : start + _BATCH]),
        )
        found.update(connection.execute(statement).scalars())
    return found


def _start(connection: Connection, row: Any, at: datetime) -> None:
    if row.status == RunStatus.PENDING:
        started = row.started_at or at
        values = {"status": RunStatus.RUNNING, "started_at": started, "updated_at": at}
        connection.execute(update(runs).where(runs.c.id == row.id).values(values))


def _open_items(run: int, bounds: Any) -> Any:
    joined = (
        select(run_items.c.position, item_revisions.c.content)
        .join(item_revisions, item_revisions.c.id == run_items.c.revision_id)
        .where(~_has_result(run_items))
        .order_by(run_items.c.position)
    )
    return _within(joined, run_items, run, bounds)


def _mark_unknown(connection: Connection, run: int, bounds: Any = None) -> None:
    """Calls sent but never answered when their process ended: counted once, on the run."""
    everything = update(calls).where(calls.c.run_id == run)
    asked = everything if bounds is None else _within(update(calls), calls, run, bounds)
    lost = asked.where(calls.c.answered_at.is_(None), calls.c.fate_unknown.is_(False))
    count = connection.execute(lost.values(fate_unknown=True)).rowcount
    if count:
        change = update(runs).where(runs.c.id == run)
        connection.execute(change.values(unknown_calls=runs.c.unknown_calls + count))


def _recorded_calls(connection: Connection, run: int, bounds: Any) -> dict[int, list[RecordedCall]]:
    found: dict[int, list[RecordedCall]] = {}
    asked = _within(select(calls).where(~_has_result(calls)), calls, run, bounds)
    for row in connection.execute(asked.order_by(calls.c.attempt)):
        found.setdefault(row.position, []).append(_to_call(row))
    return found


def _has_result(table: Any) -> Any:
    """Whether the item of a row of ``table`` has an execution; its answers are needed no more."""
    mine = select(executions.c.run_id).where(
        executions.c.run_id == table.c.run_id, executions.c.position == table.c.position
    )
    return mine.exists()


def _to_call(row: Any) -> RecordedCall:
    key = CallKey(row.run_id, row.position, row.stage, row.sequence)
    outcome, took_ms = None, 0
    if row.answered_at is not None:
        took_ms = max(0, round((row.answered_at - row.intended_at).total_seconds() * 1000))
        outcome = CallOutcome(
            key=key,
            attempt=row.attempt,
            at=row.answered_at,
            status=row.status,
            body=row.body,
            failure=row.failure,
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            cost_usd=row.cost_usd,
        )
    return RecordedCall(
        key=key,
        attempt=row.attempt,
        request_digest=row.request_digest,
        outcome=outcome,
        took_ms=took_ms,
    )


def _to_tally(row: Any, details: dict[str, Json]) -> ItemTally:
    # Only answers have a latency: what failed, or was cancelled before it was tried, has none.
    latency = row.latency_ms if row.failure_reason is None else None
    return ItemTally(Outcome(row.outcome), latency, row.pages, details)
