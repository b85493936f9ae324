"""One suite for the pools; what only processes can do has its own part.

Jobs are functions a child can import: it does not know this file.
"""

from __future__ import annotations

import asyncio
import ctypes
import itertools
import operator
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from evaluand.engine.child import Outcome
from evaluand.engine.failures import READING, Failures
from evaluand.engine.pool import ProcessPool
from evaluand.errors import (
    DocumentUnreadable,
    NotFound,
    Overloaded,
    ReadingStopped,
    Unavailable,
    Unprocessable,
)
from evaluand.ports import Pool
from evaluand.testing.pool import InlinePool

MEMORY_MB = 512
# What "promptly" means here: a busy machine included, a timeout of seconds excluded.
PROMPTLY_S = 3.0


@pytest.fixture(scope="module", params=[ProcessPool, InlinePool])
def pool(request: pytest.FixtureRequest) -> Iterator[ProcessPool | InlinePool]:
    made = ProcessPool(processes=1) if request.param is ProcessPool else InlinePool()
    yield made
    made.close()


@pytest.fixture
def processes() -> Iterator[ProcessPool]:
    made = ProcessPool(processes=1, memory_mb=MEMORY_MB)
    yield made
    made.close()


def fails_with(error: NotFound | DocumentUnreadable) -> tuple[object, Outcome]:
    return READING.unpack, Outcome(error=error)


class TestEveryPool:
    def test_gives_what_the_function_returns(self, pool: Pool) -> None:
        assert asyncio.run(pool.run(operator.add, 1, 2, timeout_s=60)) == 3

    def test_raises_the_errors_meant_to_be_shown_whole(self, pool: Pool) -> None:
        function, argument = fails_with(NotFound("no such file", field="file"))
        with pytest.raises(NotFound, match="no such file") as caught:
            asyncio.run(pool.run(function, argument))  # type: ignore[arg-type]
        assert caught.value.field == "file"

    def test_names_an_unforeseen_error(self, pool: Pool) -> None:
        with pytest.raises(DocumentUnreadable, match="ValueError: invalid literal") as caught:
            asyncio.run(pool.run(int, "seven"))
        assert "save or print it anew" in str(caught.value)

    def test_tells_that_time_is_up_and_which_setting_allows_more(self, pool: Pool) -> None:
        with pytest.raises(ReadingStopped, match=r"after 0.2 s.*EVALUAND_DOCUMENT_TIMEOUT_S"):
            asyncio.run(pool.run(time.sleep, 1, timeout_s=0.2))

    def test_tells_that_memory_is_up_and_which_setting_allows_more(self, pool: Pool) -> None:
        with pytest.raises(ReadingStopped, match="EVALUAND_DOCUMENT_MEMORY_MB"):
            asyncio.run(pool.run(bytes, 2**60))

    def test_goes_on_after_failures(self, pool: Pool) -> None:
        for bad in (int, operator.truediv):
            with pytest.raises(DocumentUnreadable):
                asyncio.run(pool.run(bad, "x", "y"))
        assert asyncio.run(pool.run(operator.add, 1, 2)) == 3

    def test_runs_jobs_of_several_callers(self, pool: Pool) -> None:
        async def three() -> list[int]:
            return await asyncio.gather(*(pool.run(operator.mul, n, n) for n in range(3)))

        assert asyncio.run(three()) == [0, 1, 4]


@pytest.mark.parametrize("kind", [ProcessPool, InlinePool])
def test_a_closed_pool_is_unavailable(kind: type[ProcessPool] | type[InlinePool]) -> None:
    pool = ProcessPool(processes=1) if kind is ProcessPool else InlinePool()
    pool.close()
    with pytest.raises(Unavailable):
        asyncio.run(pool.run(operator.add, 1, 2))


class TestProcesses:
    def test_keep_what_they_have_loaded(self, processes: ProcessPool) -> None:
        first = asyncio.run(processes.run(os.getpid))
        assert asyncio.run(processes.run(os.getpid)) == first != os.getpid()

    def test_leave_interrupts_to_the_parent_from_their_first_moment(
        self, processes: ProcessPool
    ) -> None:
        blocked = asyncio.run(
            processes.run(signal.pthread_sigmask, signal.SIG_BLOCK, set[signal.Signals]())
        )
        assert blocked == {signal.SIGINT}

    def test_are_ended_when_time_is_up_even_in_c_code(self, processes: ProcessPool) -> None:
        child = asyncio.run(processes.run(os.getpid))
        begun = time.monotonic()
        with pytest.raises(ReadingStopped):
            # Never gives Python a turn, so only the system can end it.
            asyncio.run(processes.run(sum, itertools.count(), timeout_s=0.3))
        assert time.monotonic() - begun < PROMPTLY_S
        assert not psutil.pid_exists(child)
        assert asyncio.run(processes.run(operator.add, 1, 2)) == 3

    def test_cannot_take_more_memory_than_allowed(self, processes: ProcessPool) -> None:
        with pytest.raises(ReadingStopped, match=f"{MEMORY_MB} MB"):
            asyncio.run(processes.run(bytes, (MEMORY_MB + 1) * 2**20))
        assert asyncio.run(processes.run(operator.add, 1, 2)) == 3

    @pytest.mark.parametrize(
        ("function", "argument", "how"),
        [
            (os._exit, 7, "exit code 7"),
            (ctypes.string_at, 0, "SIGSEGV"),
        ],
    )
    def test_that_crash_are_replaced(
        self, processes: ProcessPool, function: object, argument: int, how: str
    ) -> None:
        with pytest.raises(DocumentUnreadable, match=how) as caught:
            asyncio.run(processes.run(function, argument))  # type: ignore[arg-type]
        assert not isinstance(caught.value, ReadingStopped)
        assert asyncio.run(processes.run(operator.add, 1, 2)) == 3

    @pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGABRT])
    def test_that_end_for_want_of_memory_say_so(
        self, processes: ProcessPool, how: signal.Signals
    ) -> None:
        with pytest.raises(ReadingStopped, match=f"more than {MEMORY_MB} MB of memory"):
            asyncio.run(processes.run(signal.raise_signal, how))

    def test_killed_while_idle_are_replaced_unnoticed(self, processes: ProcessPool) -> None:
        os.kill(asyncio.run(processes.run(os.getpid)), signal.SIGKILL)
        assert asyncio.run(processes.run(operator.add, 1, 2)) == 3

    def test_are_ended_with_the_caller(self, processes: ProcessPool) -> None:
        async def cancelled() -> tuple[int, float]:
            child = await processes.run(os.getpid)
            job = asyncio.create_task(processes.run(time.sleep, 60))
            await asyncio.sleep(0.3)
            begun = time.monotonic()
            job.cancel()
            with pytest.raises(asyncio.CancelledError):
                await job
            assert await processes.run(operator.add, 1, 2) == 3
            return child, time.monotonic() - begun

        child, took = asyncio.run(cancelled())
        assert took < PROMPTLY_S
        assert not psutil.pid_exists(child)

    def test_callers_that_leave_while_they_wait_leave_no_trace(
        self, processes: ProcessPool
    ) -> None:
        async def scene() -> int:
            first = asyncio.create_task(processes.run(time.sleep, 0.5))
            waiting = asyncio.create_task(processes.run(os.getpid))
            await asyncio.sleep(0.1)
            waiting.cancel()
            await first
            return await processes.run(operator.add, 1, 2)

        assert asyncio.run(scene()) == 3

    def test_too_many_waiting_jobs_are_refused(self) -> None:
        pool = ProcessPool(processes=1, max_waiting=1)

        async def crowd() -> list[object]:
            jobs = (pool.run(time.sleep, 0.3) for _ in range(3))
            return await asyncio.gather(*jobs, return_exceptions=True)

        try:
            results = asyncio.run(crowd())
        finally:
            pool.close()
        assert [type(result) for result in results] == [type(None), type(None), Overloaded]

    def test_close_ends_children_and_their_jobs(self) -> None:
        pool = ProcessPool(processes=2)

        async def closed_at_work() -> int:
            child = await pool.run(os.getpid)
            job = asyncio.create_task(pool.run(time.sleep, 60))
            await asyncio.sleep(0.3)
            await asyncio.to_thread(pool.close)
            with pytest.raises(Unavailable, match="shutting down"):
                await job
            return child

        child = asyncio.run(closed_at_work())
        assert not psutil.pid_exists(child)

    def test_a_result_that_cannot_travel_is_the_programmers_error(
        self, processes: ProcessPool
    ) -> None:
        with pytest.raises(TypeError, match="pickle"):
            asyncio.run(processes.run(threading.Lock))
        assert asyncio.run(processes.run(operator.add, 1, 2)) == 3

    def test_failures_of_other_work_have_other_words(self) -> None:
        scoring = Failures(
            stopped=Unprocessable,
            crashed=Unprocessable,
            work="Scoring",
            advice="shorten the texts",
            timeout_setting="EVALUAND_SCORING_TIMEOUT_S",
            memory_setting="EVALUAND_SCORING_MEMORY_MB",
        )
        pool = ProcessPool(processes=1, failures=scoring)
        try:
            with pytest.raises(Unprocessable, match=r"Scoring .*EVALUAND_SCORING_TIMEOUT_S"):
                asyncio.run(pool.run(time.sleep, 60, timeout_s=0.1))
        finally:
            pool.close()


SERVER = """
    import asyncio, contextlib, itertools, os, time
    from evaluand.engine.pool import ProcessPool

    async def main():
        pool = ProcessPool(processes=2)
        print(await pool.run(os.getpid), flush=True)
        try:
            await pool.run({job})
        finally:
            pool.close()

    if __name__ == "__main__":
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(main())
"""


class TestParents:
    """A server with a child at work, in its own process group like under a shell."""

    @pytest.fixture(params=["time.sleep, 60", "sum, itertools.count()"])
    def server(self, request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[str], int]]:
        code = textwrap.dedent(SERVER).format(job=request.param)
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        child = int(process.stdout.readline())
        time.sleep(0.3)  # into the job
        yield process, child
        process.kill()
        process.communicate()

    def test_killed_take_their_children_along(
        self, server: tuple[subprocess.Popen[str], int]
    ) -> None:
        process, child = server
        process.kill()
        assert ends(child)

    def test_interrupted_end_their_children_quietly(
        self, server: tuple[subprocess.Popen[str], int]
    ) -> None:
        process, child = server
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert ends(child)
        assert errors == ""


def ends(pid: int) -> bool:
    """Whether a process ends promptly. An orphan may stay in the table until it is reaped."""
    deadline = time.monotonic() + PROMPTLY_S
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False
