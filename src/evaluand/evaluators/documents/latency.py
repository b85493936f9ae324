"""Latencies of a run: exact mean and percentiles from a count per millisecond.

The state holds one number for each different latency. Ten thousand items have at most that many;
a million items of up to a minute have at most 60,000, a few megabytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import accumulate

from evaluand.evaluators.documents.folding import combine, tidy
from evaluand.evaluators.documents.interface import State

_PERCENTILES = (50, 90, 95, 99)


def count_latencies(latencies_ms: Iterable[float]) -> State:
    """The state of some items' latencies, rounded to milliseconds; failed items have none."""
    return {str(ms): n for ms, n in Counter(round(latency) for latency in latencies_ms).items()}


def merge_latencies(one: State, other: State) -> State:
    """The state of both groups of items together."""
    return combine(one, other)


def summarize_latencies(state: State) -> dict[str, float]:
    """``mean``, ``p50``, ``p90``, ``p95`` and ``p99`` in milliseconds; nothing without items."""
    counts = sorted((int(ms), n) for ms, n in state.items())
    total = sum(n for _, n in counts)
    if not total:
        return {}
    mean = sum(ms * n for ms, n in counts) / total
    return {"mean": tidy(mean)} | {f"p{q}": _nearest_rank(counts, total, q) for q in _PERCENTILES}


def _nearest_rank(counts: list[tuple[int, int]], total: int, percent: int) -> int:
    """The value at place ⌈q·n⌉ of all values in ascending order, in whole numbers throughout."""
    place = -(-percent * total // 100)
    reached = accumulate(n for _, n in counts)
    return next(ms for (ms, _), upto in zip(counts, reached, strict=True) if upto >= place)
