"""Splitter metrics: the worked example, boundaries, classes and pages."""

from __future__ import annotations

import json
import random
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluand.evaluators.documents import SCORING

SPLITS = SCORING["splitter"]
TYPES = ("invoice", "receipt", "contract", "other")
CONFIG = {"splitClassifications": [{"id": f"cls_{kind}", "type": kind} for kind in TYPES]}


def pack(*parts: tuple[str, Any, Any]) -> dict[str, Any]:
    return {
        "splits": [
            {"classificationId": f"cls_{kind}", "type": kind, "startPage": start, "endPage": end}
            for kind, start, end in parts
        ]
    }


WORKED = [
    (
        pack(("invoice", 1, 2), ("receipt", 3, 3), ("contract", 4, 9)),
        pack(("invoice", 1, 2), ("receipt", 3, 4), ("contract", 5, 9)),
    ),
    (
        pack(("invoice", 1, 1), ("invoice", 2, 4)),
        pack(("invoice", 1, 1), ("invoice", 2, 3), ("other", 4, 4)),
    ),
]


def score(expected: Any, output: Any) -> dict[str, Any]:
    return SPLITS.score(CONFIG, {}, expected, output).detail


def run(items: list[tuple[Any, Any]]) -> dict[str, Any]:
    tallies = (json.loads(json.dumps(score(*item))) for item in items)
    return SPLITS.finish(
        json.loads(json.dumps(reduce(SPLITS.add, tallies, SPLITS.empty(CONFIG, {}))))
    )


def test_the_worked_example() -> None:
    metrics = run(WORKED)
    assert (metrics["expected"], metrics["predicted"], metrics["correct"]) == (5, 6, 2)
    ratios = [round(metrics[name], 6) for name in ("precision", "recall", "f1")]
    assert ratios == [0.333333, 0.4, 0.363636]
    for name in ("precision", "recall", "f1"):
        low, high = metrics[f"{name}_interval"]
        assert 0 <= low < metrics[name] < high <= 1


def test_item_values() -> None:
    found = SPLITS.score(CONFIG, {}, *WORKED[0])
    assert found.value == pytest.approx(2 / 6)
    assert found.explanation == "1 of 3 expected splits found exactly, 3 produced."
    assert SPLITS.score(CONFIG, {}, pack(), pack()).value is None


def test_boundaries_classes_and_pages() -> None:
    metrics = run(WORKED)
    boundaries = metrics["boundaries"]
    assert [boundaries[name] for name in ("expected", "predicted", "correct")] == [3, 4, 2]
    invoice = metrics["classes"]["invoice"]
    assert [invoice[name] for name in ("expected", "predicted", "correct")] == [3, 3, 2]
    assert (
        "precision" not in metrics["classes"]["other"]
        or metrics["classes"]["other"]["precision"] == 0
    )
    assert metrics["pages"]["total"] == 13
    assert metrics["pages"]["correct"] == 11
    assert metrics["pages"]["accuracy"] == pytest.approx(11 / 13)


def test_a_failed_item_keeps_its_expected_splits() -> None:
    metrics = run([(WORKED[0][0], None)])
    assert (metrics["failed"], metrics["expected"], metrics["predicted"]) == (1, 3, 0)
    assert "precision" not in metrics
    assert metrics["recall"] == metrics["f1"] == 0
    assert metrics["pages"] == {
        "total": 9,
        "correct": 0,
        "accuracy": 0,
        "interval": metrics["pages"]["interval"],
    }
    found = SPLITS.score(CONFIG, {}, WORKED[0][0], None)
    assert found.value == 0
    assert found.explanation == "The splitter gave no output; 3 splits were expected."


def test_no_splits_at_all_have_no_ratios() -> None:
    metrics = run([(pack(), pack())])
    assert not {"precision", "recall", "f1"} & metrics.keys()
    assert "accuracy" not in metrics["pages"]
    assert SPLITS.score(CONFIG, {}, pack(), pack()).explanation == (
        "No splits are expected and none were produced."
    )


def test_each_expected_split_is_met_once() -> None:
    metrics = run([(pack(("invoice", 1, 1)), pack(("invoice", 1, 1), ("invoice", 1, 1)))])
    assert (metrics["correct"], metrics["predicted"]) == (1, 2)


def test_only_class_id_and_pages_count() -> None:
    expected, produced = pack(("invoice", 1, 2)), pack(("invoice", 1, 2.0))
    produced["splits"][0] |= {"type": "renamed", "identifier": "7", "observation": "x", "id": "1"}
    assert score(expected, produced)["correct"] == 1
    assert score(expected, pack(("receipt", 1, 2)))["correct"] == 0


def test_a_class_the_config_does_not_know_has_one_name() -> None:
    expected, produced = pack(("old", 1, 1)), pack(("old", 1, 1))
    produced["splits"][0]["type"] = "another name"
    metrics = run([(expected, produced)])
    assert metrics["classes"]["old"]["correct"] == 1
    assert "another name" not in metrics["classes"]


def test_overlapping_and_missing_parts_of_a_document() -> None:
    expected = pack(("invoice", 1, 4), ("receipt", 3, 4))
    produced = pack(("invoice", 1, 3), ("receipt", 3, 3), ("other", 6, 7))
    assert score(expected, produced)["pages"] == {"total": 6, "correct": 3}


@pytest.mark.parametrize(
    "split",
    [
        None,
        "text",
        {},
        {"classificationId": "cls_invoice", "startPage": 1},
        {"classificationId": "cls_invoice", "startPage": True, "endPage": True},
        {"classificationId": "cls_invoice", "startPage": "1", "endPage": "2"},
        {"classificationId": "cls_invoice", "startPage": float("nan"), "endPage": 1},
        {"startPage": 1, "endPage": 1},
    ],
)
def test_splits_of_a_wrong_shape_count_but_match_nothing(split: Any) -> None:
    tally = score({"splits": [split]}, {"splits": [split]})
    assert (tally["expected"], tally["predicted"], tally["correct"]) == (1, 1, 0)
    assert tally["pages"] == {"total": 0, "correct": 0}


@pytest.mark.parametrize("answer", ["text", 1, [], {"splits": None}, {"splits": {"a": 1}}])
def test_answers_of_a_wrong_shape_have_no_splits(answer: Any) -> None:
    assert score(pack(("invoice", 1, 1)), answer)["predicted"] == 0
    assert score(answer, pack(("invoice", 1, 1)))["expected"] == 0


def test_absurd_pages_cost_no_time_and_cover_nothing() -> None:
    tally = score(pack(("invoice", 1, 10**15)), pack(("invoice", 5, 2), ("invoice", -3, 4)))
    assert tally["pages"] == {"total": 0, "correct": 0}
    assert tally["boundaries"] == {"expected": 0, "predicted": 0, "correct": 0}


parts = st.lists(
    st.tuples(st.sampled_from(TYPES), st.integers(1, 9), st.integers(0, 5)).map(
        lambda part: (part[0], part[1], part[1] + part[2])
    ),
    max_size=6,
)


@given(parts, parts)
def test_pages_by_counting_them_one_by_one(one: list[Any], other: list[Any]) -> None:
    def classes(side: list[Any], page: int) -> set[str]:
        return {kind for kind, start, end in side if start <= page <= end}

    pages = [page for page in range(1, 20) if classes(one, page) | classes(other, page)]
    agreeing = [page for page in pages if classes(one, page) == classes(other, page)]
    found = score(pack(*one), pack(*other))["pages"]
    assert found == {"total": len(pages), "correct": len(agreeing)}


@given(st.lists(st.tuples(parts, parts | st.none()), max_size=6), st.randoms())
@settings(deadline=None, max_examples=60)
def test_chunks_can_be_folded_apart_and_in_any_order(
    items: list[tuple[Any, Any]], shuffler: random.Random
) -> None:
    tallies = [score(pack(*one), other and pack(*other)) for one, other in items]
    empty = SPLITS.empty(CONFIG, {})
    straight = reduce(SPLITS.add, tallies, empty)
    shuffler.shuffle(tallies)
    cut = shuffler.randrange(len(tallies) + 1)
    left = reduce(SPLITS.add, tallies[:cut], empty)
    right = reduce(SPLITS.add, tallies[cut:], empty)
    assert SPLITS.merge(left, right) == SPLITS.merge(right, left) == straight
    metrics = SPLITS.finish(straight)
    for name in ("precision", "recall", "f1"):
        assert 0 <= metrics.get(name, 0) <= 1


@given(parts)
def test_the_same_splits_are_all_right(drawn: list[Any]) -> None:
    found = SPLITS.score(CONFIG, {}, pack(*drawn), pack(*drawn))
    assert found.value == (1 if drawn else None)
