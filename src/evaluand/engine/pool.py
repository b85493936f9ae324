"""Child processes that do what may hang, crash or take all memory: reading other people's files.

Each lane is one child with its own channel, kept by pebble. Lanes share nothing, so the death of
one child cannot hold a lock another one waits for. A child lives on from job to job, so that what
it has loaded stays loaded, and lanes are taken last-in first-out: a quiet server keeps one child.

Children are spawned, not forked: the server runs threads, and a fork would copy locks they hold.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from typing import Any, TypeVar, cast

import pebble

from evaluand.engine.child import guarded, prepare
from evaluand.engine.failures import READING, Failures
from evaluand.errors import Overloaded, Unavailable

T = TypeVar("T")

# Libraries leak; a fresh child after this many jobs costs one start, a few seconds, in minutes.
JOBS_PER_CHILD = 500
# Jobs that wait hold their callers' memory. More than this is not patience but a pile-up.
MAX_WAITING = 1000


class ProcessPool:
    """Runs functions in child processes; fits :class:`evaluand.ports.Pool`.

    A job that takes longer than its time is ended with its child, a child that wants more than
    ``memory_mb`` is ended too, and so is the child of a job whose caller is cancelled. The pool
    lives on: the next job gets a new child.
    """

    def __init__(
        self,
        *,
        processes: int,
        memory_mb: int | None = None,
        max_waiting: int = MAX_WAITING,
        failures: Failures = READING,
    ) -> None:
        self._lanes = [_Lane(memory_mb) for _ in range(processes)]
        self._idle = list(self._lanes)
        self._free = asyncio.Semaphore(processes)
        self._waiting = 0
        self._max_waiting = max_waiting
        self._memory_mb = memory_mb
        self._failures = failures
        self._closed = False

    async def run(
        self, function: Callable[..., T], *args: Any, timeout_s: float | None = None
    ) -> T:
        """What ``function(*args)`` returns; both must be picklable.

        The time counts from when a child takes the job. Raises what the function raises when that
        is an EvaluandError; the pool's failures for anything else, a timeout, a crash or too much
        memory; Overloaded when too many jobs wait; Unavailable once the pool is closed.
        """
        async with self._lane() as lane:
            try:
                outcome = await lane.run(guarded, function, args, timeout_s=timeout_s)
            except TimeoutError as error:
                raise self._failures.too_slow(timeout_s or 0.0) from error
            except pebble.ProcessExpired as error:
                raise self._failures.died(error.exitcode, self._memory_mb) from error
            except BrokenProcessPool as error:
                raise Unavailable(f"no child process could be started: {error}") from error
            if outcome.out_of_memory:
                # What is left of the child's memory is in pieces.
                await asyncio.to_thread(lane.discard)
                raise self._failures.too_large(self._memory_mb)
        return cast("T", self._failures.unpack(outcome))

    @contextlib.asynccontextmanager
    async def _lane(self) -> AsyncIterator[_Lane]:
        if self._waiting >= self._max_waiting:
            raise Overloaded(f"{self._waiting} jobs wait for a child process: try again later")
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        lane = self._idle.pop()
        try:
            self._check_open()
            yield lane
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and not task.cancelling():
                self._check_open()  # it was the pool that cancelled the job
            raise
        finally:
            self._idle.append(lane)
            self._free.release()

    def _check_open(self) -> None:
        if self._closed:
            raise Unavailable("the server is shutting down: try again when it is back")

    def close(self) -> None:
        """Ends all children, and with them the jobs they work on. Blocks for some tenths."""
        self._closed = True
        for lane in self._lanes:
            lane.discard()


class _Lane:
    """One child at a time, started when it is needed, and its job."""

    def __init__(self, memory_mb: int | None) -> None:
        self._memory_mb = memory_mb
        self._pool: pebble.ProcessPool | None = None
        self._job: Future[Any] | None = None

    async def run(self, function: Callable[..., T], *args: Any, timeout_s: float | None) -> T:
        try:
            return await self._run(function, args, timeout_s)
        except BrokenProcessPool:
            # The child died while it was idle; the job never began.
            return await self._run(function, args, timeout_s)

    async def _run(
        self, function: Callable[..., T], args: tuple[Any, ...], timeout_s: float | None
    ) -> T:
        pool = self._pool
        if pool is None or not pool.active:
            pool = await asyncio.to_thread(self._start)
        job = self._job = pool.schedule(function, args=args, timeout=timeout_s)
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            # The child may be deep in the job, or just done with it: pebble cannot tell in time,
            # so the whole lane goes and nothing of the old job can meet the next one.
            await asyncio.shield(asyncio.to_thread(self.discard))
            raise
        except BrokenProcessPool:
            await asyncio.to_thread(self.discard)
            raise
        finally:
            self._job = None

    def _start(self) -> pebble.ProcessPool:
        self.discard()
        pool = pebble.ProcessPool(
            max_workers=1,
            max_tasks=JOBS_PER_CHILD,
            initializer=prepare,
            initargs=(self._memory_mb,),
            context=multiprocessing.get_context("spawn"),
        )
        with _interrupts_blocked():
            # Asking whether it is active starts the child.
            if not pool.active:
                raise BrokenProcessPool("the child process did not start")
        self._pool = pool
        return pool

    def discard(self) -> None:
        """Ends the child and the job it works on."""
        pool, self._pool = self._pool, None
        if self._job is not None:
            self._job.cancel()
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Ctrl-C reaches the whole process group; children born in here leave it to the parent.

    Threads inherit the mask, so the children that pebble's threads start later have it too.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # Starting this helper of multiprocessing would lift the block again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
