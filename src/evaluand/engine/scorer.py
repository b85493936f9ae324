"""The scorer: gathers what is answered at the same time and measures it off the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple

from evaluand.domain.model import ItemContent, Json, Score, Suite
from evaluand.engine.scoring import Answered, Lookup, measure_batch, not_measured
from evaluand.errors import EvaluandError, Overloaded, Unavailable
from evaluand.ports import Pool

logger = logging.getLogger(__name__)

# Enough items that a child process is busy with measuring, not with being asked.
_BATCH = 50
# The pool is full of uploads, or could not start a child just now.
_PAUSE_WHEN_BUSY_S = 0.5

_Scores = tuple[Score, ...]


class _Waiting(NamedTuple):
    """An item in the queue, and who waits for its scores."""

    answered: Answered
    future: asyncio.Future[_Scores]


class Scorer:
    """Measures the items of one chunk, as a context: leaving it ends what is still measured.

    A batch leaves as soon as the previous one is back. When a batch cannot be measured, its items
    are measured one by one; the one at fault gets scores that say so.
    """

    def __init__(
        self, *, pool: Pool, lookup: Lookup, config: Json, suite: Suite, timeout_s: float
    ) -> None:
        self._pool = pool
        self._lookup = lookup
        self._config = config
        self._suite = suite
        self._timeout_s = timeout_s
        self._queue: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Scorer:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def score(self, content: ItemContent, output: Json | None) -> _Scores:
        """The scores of one item, one for each metric, measured or not."""
        if not self._suite.metrics:
            return ()
        waiting = _Waiting(Answered(content, output), asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name="scorer")
        return await waiting.future

    async def _drain(self) -> None:
        while self._queue:
            batch, self._queue = self._queue[:_BATCH], self._queue[_BATCH:]
            try:
                await self._measure(batch)
            except asyncio.CancelledError:
                for _, future in batch:
                    future.cancel()
                raise

    async def _measure(self, batch: Sequence[_Waiting]) -> None:
        try:
            scores = await self._in_child([waiting.answered for waiting in batch])
        except Exception as error:
            if len(batch) > 1:
                for waiting in batch:
                    await self._measure([waiting])
                return
            logger.exception("an item could not be measured")
            scores = [self._unmeasured(error)]
        for (_, future), result in zip(batch, scores, strict=True):
            if not future.done():
                future.set_result(result)

    async def _in_child(self, batch: Sequence[Answered]) -> list[_Scores]:
        while True:
            try:
                return await self._pool.run(
                    measure_batch,
                    self._lookup,
                    self._config,
                    self._suite,
                    batch,
                    timeout_s=self._timeout_s,
                )
            except (Overloaded, Unavailable) as error:
                logger.warning("measuring waits: %s", error.message)
                await asyncio.sleep(_PAUSE_WHEN_BUSY_S)

    def _unmeasured(self, error: Exception) -> _Scores:
        told = error.message if isinstance(error, EvaluandError) else repr(error)
        return tuple(not_measured(metric, told) for metric in self._suite.metrics)
