"""What is counted of every run, whatever its items are: files, pages and latency."""

from __future__ import annotations

from typing import Any

from evaluand.evaluators.documents.folding import combine
from evaluand.evaluators.documents.interface import State
from evaluand.evaluators.documents.latency import count_latencies, summarize_latencies

EMPTY: State = {"files": 0, "failed": 0, "pages": 0, "latency": {}}
"""The state of a run without finished items."""


def add_item(state: State, *, pages: int, latency_ms: float | None, failed: bool = False) -> State:
    """The state with one more item, which counts as one file however many it has.

    A failed item counts as processed, but its latency is left out. For many items at once, build
    the states of groups and merge them.
    """
    measured = [] if failed or latency_ms is None else [latency_ms]
    item = {
        "files": 1,
        "failed": int(failed),
        "pages": pages,
        "latency": count_latencies(measured),
    }
    return combine(state, item)


def merge_totals(one: State, other: State) -> State:
    """The state of both groups of items together."""
    return combine(one, other)


def finish_totals(state: State) -> dict[str, Any]:
    """``files``, ``failed``, ``pages`` and ``latency_ms`` with mean and percentiles."""
    counts = {name: state[name] for name in ("files", "failed", "pages")}
    return counts | {"latency_ms": summarize_latencies(state["latency"])}
