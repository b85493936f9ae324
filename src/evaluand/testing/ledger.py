"""The ledger as a test wants it: at once, and for one run among those of other tests."""

from __future__ import annotations

import asyncio
from datetime import datetime

from evaluand.domain.model import Counters, Outcome, Run, RunStatus
from evaluand.ports import ChunkHint, ChunkWork, Flush, Ledger
from evaluand.testing.builders import a_flush, a_result
from evaluand.testing.clock import START

# More than all tests of a module leave open.
_ALL = 1_000_000


def commit(ledger: Ledger, flush: Flush) -> frozenset[int]:
    """Commits a group and returns once it is durable."""

    async def wait() -> frozenset[int]:
        return await ledger.commit(flush)

    return asyncio.run(wait())


def open_chunks(ledger: Ledger, *runs: Run) -> list[ChunkHint]:
    """The open chunks of these runs, in the order in which they would be worked on."""
    keys = {run.key for run in runs}
    return [hint for hint in ledger.open_chunks(_ALL, ()) if hint.run in keys]


def current(ledger: Ledger, run: Run) -> Run:
    """The run as it is now."""
    found = ledger.run(run.key)
    if found is None:
        raise AssertionError(f"run {run.key} is gone")
    return found


def counters(ledger: Ledger, run: Run) -> Counters:
    """The run's counters as they are now."""
    return current(ledger, run).counters


def take(ledger: Ledger, run: Run, number: int = 0, at: datetime = START) -> ChunkWork:
    """A chunk of the run. Raises AssertionError when it is not to be had."""
    work = ledger.take_chunk(ChunkHint(run.key, number), at)
    if work is None:
        raise AssertionError(f"chunk {number} of run {run.key} cannot be taken")
    return work


def complete(
    ledger: Ledger,
    run: Run,
    workspace: int,
    *,
    outcome: Outcome = Outcome.PASSED,
    at: datetime = START,
) -> None:
    """Brings a run to its end, each open item with this outcome."""
    for hint in open_chunks(ledger, run):
        work = take(ledger, run, hint.number, at)
        results = [a_result(run, workspace, i.position, outcome, at=at) for i in work.items]
        commit(ledger, a_flush(results=results))
        ledger.close_chunk(hint, work.epoch, {"items": work.size}, at)
    status = RunStatus.FAILED if outcome is Outcome.ERROR else RunStatus.SUCCEEDED
    ledger.finish(run.key, status, {"done": True}, None, at)
