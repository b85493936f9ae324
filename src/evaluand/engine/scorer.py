"""The scorer: gathers what is answered at the same time and measures it off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from evaluand.domain.model import ItemContent, Json, Score, Suite
from evaluand.engine.scoring import Answered, Lookup, measure_batch
from evaluand.ports import Pool

# Enough items that a child process is busy with measuring, not with being asked.
_BATCH = 50


class Scorer:
    """Measures the items of one chunk. A batch leaves as soon as the previous one is back."""

    def __init__(self, pool: Pool, lookup: Lookup, config: Json, suite: Suite) -> None:
        self._pool = pool
        self._lookup = lookup
        self._config = config
        self._suite = suite
        self._queue: list[tuple[Answered, asyncio.Future[tuple[Score, ...]]]] = []
        self._busy = False

    async def score(self, content: ItemContent, output: Json | None) -> tuple[Score, ...]:
        """The scores of one item. Raises what kept the batch from being measured."""
        if not self._suite.metrics:
            return ()
        future: asyncio.Future[tuple[Score, ...]] = asyncio.get_running_loop().create_future()
        self._queue.append((Answered(content, output), future))
        if not self._busy:
            await self._drain()
        return await future

    async def _drain(self) -> None:
        """One lane carries the batches of all; the others wait for their futures."""
        self._busy = True
        try:
            while self._queue:
                batch, self._queue = self._queue[:_BATCH], self._queue[_BATCH:]
                await self._measure(batch)
        finally:
            self._busy = False

    async def _measure(
        self, batch: Sequence[tuple[Answered, asyncio.Future[tuple[Score, ...]]]]
    ) -> None:
        try:
            scores = await self._pool.run(
                measure_batch,
                self._lookup,
                self._config,
                self._suite,
                [answered for answered, _ in batch],
            )
        except BaseException as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            if isinstance(error, Exception):
                return
            raise
        for (_, future), result in zip(batch, scores, strict=True):
            if not future.done():
                future.set_result(result)
