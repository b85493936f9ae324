"""The worker: takes a chunk, asks the target, measures, records. The same object everywhere.

What is left to do is read from the ledger, so a chunk may be taken any number of times: items with
a result are skipped, answers that are recorded are not asked for again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from evaluand.domain.model import Answer, Failure
from evaluand.engine.calls import CallScope, LedgerCaller
from evaluand.engine.closing import Closing, ResultsMissing
from evaluand.engine.recorder import Recorder
from evaluand.engine.results import checked, item_result
from evaluand.engine.retries import RetryPolicy
from evaluand.engine.scorer import Scorer
from evaluand.engine.scoring import Lookup, not_measured
from evaluand.errors import EvaluandError, Overloaded, Unavailable
from evaluand.ports import (
    CallFailed,
    Catalog,
    ChunkHint,
    ChunkWork,
    Clock,
    Http,
    Ledger,
    Meter,
    OpenItem,
    Pool,
    TargetEngine,
)

logger = logging.getLogger(__name__)

# Too much at once on this machine is no fault of the item: it waits and tries again.
_BUSY = frozenset({Overloaded.code, Unavailable.code})
_PAUSE_WHEN_BUSY_S = 1.0


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
    scoring_timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A chunk in the works: what its items are asked of and measured by."""

    work: ChunkWork
    engine: TargetEngine
    scorer: Scorer
    stopping: asyncio.Event


class Worker:
    """Runs chunks. ``recorder`` is shared by all chunks of the process."""

    def __init__(self, parts: WorkerParts, recorder: Recorder) -> None:
        self._parts = parts
        self._recorder = recorder
        self._closing = Closing(
            ledger=parts.ledger,
            evaluators=parts.evaluators,
            pool=parts.pool,
            clock=parts.clock,
        )

    async def run(self, hint: ChunkHint, stopping: asyncio.Event) -> None:
        """Works on one chunk to its end, or until ``stopping`` is set and its calls are in.

        Raises only when the chunk as a whole cannot go on, for instance without a database.
        """
        work = await self._take(hint)
        if work is None:
            return
        finished = await self._fan_out(work, stopping)
        await self._recorder.flush()
        if finished:
            await self._closing.close(hint, work)
        elif not stopping.is_set():
            raise ResultsMissing("items were left without a result, though nobody stopped the work")

    async def finish(self, run: int) -> None:
        """Computes the summary of a run without open chunks and ends it, once."""
        await self._closing.finish(run)

    async def abandon(self, run: int, error: BaseException) -> None:
        """Ends a run whose summary fails again and again; what its items have stays."""
        await self._closing.abandon(run, error)

    async def give_up(self, hint: ChunkHint, error: BaseException) -> None:
        """Turns what is left of a chunk that fails again and again into error rows."""
        work = await self._take(hint)
        if work is None:
            return
        message = f"The chunk could not be worked on: {type(error).__name__}: {error}"
        answer = Answer(failure=Failure(reason="internal_error", message=message))
        scores = tuple(not_measured(metric, message) for metric in work.snapshot.suite.metrics)
        for item in work.items:
            now = self._parts.clock.now()
            await self._recorder.result(item_result(work, item, answer, scores, (now, now)))
        await self._recorder.flush()
        await self._closing.give_up(hint, work, message)

    async def _take(self, hint: ChunkHint) -> ChunkWork | None:
        # Answers of an earlier try of this chunk may still wait to be written: to take it before
        # they are would be to ask for them again.
        await self._recorder.flush()
        parts = self._parts
        return await asyncio.to_thread(parts.ledger.take_chunk, hint, parts.clock.now())

    async def _fan_out(self, work: ChunkWork, stopping: asyncio.Event) -> bool:
        parts, snapshot = self._parts, work.snapshot
        engine = parts.catalog.engine(snapshot.kind, snapshot.config)
        queue = deque(work.items)
        recorded: list[int] = []

        async def lane(job: _Job) -> None:
            while queue and not stopping.is_set():
                item = queue.popleft()
                if await self._item(job, item):
                    recorded.append(item.position)

        scorer = Scorer(
            pool=parts.pool,
            lookup=parts.evaluators,
            config=snapshot.config,
            suite=snapshot.suite,
            timeout_s=parts.scoring_timeout_s,
        )
        job = _Job(work=work, engine=engine, scorer=scorer, stopping=stopping)
        lanes = min(engine.lanes, parts.max_lanes, len(queue))
        async with scorer, asyncio.TaskGroup() as group:
            for _ in range(lanes):
                group.create_task(lane(job))
        return len(recorded) == len(work.items)

    async def _item(self, job: _Job, item: OpenItem) -> bool:
        """Whether the item has a result now; it has none if the work stopped before its calls."""
        caller = self._caller(job, item)
        started = self._parts.clock.now()
        answer = await self._answer(job, item, caller)
        if answer is None:
            return False
        times = started, self._parts.clock.now()
        scores = await job.scorer.score(item.content, answer.output)
        result = item_result(job.work, item, answer, scores, times, caller)
        await self._recorder.result(result)
        return True

    async def _answer(self, job: _Job, item: OpenItem, caller: LedgerCaller) -> Answer | None:
        if item.missing_file is not None:
            message = f"The file {item.missing_file!r} was deleted after the run was created."
            return Answer(failure=Failure(reason="file_deleted", message=message))
        while True:
            answer = await self._ask(job, item, caller)
            busy = answer.failure is not None and answer.failure.reason in _BUSY
            if caller.asked or not busy:
                return answer
            logger.warning("item %d waits for this machine", item.position)
            if job.stopping.is_set():
                return None
            await asyncio.sleep(_PAUSE_WHEN_BUSY_S)

    async def _ask(self, job: _Job, item: OpenItem, caller: LedgerCaller) -> Answer:
        snapshot, engine = job.work.snapshot, job.engine
        try:
            answer = await engine.run(snapshot.kind, snapshot.config, item.content, caller)
            return checked(answer)
        except CallFailed as failure:
            return Answer(failure=Failure(reason="target_error", message=failure.message))
        except EvaluandError as error:
            return Answer(failure=Failure(reason=error.code, message=error.message))
        except Exception as error:
            # A bug in an engine costs its item, never the run; the log has the trace.
            logger.exception("the engine %s failed on item %d", engine.name, item.position)
            message = f"The engine {engine.name!r} failed with {type(error).__name__}: {error}"
            return Answer(failure=Failure(reason="internal_error", message=message))

    def _caller(self, job: _Job, item: OpenItem) -> LedgerCaller:
        scope = CallScope(
            run=job.work.run,
            run_id=job.work.run_id,
            workspace=job.work.workspace,
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
            stopping=job.stopping,
        )
