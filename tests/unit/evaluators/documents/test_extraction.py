"""Extractor metrics: the worked example to the digit, and what must hold of any extraction."""

from __future__ import annotations

import json
import random
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluand.domain.statistics import wilson
from evaluand.evaluators.documents import SCORING, score_extraction

TEXT = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}
ROW = {"type": "object", "properties": {"description": TEXT, "quantity": NUMBER, "amount": NUMBER}}
SCHEMA = {
    "type": "object",
    "properties": {
        "invoice_number": TEXT,
        "vendor": {"type": "object", "properties": {"name": TEXT, "city": TEXT}},
        "total_amount": NUMBER,
        "line_items": {"type": "array", "items": ROW},
    },
}
CONFIG = {"schema": SCHEMA}
SCORING_OF = SCORING["extractor"]


def invoice(number: Any, name: Any, city: Any, total: Any, *rows: tuple[Any, ...]) -> Any:
    lines = [dict(zip(ROW["properties"], row, strict=True)) for row in rows]
    return {
        "invoice_number": number,
        "vendor": {"name": name, "city": city},
        "total_amount": total,
        "line_items": lines,
    }


def worked_items() -> list[tuple[Any, Any]]:
    gadget, widget = ("Gadget", 1, 40), ("Widget", 2, 10)
    bolt, nut, saw = ("Bolt", 5, 2.5), ("Nut", 3, 1), ("Saw", 1, 60)
    third = invoice("INV-003", "Gamma", None, None)
    del third["vendor"]["city"], third["total_amount"]
    return [
        (
            invoice("INV-001", "Acme Corp", "Oslo", 60, gadget, widget),
            invoice("INV-001", "Acme Corp", "Oslo", 60, widget, gadget),
        ),
        (
            invoice("INV-002", "Beta LLC", None, 75.5, bolt, nut),
            invoice("INV-002", "Beta LLC", "Lima", 75.5, bolt, nut, saw),
        ),
        (third, invoice("INV-0O3", "Gamma", "Rome", 12)),
    ]


def run(
    items: list[tuple[Any, Any]],
    options: dict[str, Any] | None = None,
    config: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The metrics of ``(expected value, extracted value or None)`` pairs."""
    config, options = config or CONFIG, options or {}
    state = SCORING_OF.empty(config, options)
    for expected, extracted in items:
        output = None if extracted is None else {"value": extracted}
        score = SCORING_OF.score(config, options, {"value": expected}, output)
        state = SCORING_OF.add(state, json.loads(json.dumps(score.detail)))
    metrics = SCORING_OF.finish(json.loads(json.dumps(state)))
    assert metrics == json.loads(json.dumps(metrics))
    return metrics


def test_the_worked_example() -> None:
    metrics = run(worked_items())
    wanted = {
        "invoice_number": (3, 3, 3, 2, 0.666667),
        "vendor.name": (3, 3, 3, 3, 1),
        "vendor.city": (3, 3, 2, 1, 0.5),
        "total_amount": (3, 3, 2, 2, 1),
        "line_items.description": (3, 2, 3, 2.666667, 0.888889),
        "line_items.quantity": (3, 2, 3, 2.666667, 0.888889),
        "line_items.amount": (3, 2, 3, 2.666667, 0.888889),
    }
    assert list(metrics["fields"]) == list(wanted)
    for name, figures in wanted.items():
        field = metrics["fields"][name]
        found = (field[key] for key in ("total", "present", "expected", "accurate", "accuracy"))
        assert tuple(round(figure, 6) for figure in found) == figures
    assert metrics["accuracy"] == pytest.approx(16 / 19)
    assert round(metrics["accuracy"], 6) == 0.842105
    low, high = metrics["interval"]
    assert low < 16 / 19 < high


def test_whole_counts_are_integers() -> None:
    accurate = run(worked_items())["fields"]["vendor.name"]["accurate"]
    assert (accurate, type(accurate)) == (3, int)


def test_the_worked_example_with_a_field_excluded() -> None:
    metrics = run(worked_items(), {"excludeFields": ["vendor.city"]})
    assert round(metrics["accuracy"], 6) == 0.882353
    assert "vendor.city" not in metrics["fields"]


def test_kinds_of_mistakes() -> None:
    metrics = run(worked_items())
    faults = {
        name: (field["wrong"], field["invented"], field["missing"])
        for name, field in metrics["fields"].items()
    }
    assert faults["invoice_number"] == (1, 0, 0)
    assert faults["vendor.city"] == (0, 1, 0)
    assert faults["line_items.amount"] == (0, 1, 0)
    assert (metrics["wrong"], metrics["invented"], metrics["missing"]) == (1, 4, 0)


def test_arrays_and_averages_besides() -> None:
    metrics = run(worked_items())
    array = metrics["arrays"]["line_items"]
    assert (array["expected"], array["approximate"]) == (3, 0)
    assert array["accuracy"] == pytest.approx((1 + 2 / 3 + 1) / 3)
    assert metrics["macro_accuracy"] == pytest.approx((2 / 3 + 1 + 1 / 2 + 1 + 3 * 8 / 9) / 7)
    assert metrics["item_accuracy"] == pytest.approx((1 + (3 + 2) / 7 + 4 / 5) / 3)
    assert (metrics["perfect"], metrics["measured"]) == (1, 3)
    assert metrics["perfect_rate_interval"] == pytest.approx(list(wilson(1, 3)))


def test_a_field_of_scalars_has_wilsons_interval() -> None:
    metrics = run(worked_items())
    assert metrics["fields"]["invoice_number"]["interval"] == pytest.approx(list(wilson(2, 3)))


def test_item_values_and_their_explanations() -> None:
    expected, extracted = worked_items()[1]
    score = SCORING_OF.score(CONFIG, {}, {"value": expected}, {"value": extracted})
    assert score.value == pytest.approx(5 / 7)
    assert score.explanation == (
        "5 of 7 fields right; invented: vendor.city, line_items.description, line_items.quantity, "
        "line_items.amount."
    )
    assert score.detail["arrays"]["line_items"]["pairing"] == [0, 1, None]


def test_a_failed_item_earns_nothing_even_for_nulls() -> None:
    nothing = invoice(None, None, None, None)
    metrics = run([(nothing, None), (nothing, nothing)])
    assert (metrics["items"], metrics["failed"]) == (2, 1)
    assert metrics["accuracy"] == 0.5
    field = metrics["fields"]["total_amount"]
    assert (field["expected"], field["present"], field["accurate"]) == (2, 0, 1)
    assert metrics["arrays"]["line_items"]["accuracy"] == 0.5
    score = SCORING_OF.score(CONFIG, {}, {"value": nothing}, None)
    assert score.value == 0
    assert score.explanation == "The extractor gave no output; 7 fields were expected."


def test_a_failed_items_values_are_missing() -> None:
    metrics = run([(invoice("1", "A", None, 5, ("x", 1, 2), ("y", 2, 3)), None)])
    missing = [field["missing"] for field in metrics["fields"].values()]
    assert missing == [1, 1, 0, 1, 2, 2, 2]


def test_an_extractor_that_found_nothing_has_not_failed() -> None:
    nothing = {"value": invoice(None, None, None, None)}
    for output in ({"value": {}}, {"value": None}, {}):
        assert SCORING_OF.score(CONFIG, {}, nothing, output).value == 1


def test_nothing_expected_is_not_measured() -> None:
    for expected in ({}, {"value": {}}, {"other": 1}, None, "text"):
        score = SCORING_OF.score(CONFIG, {}, expected, {"value": {"invoice_number": "1"}})
        assert score.value is None
        assert score.explanation == "Nothing is expected of this item."
    metrics = run([({}, {"invoice_number": "1"})])
    assert "accuracy" not in metrics
    assert "interval" not in metrics
    field = metrics["fields"]["invoice_number"]
    assert (field["total"], field["present"], field["expected"]) == (1, 1, 0)
    assert "accuracy" not in field


def test_a_run_without_items_names_its_fields() -> None:
    metrics = run([])
    assert len(metrics["fields"]) == 7
    assert metrics["items"] == 0
    assert "accuracy" not in metrics


def test_null_objects_and_arrays_stand_for_nulls_and_no_rows() -> None:
    truth = invoice("1", None, None, 2) | {"vendor": None, "line_items": None}
    assert run([(truth, invoice("1", None, None, 2))])["accuracy"] == 1
    assert run([(truth, {"invoice_number": "1", "total_amount": 2})])["accuracy"] == 1


def test_fuzzy_fields_forgive_what_others_do_not() -> None:
    items = [(invoice("INV-1", "Acme Corp", "Oslo", 1), invoice("inv-1", "ACME Corp.", "oslo", 1))]
    assert run(items)["accuracy"] == pytest.approx(4 / 7)
    assert run(items, {"fuzzyMatchFields": ["vendor"]})["accuracy"] == pytest.approx(6 / 7)


def test_explanations_stay_short() -> None:
    names = [f"field_{n}" for n in range(9)]
    schema = {"type": "object", "properties": dict.fromkeys(names, TEXT)}
    wrong = {"value": dict.fromkeys(names, "x")}
    truth = {"value": dict.fromkeys(names, "y")}
    explanation = SCORING_OF.score({"schema": schema}, {}, truth, wrong).explanation
    assert explanation is not None
    assert explanation.endswith("field_3, field_4 and 4 more.")


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["vendor", "name", "line_items", "amount", "invoice_number"]), inner
        )
    ),
    max_leaves=12,
)


@given(hostile, hostile, st.sampled_from([{}, {"fuzzyMatchFields": ["vendor", "line_items"]}]))
@settings(deadline=None)
def test_values_of_any_shape_are_scored(
    expected: Any, extracted: Any, options: dict[str, Any]
) -> None:
    tally = score_extraction(SCHEMA, expected, extracted, options)
    assert len(tally["fields"]) == 7
    for field in tally["fields"].values():
        assert 0 <= field["credit"] <= field["expected"] <= 1
        assert field["present"] in (0, 1)
    assert json.loads(json.dumps(tally)) == tally


@pytest.mark.parametrize(
    ("expected", "extracted"),
    [
        ({"invoice_number": {"a": 1}}, {"invoice_number": {"a": 1}}),
        ({"total_amount": float("nan")}, {"total_amount": float("nan")}),
        ({"line_items": {"a": 1}}, {"line_items": []}),
        ({"line_items": []}, {"line_items": "none"}),
        ({"vendor": "Acme"}, {"vendor": "Acme"}),
        ({"vendor": ["Acme"]}, {"vendor": None}),
        ([1], [1]),
    ],
)
def test_what_has_the_wrong_shape_is_wrong_not_an_error(expected: Any, extracted: Any) -> None:
    tally = score_extraction(SCHEMA, expected, extracted)
    assert sum(field["expected"] for field in tally["fields"].values()) >= 1
    assert sum(field["credit"] for field in tally["fields"].values()) == 0


def test_depth_beyond_recursion_is_no_error() -> None:
    deep: Any = {}
    for _ in range(20_000):
        deep = {"vendor": deep}
    tally = score_extraction(SCHEMA, deep, deep)
    assert tally["fields"]["vendor.name"]["expected"] == 0
    assert score_extraction({"properties": {"vendor": {}}}, deep, deep)["fields"]["vendor"][
        "credit"
    ]
    while deep:
        deep = deep.pop("vendor")


def test_without_a_schema_nothing_is_measured() -> None:
    assert SCORING_OF.score({}, {}, {"value": {"a": 1}}, {"value": {"a": 1}}).value is None


small = st.sampled_from([None, "a", "b", 1, 2.0])
lines = st.lists(st.tuples(small, small, small), max_size=3)
documents = st.builds(
    lambda number, name, total, rows: invoice(number, name, None, total, *rows),
    small,
    small,
    small,
    lines,
)
some_items = st.lists(st.tuples(documents, documents | st.none()), min_size=1, max_size=8)


@given(some_items, st.randoms())
@settings(deadline=None, max_examples=60)
def test_chunks_can_be_folded_apart_and_in_any_order(
    items: list[tuple[Any, Any]], shuffler: random.Random
) -> None:
    empty = SCORING_OF.empty(CONFIG, {})
    tallies = [score_extraction(SCHEMA, *item) for item in items]
    straight = reduce(SCORING_OF.add, tallies, empty)
    shuffler.shuffle(tallies)
    cut = shuffler.randrange(len(tallies) + 1)
    left = reduce(SCORING_OF.add, tallies[:cut], empty)
    right = reduce(SCORING_OF.add, tallies[cut:], empty)
    for joined in (SCORING_OF.merge(left, right), SCORING_OF.merge(right, left)):
        assert SCORING_OF.finish(joined) == SCORING_OF.finish(straight)
    assert SCORING_OF.finish(SCORING_OF.merge(empty, straight)) == SCORING_OF.finish(straight)
    assert empty == SCORING_OF.empty(CONFIG, {})


@given(some_items)
@settings(deadline=None, max_examples=60)
def test_accuracy_is_a_share_and_perfection_is_one(items: list[tuple[Any, Any]]) -> None:
    metrics = run(items)
    assert 0 <= metrics["accuracy"] <= 1
    assert metrics["interval"][0] <= metrics["accuracy"] <= metrics["interval"][1]
    perfect = run([(expected, expected) for expected, _ in items])
    assert perfect["accuracy"] == perfect["macro_accuracy"] == perfect["perfect_rate"] == 1


@given(some_items, st.sampled_from(["invoice_number", "vendor", "line_items", "total_amount"]))
@settings(deadline=None, max_examples=40)
def test_excluded_fields_are_gone(items: list[tuple[Any, Any]], name: str) -> None:
    metrics = run(items, {"excludeFields": [name]})
    assert not [key for key in metrics["fields"] if key.split(".")[0] == name]
    assert not [key for key in metrics["arrays"] if key == name]
