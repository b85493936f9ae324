"""A pool without processes, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from evaluand.engine.child import guarded
from evaluand.engine.failures import READING, Failures
from evaluand.errors import Unavailable

T = TypeVar("T")


class InlinePool:
    """Fits :class:`evaluand.ports.Pool` with one thread: nothing is killed, nothing is bounded.

    A job past its time goes on in its thread, only its caller is told. Errors are those of the
    real pool.
    """

    def __init__(self, *, failures: Failures = READING) -> None:
        # One thread: PDFium cannot be used from two.
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inline-pool")
        self._failures = failures
        self._closed = False

    async def run(
        self, function: Callable[..., T], *args: Any, timeout_s: float | None = None
    ) -> T:
        """What ``function(*args)`` returns, with the errors of the real pool."""
        if self._closed:
            raise Unavailable("the pool is closed")
        job = asyncio.get_running_loop().run_in_executor(self._executor, guarded, function, args)
        try:
            outcome = await asyncio.wait_for(job, timeout_s)
        except TimeoutError as error:
            raise self._failures.too_slow(timeout_s or 0.0) from error
        if outcome.out_of_memory:
            raise self._failures.too_large(None)
        return cast("T", self._failures.unpack(outcome))

    def close(self) -> None:
        """Lets the running job finish, drops the waiting ones."""
        self._closed = True
        self._executor.shutdown(wait=True, cancel_futures=True)
