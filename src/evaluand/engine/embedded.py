"""The embedded engine: runs chunks inside the server or the command line. It has no state to lose.

Whatever is open in the ledger is work to do, whoever put it there; a wake-up only saves waiting.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

from evaluand.engine.recorder import Recorder
from evaluand.engine.worker import Worker, WorkerParts
from evaluand.errors import Unavailable
from evaluand.ports import ChunkHint

logger = logging.getLogger(__name__)

# Chunks at a time. A run that has none under way gets one all the same, up to a bound of memory:
# a long run with slow calls does not hold up the next one.
_SLOTS = 4
_MOST_SLOTS = 16
# Runs that another process created or cancelled are seen within that time.
_LOOK_AGAIN_S = 0.5
# Calls in flight when their run is cancelled get that long to deliver what is paid for.
_CANCEL_GRACE_S = 0.6
_ATTEMPTS = 5
_PAUSE_AFTER_FAULT_S = 1.0

_Job = ChunkHint | int
"""A chunk to work on, or a run to finish."""


class EmbeddedEngine:
    """Fits :class:`evaluand.ports.Engine`; ``submit`` and ``cancel`` may come from any thread.

    ``allowed`` says whether this process may work yet; it is asked until it says yes.
    """

    def __init__(self, parts: WorkerParts, allowed: Callable[[], bool] = lambda: True) -> None:
        self._ledger = parts.ledger
        self._allowed = allowed
        self._recorder = Recorder(parts.ledger, self._stop_run)
        self._worker = Worker(parts, self._recorder)
        self._active: dict[_Job, asyncio.Task[None]] = {}
        self._stops: dict[int, asyncio.Event] = {}
        self._stopping: dict[int, asyncio.Task[None]] = {}
        self._faults: Counter[_Job] = Counter()
        self._wake = asyncio.Event()
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def submit(self, run: int) -> None:
        """Looks for open chunks at once."""
        self._soon(self._wake.set)

    def cancel(self, run: int) -> None:
        """Stops the run's chunks within a second."""
        self._soon(self._stop_run, run)

    async def start(self) -> None:
        """Takes up every unfinished run and waits for new ones."""
        if self._task is None:
            self._loop = asyncio.get_running_loop()
            self._recorder.start()
            self._task = asyncio.create_task(self._work(), name="embedded-engine")

    async def stop(self, drain_s: float) -> None:
        """Starts nothing new, waits up to ``drain_s`` for calls in flight, writes what is there."""
        self._closing = True
        if self._task is None:
            return
        self._stop_all()
        self._wake.set()
        await self._task
        # The last look may have begun another chunk.
        self._stop_all()
        tasks = {*self._active.values(), *self._stopping.values()}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=drain_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._recorder.close()

    def hurry(self) -> None:
        """Leaves the calls that ``stop`` waits for: their fate is unknown then."""
        self._soon(self._cut_off)

    def _cut_off(self) -> None:
        if self._closing:
            for task in self._active.values():
                task.cancel()

    def _soon(self, function: Callable[..., object], *arguments: Any) -> None:
        # A loop that is gone, at the end of a process, has nothing to be told.
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(function, *arguments)

    def _stop_all(self) -> None:
        for stop in self._stops.values():
            stop.set()

    async def _work(self) -> None:
        while not self._closing:
            self._wake.clear()
            try:
                if self._allowed():
                    await self._look()
            except Unavailable as error:
                logger.warning("the engine waits: %s", error.message)
            except Exception:
                logger.exception("the engine could not look for work; it will try again")
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN_S):
                    await self._wake.wait()

    async def _look(self) -> None:
        for run in await asyncio.to_thread(self._ledger.runs_to_settle):
            self._stop_run(run)
        under_way = self._runs_under_way()
        for run in await asyncio.to_thread(self._ledger.runs_to_finish):
            if run not in under_way:
                finish = partial(self._worker.finish, run)
                self._begin(run, run, finish, self._worker.abandon)
        busy = tuple(job for job in self._active if isinstance(job, ChunkHint))
        free = _MOST_SLOTS - len(busy)
        for hint in await asyncio.to_thread(self._ledger.open_chunks, free, busy):
            if self._has_turn(hint):
                stop = self._stops.setdefault(hint.run, asyncio.Event())
                work = partial(self._worker.run, hint, stop)
                self._begin(hint, hint.run, work, self._worker.give_up)

    def _has_turn(self, hint: ChunkHint) -> bool:
        if self._closing or hint.run in self._stopping:
            return False
        return len(self._active) < _SLOTS or hint.run not in self._runs_under_way()

    def _runs_under_way(self) -> set[int]:
        return {_run_of(job) for job in self._active} | self._stopping.keys()

    def _begin(
        self,
        job: Any,
        run: int,
        work: Callable[[], Awaitable[None]],
        give_up: Callable[[Any, BaseException], Awaitable[None]],
    ) -> None:
        task = asyncio.create_task(self._bounded(job, work, give_up), name=f"{job}")
        self._active[job] = task
        task.add_done_callback(lambda _: self._ended(job, run))

    async def _bounded(
        self,
        job: Any,
        work: Callable[[], Awaitable[None]],
        give_up: Callable[[Any, BaseException], Awaitable[None]],
    ) -> None:
        """Does a job; one that fails again and again is given up."""
        try:
            await work()
            self._faults.pop(job, None)
        except Unavailable as error:
            # The database or the machine is away: no fault of the job, which waits.
            logger.warning("%s waits: %s", job, error.message)
            await asyncio.sleep(_PAUSE_AFTER_FAULT_S)
        except Exception as error:
            self._faults[job] += 1
            logger.exception("%s failed for the %d. time", job, self._faults[job])
            try:
                if self._faults[job] >= _ATTEMPTS:
                    await self._given_up(job, error, give_up)
            finally:
                # Whatever happens, a job that fails is not taken up again at once.
                await asyncio.sleep(_PAUSE_AFTER_FAULT_S)

    async def _given_up(
        self,
        job: Any,
        error: Exception,
        give_up: Callable[[Any, BaseException], Awaitable[None]],
    ) -> None:
        try:
            await give_up(job, _cause(error))
        except Exception:
            logger.exception("%s could not even be given up: its run ends", job)
            await self._worker.abandon(_run_of(job), _cause(error))

    def _ended(self, job: _Job, run: int) -> None:
        del self._active[job]
        if run not in self._runs_under_way():
            self._stops.pop(run, None)
        self._wake.set()

    def _stop_run(self, run: int) -> None:
        if run not in self._stopping and not self._closing:
            task = asyncio.create_task(self._stopped(run), name=f"stop-{run}")
            self._stopping[run] = task
            task.add_done_callback(lambda _: self._settled(run))

    def _settled(self, run: int) -> None:
        del self._stopping[run]
        self._stops.pop(run, None)
        self._wake.set()

    async def _stopped(self, run: int) -> None:
        if run in self._stops:
            self._stops[run].set()
        tasks = [task for job, task in self._active.items() if _run_of(job) == run]
        if tasks:
            await asyncio.wait(tasks, timeout=_CANCEL_GRACE_S)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        try:
            await self._recorder.flush()
            await asyncio.to_thread(self._ledger.settle, run)
        except Unavailable as error:
            logger.warning("run %d is settled later: %s", run, error.message)


def _run_of(job: _Job) -> int:
    return job.run if isinstance(job, ChunkHint) else job


def _cause(error: BaseException) -> BaseException:
    """What really happened, out of the groups that task groups make of it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
