"""The embedded engine: runs chunks inside the server or the command line. It has no state to lose.

Whatever is open in the ledger is work to do, whoever put it there; a wake-up only saves waiting.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from evaluand.engine.recorder import Recorder
from evaluand.engine.worker import Worker, WorkerParts
from evaluand.ports import ChunkHint

logger = logging.getLogger(__name__)

# Chunks at a time: enough that a run with slow calls does not hold up the next one.
_SLOTS = 4
# Runs that another process created or cancelled are seen within that time.
_LOOK_AGAIN_S = 0.5
# Calls in flight when their run is cancelled get that long to deliver what is paid for.
_CANCEL_GRACE_S = 0.6
_ATTEMPTS = 5
_PAUSE_AFTER_FAULT_S = 1.0


class EmbeddedEngine:
    """Fits :class:`evaluand.ports.Engine`; ``submit`` and ``cancel`` may come from any thread."""

    def __init__(self, parts: WorkerParts) -> None:
        self._ledger = parts.ledger
        self._recorder = Recorder(parts.ledger, self._stop_run)
        self._worker = Worker(parts, self._recorder)
        self._active: dict[ChunkHint, asyncio.Task[None]] = {}
        self._stops: dict[int, asyncio.Event] = {}
        self._faults: dict[ChunkHint, int] = {}
        self._killers: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def submit(self, run: int) -> None:
        """Looks for open chunks at once."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    def cancel(self, run: int) -> None:
        """Stops the run's chunks within a second."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop_run, run)

    async def start(self) -> None:
        """Takes up every unfinished run and waits for new ones."""
        self._loop = asyncio.get_running_loop()
        self._recorder.start()
        for run in await asyncio.to_thread(self._ledger.runs_to_finish):
            await self._worker.finish(run)
        self._task = asyncio.create_task(self._work(), name="embedded-engine")

    async def stop(self, drain_s: float) -> None:
        """Starts nothing new, waits up to ``drain_s`` for calls in flight, writes what is there."""
        self._closing = True
        self._wake.set()
        for stop in self._stops.values():
            stop.set()
        if self._task is not None:
            await self._task
        if self._active:
            await asyncio.wait(self._active.values(), timeout=drain_s)
        for task in self._active.values():
            task.cancel()
        await asyncio.gather(*self._active.values(), return_exceptions=True)
        await self._recorder.close()

    async def _work(self) -> None:
        while not self._closing:
            self._wake.clear()
            try:
                await self._look()
            except Exception:
                logger.exception("the engine could not look for work; it will try again")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _LOOK_AGAIN_S)

    async def _look(self) -> None:
        if self._active:
            active = {hint.run for hint in self._active}
            for run in await asyncio.to_thread(self._ledger.cancelled_among, active):
                self._stop_run(run)
        free = _SLOTS - len(self._active)
        if free > 0:
            busy = tuple(self._active)
            for hint in await asyncio.to_thread(self._ledger.open_chunks, free, busy):
                self._begin(hint)

    def _begin(self, hint: ChunkHint) -> None:
        stop = self._stops.setdefault(hint.run, asyncio.Event())
        task = asyncio.create_task(self._chunk(hint, stop), name=f"chunk-{hint.run}-{hint.number}")
        self._active[hint] = task
        task.add_done_callback(lambda _: self._ended(hint))

    async def _chunk(self, hint: ChunkHint, stop: asyncio.Event) -> None:
        try:
            await self._worker.run(hint, stop)
        except Exception as error:
            faults = self._faults[hint] = self._faults.get(hint, 0) + 1
            logger.exception("chunk %s failed for the %d. time", hint, faults)
            if faults >= _ATTEMPTS:
                await self._worker.give_up(hint, error)
            await asyncio.sleep(_PAUSE_AFTER_FAULT_S)

    def _ended(self, hint: ChunkHint) -> None:
        del self._active[hint]
        if not any(other.run == hint.run for other in self._active):
            self._stops.pop(hint.run, None)
        self._wake.set()

    def _stop_run(self, run: int) -> None:
        stop = self._stops.get(run)
        if stop is not None and not stop.is_set():
            stop.set()
            killer = asyncio.create_task(self._kill_later(run))
            self._killers.add(killer)
            killer.add_done_callback(self._killers.discard)

    async def _kill_later(self, run: int) -> None:
        tasks = [task for hint, task in self._active.items() if hint.run == run]
        if tasks:
            await asyncio.wait(tasks, timeout=_CANCEL_GRACE_S)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._recorder.flush()
        await asyncio.to_thread(self._ledger.settle_calls, run)
