"""What must hold of any extraction, however odd the values."""

from __future__ import annotations

import json
import random
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.evaluators.documents.invoices import CONFIG, SCHEMA, invoice, run

from evaluand.evaluators.documents import EXTRACTOR, score_extraction

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
    empty = EXTRACTOR.empty(CONFIG, {})
    tallies = [score_extraction(SCHEMA, *item) for item in items]
    straight = reduce(EXTRACTOR.add, tallies, empty)
    shuffler.shuffle(tallies)
    cut = shuffler.randrange(len(tallies) + 1)
    left = reduce(EXTRACTOR.add, tallies[:cut], empty)
    right = reduce(EXTRACTOR.add, tallies[cut:], empty)
    for joined in (EXTRACTOR.merge(left, right), EXTRACTOR.merge(right, left)):
        assert EXTRACTOR.finish(joined) == EXTRACTOR.finish(straight)
    assert EXTRACTOR.finish(EXTRACTOR.merge(empty, straight)) == EXTRACTOR.finish(straight)
    assert empty == EXTRACTOR.empty(CONFIG, {})


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
