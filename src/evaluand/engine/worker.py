"""The worker: takes a chunk, asks the target, measures, records. The same object everywhere.

What is left to do is read from the ledger, so a chunk may be taken any number of times: items with
a result are skipped, answers that are recorded are not asked for again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from evaluand.domain.lifecycle import final_status, outcome_of
from evaluand.domain.model import Answer, Execution, Failure, Json, RunStatus, Score
from evaluand.engine.calls import CallScope, LedgerCaller, RetryPolicy
from evaluand.engine.recorder import Recorder
from evaluand.engine.scorer import Scorer
from evaluand.engine.scoring import Lookup, fold_chunk, summarise
from evaluand.errors import EvaluandError
from evaluand.ports import (
    CallFailed,
    Catalog,
    ChunkHint,
    ChunkWork,
    Clock,
    Http,
    ItemResult,
    Ledger,
    Meter,
    OpenItem,
    Pool,
    TargetEngine,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerParts:
    """What a worker works with."""

    ledger: Ledger
    catalog: Catalog
    evaluators: Lookup
    pool: Pool
    http: Http
    clock: Clock
    meter: Meter
    retries: RetryPolicy
    max_lanes: int


class Worker:
    """Runs chunks. ``recorder`` is shared by all chunks of the process."""

    def __init__(self, parts: WorkerParts, recorder: Recorder) -> None:
        self._parts = parts
        self._recorder = recorder

    async def run(self, hint: ChunkHint, stopping: asyncio.Event) -> None:
        """Works on one chunk to its end, or until ``stopping`` is set and its calls are in.

        Raises only when the chunk as a whole cannot go on, for instance without a database.
        """
        ledger, clock = self._parts.ledger, self._parts.clock
        work = await asyncio.to_thread(ledger.take_chunk, hint, clock.now())
        if work is None:
            return
        finished = await self._fan_out(work, stopping)
        await self._recorder.flush()
        if finished:
            await self._close(hint, work)

    async def finish(self, run: int) -> None:
        """Computes the summary of a run without open chunks and ends it, once."""
        parts = self._parts
        found = await asyncio.to_thread(parts.ledger.run, run)
        if found is None:
            return
        folds = await asyncio.to_thread(parts.ledger.folds, run)
        status = final_status(found.counters, found.item_count)
        error = None
        if status is RunStatus.FAILED:
            error = "Every item ended in an error; nothing was measured. See the single executions."
        summary: Json = await parts.pool.run(
            summarise, parts.evaluators, found.snapshot.config, found.snapshot.suite, folds
        )
        await asyncio.to_thread(parts.ledger.finish, run, status, summary, error, parts.clock.now())

    async def give_up(self, hint: ChunkHint, error: BaseException) -> None:
        """Turns what is left of a chunk that fails again and again into error rows."""
        parts = self._parts
        work = await asyncio.to_thread(parts.ledger.take_chunk, hint, parts.clock.now())
        if work is None:
            return
        message = f"The chunk could not be worked on: {type(error).__name__}: {error}"
        scorer = self._scorer(work)
        for item in work.items:
            answer = Answer(failure=Failure(reason="internal_error", message=message))
            now = parts.clock.now()
            await self._record(work, item, answer, None, now.timestamp(), scorer)
        await self._recorder.flush()
        await self._close(hint, work)

    async def _fan_out(self, work: ChunkWork, stopping: asyncio.Event) -> bool:
        snapshot = work.snapshot
        engine = self._parts.catalog.engine(snapshot.kind, snapshot.config)
        queue = deque(work.items)
        scorer = self._scorer(work)

        async def lane() -> None:
            while queue and not stopping.is_set():
                await self._item(work, queue.popleft(), engine, scorer)

        lanes = min(engine.lanes, self._parts.max_lanes, len(queue))
        async with asyncio.TaskGroup() as group:
            for _ in range(lanes):
                group.create_task(lane())
        return not queue

    def _scorer(self, work: ChunkWork) -> Scorer:
        return Scorer(
            self._parts.pool, self._parts.evaluators, work.snapshot.config, work.snapshot.suite
        )

    async def _item(
        self, work: ChunkWork, item: OpenItem, engine: TargetEngine, scorer: Scorer
    ) -> None:
        caller = self._caller(work, item)
        started = self._parts.clock.now().timestamp()
        answer = await self._answer(work, item, engine, caller)
        await self._record(work, item, answer, caller, started, scorer)

    async def _answer(
        self, work: ChunkWork, item: OpenItem, engine: TargetEngine, caller: LedgerCaller
    ) -> Answer:
        if item.missing_file is not None:
            message = f"The file {item.missing_file!r} was deleted after the run was created."
            return Answer(failure=Failure(reason="file_deleted", message=message))
        snapshot = work.snapshot
        try:
            return await engine.run(snapshot.kind, snapshot.config, item.content, caller)
        except CallFailed as failure:
            return Answer(failure=Failure(reason="target_error", message=failure.message))
        except EvaluandError as error:
            return Answer(failure=Failure(reason=error.code, message=error.message))
        except Exception as error:
            # A bug in an engine costs its item, never the run; the log has the trace.
            logger.exception("the engine %s failed on item %d", engine.name, item.position)
            message = f"The engine {engine.name!r} failed with {type(error).__name__}: {error}"
            return Answer(failure=Failure(reason="internal_error", message=message))

    async def _record(
        self,
        work: ChunkWork,
        item: OpenItem,
        answer: Answer,
        caller: LedgerCaller | None,
        started: float,
        scorer: Scorer,
    ) -> None:
        finished_at = self._parts.clock.now()
        scores: tuple[Score, ...] = await scorer.score(item.content, answer.output)
        usage = (caller or self._caller(work, item)).usage()
        elapsed_s = max(0.0, finished_at.timestamp() - started)
        execution = Execution(
            position=item.position,
            outcome=outcome_of(answer.failure is not None, scores),
            answer=answer,
            usage=usage,
            started_at=type(finished_at).fromtimestamp(started, finished_at.tzinfo),
            finished_at=finished_at,
            latency_ms=round(elapsed_s * 1000),
        )
        await self._recorder.result(
            ItemResult(
                run=work.run,
                workspace=work.workspace,
                execution=execution,
                scores=scores,
                reused_answers=caller.reused if caller else 0,
            )
        )

    def _caller(self, work: ChunkWork, item: OpenItem) -> LedgerCaller:
        scope = CallScope(
            run=work.run,
            run_id=work.run_id,
            workspace=work.workspace,
            position=item.position,
            stage="target",
            recorded=item.calls,
        )
        parts = self._parts
        return LedgerCaller(
            scope=scope,
            recorder=self._recorder,
            http=parts.http,
            clock=parts.clock,
            meter=parts.meter,
            policy=parts.retries,
        )

    async def _close(self, hint: ChunkHint, work: ChunkWork) -> None:
        parts = self._parts
        tallies = await asyncio.to_thread(parts.ledger.chunk_details, hint)
        if len(tallies) < work.size:
            # The run was cancelled meanwhile and took no more results.
            return
        fold: Json = await parts.pool.run(
            fold_chunk, parts.evaluators, work.snapshot.config, work.snapshot.suite, tallies
        )
        now = parts.clock.now()
        if await asyncio.to_thread(parts.ledger.close_chunk, hint, work.epoch, fold, now):
            await self.finish(hint.run)
