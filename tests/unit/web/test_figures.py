"""Figures, tables of a run, and numbers as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.evaluators.documents import CLASSIFIER, SPLITTER
from evaluand.web import formats
from evaluand.web.breakdown import breakdown
from evaluand.web.figures import Figure, figure

NONE: dict[str, Any] = {}


def confused(pairs: list[tuple[str, str | None]], classes: list[str]) -> dict[str, Any]:
    config = {"classifications": [{"id": kind, "type": kind} for kind in classes]}
    state = CLASSIFIER.empty(config, NONE)
    for expected, predicted in pairs:
        output = None if predicted is None else {"id": predicted, "type": predicted}
        score = CLASSIFIER.score(config, NONE, {"id": expected, "type": expected}, output)
        state = CLASSIFIER.add(state, score.detail)
    return CLASSIFIER.finish(state)


def test_a_figure_carries_its_interval_by_either_name() -> None:
    figures = {"accuracy": 0.5, "interval": [0.25, 0.75], "f1": 0.6, "f1_interval": [0.5, 0.7]}

    assert figure(figures, "accuracy") == Figure(label="accuracy", value=0.5, low=0.25, high=0.75)
    assert figure(figures, "f1", "F1") == Figure(label="F1", value=0.6, low=0.5, high=0.7)


@pytest.mark.parametrize("figures", [{}, {"f1": None}, {"f1": "much"}, {"f1": True}])
def test_what_could_not_be_measured_is_no_figure(figures: dict[str, Any]) -> None:
    assert figure(figures, "f1") is None


def test_only_shares_are_drawn_and_told_in_percent() -> None:
    share = Figure(label="", value=0.5, low=0.25, high=0.75)
    grade = Figure(label="", value=7.25, low=6.0, high=8.5)

    assert (share.drawable, share.text, share.interval) == (True, "50.0 %", "25.0 to 75.0 %")
    assert (grade.drawable, grade.text, grade.interval) == (False, "7.25", "6 to 8.5")
    assert Figure(label="", value=0.5).interval == ""


def test_the_matrix_counts_each_item_once() -> None:
    pairs: list[tuple[str, str | None]] = [("a", "a"), ("a", "b"), ("b", "b"), ("c", None)]

    tables = breakdown(confused(pairs, ["a", "b", "c", "unseen"]))

    matrix = tables.confusion
    assert matrix is not None
    assert matrix.columns == ("a", "b", "c")
    assert matrix.lines == (("a", (1, 1, 0, 0)), ("b", (0, 1, 0, 0)), ("c", (0, 0, 0, 1)))
    assert matrix.unpredicted
    assert [row.name for row in tables.classes] == ["a", "b", "c"]


def test_with_many_classes_the_confused_pairs_are_listed() -> None:
    names = [f"class {number}" for number in range(30)]
    pairs: list[tuple[str, str | None]] = [(name, name) for name in names]
    pairs += [(names[0], names[1])] * 3 + [(names[2], names[3])]

    tables = breakdown(confused(pairs, names))

    assert tables.confusion is None
    assert [(pair.expected, pair.predicted, pair.items) for pair in tables.confused] == [
        ("class 0", "class 1", 3),
        ("class 2", "class 3", 1),
    ]


def test_splits_are_told_with_and_without_their_class() -> None:
    config = {"splitClassifications": [{"id": "a", "type": "a"}, {"id": "b", "type": "b"}]}

    def splits(kind: str) -> dict[str, Any]:
        pages = [(1, 1), (2, 3)]
        named = {"classificationId": kind, "type": kind}
        return {"splits": [{**named, "startPage": a, "endPage": b} for a, b in pages]}

    score = SPLITTER.score(config, NONE, splits("a"), splits("b"))
    figures = SPLITTER.finish(SPLITTER.add(SPLITTER.empty(config, NONE), score.detail))

    exact, boundaries = breakdown(figures).splits

    assert exact.f1 is not None
    assert exact.f1.value == 0
    assert boundaries.f1 is not None
    assert boundaries.f1.value == 1


def test_metrics_without_tables_have_none() -> None:
    assert breakdown({"accuracy": 1.0}) == breakdown({})


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0.0214, "21 ms"),
        (1.5, "1.5 s"),
        (61, "1 min 01 s"),
        (3600, "1 h 00 min"),
        (59.99, "60.0 s"),
        (7260, "2 h 01 min"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert formats.duration(seconds) == text


@pytest.mark.parametrize(
    ("usd", "text"), [(0, "$0"), (0.00042, "$0.00042"), (0.019, "$0.02"), (1234.5, "$1,234.50")]
)
def test_money(usd: float, text: str) -> None:
    assert formats.money(usd) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<b>", "<b>"),
        (12.0, "12"),
        (12.5, "12.5"),
        (True, "true"),
        ({"ä": [1]}, '{"ä": [1]}'),
        ("x" * 4001, "x" * 4000 + "… (1 more characters)"),
    ],
)
def test_values(data: Any, text: str) -> None:
    assert formats.value(data) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=0, max_value=1e9))
def test_counts_end_with_a_digit(number: float) -> None:
    text = formats.count(number)

    assert text[-1].isdigit()
    assert float(text.replace(",", "")) == pytest.approx(number, abs=0.0051)


def test_moments_and_sizes() -> None:
    assert formats.moment(datetime(2026, 3, 1, 9, 5, tzinfo=UTC)) == "2026-03-01 09:05 UTC"
    assert [formats.size(n) for n in (999, 1_500, 2_500_000)] == ["999 B", "2 KB", "2.5 MB"]
    assert formats.score(None) == "-"
    assert formats.score(2 / 3) == "0.667"
