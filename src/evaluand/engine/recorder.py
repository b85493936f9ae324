"""The recorder: many lanes write, one group commit after the other carries it to the ledger.

A call's intent must be durable before the call leaves, and its answer was paid for: both are
committed at once, together with whatever else is waiting. Results that cost nothing to repeat wait
up to a window, so that thousands of them share a few commits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from evaluand.engine.salvage import plainer, plainly, single_rows
from evaluand.errors import Unavailable
from evaluand.ports import CallFailed, CallKey, CallOutcome, Flush, Intent, ItemResult, Ledger

logger = logging.getLogger(__name__)

# Measured: at 50 ms or 100 rows a group commit costs 2 % over no durability at all.
WINDOW_S = 0.05
FULL = 100
# Lanes wait when that many rows are not written yet: memory stays bounded when the disk is slow.
_HIGH_WATER = 2_000
_PAUSE_WHEN_AWAY_S = 0.5
# A server that is told to stop waits that long for a database that is away. What is lost then was
# answered in the last moments: it counts as calls of unknown fate at the next start.
_PATIENCE_AT_CLOSE_S = 5.0

_Written = asyncio.Future[None]
_Named = tuple[CallKey, int]


class Recorder:
    """Collects intents, answers and results and commits them in groups, in the order they came."""

    def __init__(self, ledger: Ledger, on_cancelled: Callable[[int], None]) -> None:
        self._ledger = ledger
        self._on_cancelled = on_cancelled
        self._intents: list[Intent] = []
        self._outcomes: list[CallOutcome] = []
        self._results: list[ItemResult] = []
        self._promised: dict[_Named, _Written] = {}
        self._flushes: list[_Written] = []
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()
        self._calm = asyncio.Event()
        self._calm.set()
        self._task: asyncio.Task[None] | None = None
        self._give_up_at: float | None = None

    def start(self) -> None:
        """Begins committing, in the running loop."""
        self._task = asyncio.create_task(self._run(), name="recorder")

    async def intend(self, intent: Intent) -> None:
        """Returns once the intent is durable. Raises what kept it from being written."""
        self._check_open()
        written = self._promised[intent.key, intent.attempt] = _future()
        self._intents.append(intent)
        self._hurry()
        await written

    def answer(self, outcome: CallOutcome) -> None:
        """Queues a call's outcome for the next commit, which follows at once."""
        self._outcomes.append(outcome)
        self._hurry()

    async def result(self, result: ItemResult) -> None:
        """Queues an item's result; waits only while too much is queued."""
        await self._calm.wait()
        self._results.append(result)
        if len(self._results) >= _HIGH_WATER:
            self._calm.clear()
        if len(self._results) >= FULL:
            self._urgent.set()
        self._wake.set()

    async def flush(self) -> None:
        """Returns once everything queued so far is durable. Raises Unavailable once closed."""
        self._check_open()
        written = _future()
        self._flushes.append(written)
        self._hurry()
        await written

    async def close(self) -> None:
        """Commits what is queued and stops."""
        if self._task is None:
            return
        self._give_up_at = asyncio.get_running_loop().time() + _PATIENCE_AT_CLOSE_S
        self._hurry()
        await self._task

    def _check_open(self) -> None:
        if self._task is not None and self._task.done():
            raise Unavailable("the server is shutting down: nothing new is written down")

    def _hurry(self) -> None:
        self._urgent.set()
        self._wake.set()

    async def _run(self) -> None:
        while self._give_up_at is None or not self._is_empty():
            await self._wake.wait()
            if self._give_up_at is None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(WINDOW_S):
                        await self._urgent.wait()
            self._wake.clear()
            self._urgent.clear()
            await self._commit()
            if not self._is_empty():
                self._wake.set()

    def _is_empty(self) -> bool:
        return not (self._intents or self._outcomes or self._results or self._flushes)

    async def _commit(self) -> None:
        group = Flush(self._intents, self._outcomes, self._results)
        flushes = self._flushes
        self._intents, self._outcomes, self._results, self._flushes = [], [], [], []
        self._calm.set()
        try:
            if any(group):
                await self._store(group)
        except Exception as error:
            # At the end of a server without a database, or through a bug: whoever waits is told,
            # and what is not written is worked out again from what is.
            logger.exception("%d results are not written", len(group.results))
            for future in (*self._promised.values(), *flushes):
                _fail(future, error)
            self._promised.clear()
            return
        for future in flushes:
            _done(future)

    async def _store(self, group: Flush) -> None:
        """Stores the group, row by row if one of its rows cannot be stored."""
        try:
            await self._patiently(group)
        except Unavailable:
            raise
        except Exception as error:
            rows = single_rows(group)
            if len(rows) == 1:
                await self._spoilt(group, error)
                return
            logger.warning("a group of %d rows cannot be written, now one by one", len(rows))
            for row in rows:
                await self._store(row)

    async def _spoilt(self, row: Flush, error: Exception) -> None:
        """A row that cannot be stored: its plainer forms are tried, down to the bare fact."""
        logger.error("a row cannot be written: %s", error)
        for intent in row.intents:
            why = f"the call was not made, because it could not be written down: {plainly(error)}"
            unrecorded = CallFailed("unrecordable", why, retryable=False)
            _fail(self._promised.pop((intent.key, intent.attempt), None), unrecorded)
        for form in plainer(row, error):
            try:
                await self._patiently(form)
                return
            except Unavailable:
                raise
            except Exception:
                logger.exception("neither can its plainer form")

    async def _patiently(self, group: Flush) -> None:
        """Stores the group, however long the database is away. Raises what no waiting mends."""
        while True:
            try:
                cancelled = await self._ledger.commit(group)
                break
            except Unavailable as error:
                now = asyncio.get_running_loop().time()
                if self._give_up_at is not None and now > self._give_up_at:
                    raise
                # Nobody starts a paid call meanwhile: its intent is waiting in this very queue.
                logger.warning("the database is away, results wait: %s", error.message)
                await asyncio.sleep(_PAUSE_WHEN_AWAY_S)
        for intent in group.intents:
            _done(self._promised.pop((intent.key, intent.attempt), None))
        for run in cancelled:
            # Later, and on its own account: the group is stored, whatever comes of telling it.
            asyncio.get_running_loop().call_soon(self._on_cancelled, run)


def _future() -> _Written:
    return asyncio.get_running_loop().create_future()


def _done(future: _Written | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)


def _fail(future: _Written | None, error: Exception) -> None:
    if future is not None and not future.done():
        future.set_exception(error)
