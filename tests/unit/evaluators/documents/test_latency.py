"""Latency percentiles and the totals of a run."""

from __future__ import annotations

import math
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from evaluand.evaluators.documents.latency import (
    count_latencies,
    merge_latencies,
    summarize_latencies,
)
from evaluand.evaluators.documents.totals import EMPTY, add_item, finish_totals, merge_totals

latencies = st.lists(st.integers(0, 5_000), min_size=1, max_size=60)


def test_the_worked_example() -> None:
    found = summarize_latencies(count_latencies([820, 900, 1000, 1500, 4000]))
    assert found == {"mean": 1644, "p50": 1000, "p90": 4000, "p95": 4000, "p99": 4000}


def test_nothing_measured_has_no_latency() -> None:
    assert summarize_latencies(count_latencies([])) == {}


@given(latencies)
def test_percentiles_are_nearest_ranks(values: list[int]) -> None:
    found = summarize_latencies(count_latencies(values))
    for percent in (50, 90, 95, 99):
        rank = math.ceil(percent * len(values) / 100 - 1e-9)
        assert found[f"p{percent}"] == sorted(values)[rank - 1]


@given(latencies, latencies)
def test_groups_can_be_counted_apart(one: list[int], other: list[int]) -> None:
    merged = merge_latencies(count_latencies(one), count_latencies(other))
    assert merged == count_latencies([*one, *other])


def test_totals_count_failed_items_without_their_latency() -> None:
    first = add_item(EMPTY, pages=3, latency_ms=120.4)
    second = add_item(EMPTY, pages=1, latency_ms=9_000, failed=True)
    third = add_item(second, pages=2, latency_ms=None)
    found = finish_totals(merge_totals(first, third))
    assert (found["files"], found["failed"], found["pages"]) == (3, 1, 6)
    assert found["latency_ms"]["mean"] == found["latency_ms"]["p99"] == 120
    assert EMPTY == {"files": 0, "failed": 0, "pages": 0, "latency": {}}


def test_totals_of_nothing() -> None:
    assert finish_totals(EMPTY) == {"files": 0, "failed": 0, "pages": 0, "latency_ms": {}}


def test_many_items_are_folded_from_groups() -> None:
    groups = [
        {
            "files": 200,
            "failed": 0,
            "pages": 400,
            "latency": count_latencies(range(start, start + 200)),
        }
        for start in range(0, 2_000, 200)
    ]
    found = finish_totals(reduce(merge_totals, groups, EMPTY))
    assert found["files"] == 2_000
    assert found["latency_ms"]["p50"] == 999
