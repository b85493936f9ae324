"""The end of chunks and runs: what was measured is folded, summed up, and the run is closed.

Nothing here may keep a run open for ever: where figures cannot be computed, the run ends as failed
and says so, and its executions and scores stay as they are.
"""

from __future__ import annotations

import asyncio
import logging

from evaluand.domain.lifecycle import final_status
from evaluand.domain.model import Json, RunStatus
from evaluand.engine.scoring import FAILURE, Lookup, fold_chunk, summarise
from evaluand.ports import ChunkHint, ChunkWork, Clock, Ledger, Pool

logger = logging.getLogger(__name__)

# Folding is adding up some hundred numbers an item. What takes longer has run wild.
_FOLD_TIMEOUT_S = 300.0

_NOTHING_MEASURED = "Every item ended in an error; nothing was measured. See the single executions."


class ResultsMissing(RuntimeError):
    """A chunk was worked through, but not all of its items have a row."""


class Closing:
    """Closes chunks and runs. Each end is reached once, whoever comes first."""

    def __init__(self, *, ledger: Ledger, evaluators: Lookup, pool: Pool, clock: Clock) -> None:
        self._ledger = ledger
        self._evaluators = evaluators
        self._pool = pool
        self._clock = clock

    async def close(self, hint: ChunkHint, work: ChunkWork) -> None:
        """Folds a chunk whose items all have a result, and ends the run if it was the last.

        Raises ResultsMissing when some have none, unless the run was stopped meanwhile.
        """
        tallies = await asyncio.to_thread(self._ledger.chunk_details, hint)
        if len(tallies) < work.size:
            run = await asyncio.to_thread(self._ledger.run, hint.run)
            if run is not None and run.status is RunStatus.RUNNING:
                missing = work.size - len(tallies)
                raise ResultsMissing(f"{missing} of {work.size} items have no row")
            return
        snapshot = work.snapshot
        fold: Json = await self._pool.run(
            fold_chunk,
            self._evaluators,
            snapshot.config,
            snapshot.suite,
            tallies,
            timeout_s=_FOLD_TIMEOUT_S,
        )
        await self._close(hint, work, fold)

    async def give_up(self, hint: ChunkHint, work: ChunkWork, why: str) -> None:
        """Closes a chunk, without figures if they cannot be computed."""
        try:
            await self.close(hint, work)
        except Exception:
            logger.exception("chunk %s is closed without figures", hint)
            await self._close(hint, work, {FAILURE: why})

    async def finish(self, run: int) -> None:
        """Computes the summary of a run without open chunks and ends it, once."""
        found = await asyncio.to_thread(self._ledger.run, run)
        if found is None:
            return
        folds = await asyncio.to_thread(self._ledger.folds, run)
        broken = next((fold[FAILURE] for fold in folds if FAILURE in fold), None)
        if broken is not None:
            await self._end(run, RunStatus.FAILED, None, f"There are no figures. {broken}")
            return
        status = final_status(found.counters, found.item_count)
        snapshot = found.snapshot
        summary: Json = await self._pool.run(
            summarise,
            self._evaluators,
            snapshot.config,
            snapshot.suite,
            folds,
            timeout_s=_FOLD_TIMEOUT_S,
        )
        error = _NOTHING_MEASURED if status is RunStatus.FAILED else None
        await self._end(run, status, summary, error)

    async def abandon(self, run: int, error: BaseException) -> None:
        """Ends a run whose summary fails again and again."""
        why = f"The figures could not be computed: {type(error).__name__}: {error}"
        await self._end(run, RunStatus.FAILED, None, f"{why}. See the single executions.")

    async def _close(self, hint: ChunkHint, work: ChunkWork, fold: Json) -> None:
        now = self._clock.now()
        if await asyncio.to_thread(self._ledger.close_chunk, hint, work.epoch, fold, now):
            await self.finish(hint.run)

    async def _end(
        self, run: int, status: RunStatus, summary: Json | None, error: str | None
    ) -> None:
        now = self._clock.now()
        await asyncio.to_thread(self._ledger.finish, run, status, summary, error, now)
