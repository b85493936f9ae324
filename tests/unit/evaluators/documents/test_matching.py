"""When two values are the same, one by one and a column at a time."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from evaluand.evaluators.documents.matching import match_matrix, matches, row_key, similar
from evaluand.evaluators.documents.schema import Leaf
from evaluand.evaluators.documents.values import ABSENT, MISSHAPEN, cell, pick

EXACT = Leaf(name="f", keys=())
FUZZY = Leaf(name="f", keys=(), fuzzy=True)
WHOLE = Leaf(name="f", keys=(), whole=True)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 1.0, 60, 60.0, 60.00000001, 60.000001, -0.0, 10**400, -(10**400)]),
    st.floats(),
    st.integers(),
    st.sampled_from(["", " ", "60", "Acme Corp", "acme corp", "Acme Corp.", "Acme", "true"]),
    st.just(MISSHAPEN),
)
columns = st.lists(scalars, min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("expected", "extracted", "same"),
    [
        (None, None, True),
        (None, "x", False),
        ("x", None, False),
        (60, 60.0, True),
        (0.1 + 0.2, 0.3, True),
        (1e12, 1e12 + 1, True),
        (60, 60.01, False),
        ("60", 60, False),
        ("Acme", "Acme", True),
        ("Acme", "acme", False),
        ("Acme", "Acme ", False),
        (True, True, True),
        (True, 1, False),
        (0, False, False),
        (math.nan, math.nan, False),
        (math.inf, math.inf, True),
        (10**400, 10**400, True),
        (10**400, 1.0, False),
        (MISSHAPEN, MISSHAPEN, False),
        (MISSHAPEN, None, False),
        ({"a": 1}, {"a": 1}, False),
    ],
)
def test_scalars(expected: Any, extracted: Any, same: bool) -> None:
    assert matches(expected, extracted, EXACT) is same
    assert matches(extracted, expected, EXACT) is same


@pytest.mark.parametrize(
    ("expected", "extracted", "same"),
    [
        ("Acme Corp", "  ACME corp ", True),
        ("abcde", "abcdx", True),
        ("abcd", "abcx", False),
        ("abcdefghij", "abcdefghxy", True),
        ("abcdefghij", "abcdefgxyz", False),
        ("Straße", "STRASSE", True),
        ("", "", True),
        ("", "a", False),
        ("60", 60, False),
        (60, 60.0, True),
    ],
)
def test_fuzzy_texts_may_differ_by_a_fifth(expected: Any, extracted: Any, same: bool) -> None:
    assert matches(expected, extracted, FUZZY) is same


@given(st.text("aAb ", max_size=12), st.text("aAb ", max_size=12))
def test_similarity_is_the_normalised_one(one: str, other: str) -> None:
    left, right = one.strip().casefold(), other.strip().casefold()
    longest = max(len(left), len(right))
    exact = 1 - Levenshtein.distance(left, right) / longest if longest else 1.0
    assert similar(one, other) is (exact >= 0.8 - 1e-12)


def test_texts_too_long_for_edit_distance_are_compared_exactly() -> None:
    text = "x" * 10_001
    assert similar(text, text.upper())
    assert not similar(text, text + "y")


@pytest.mark.parametrize(
    ("expected", "extracted", "same"),
    [
        ({"a": [1, {"b": None}]}, {"a": [1.0, {"b": None}]}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
        ({"a": True}, {"a": 1}, False),
        ({"a": math.nan}, {"a": math.nan}, False),
        ([], {}, False),
        ("x", "x", True),
        ({}, "x", False),
    ],
)
def test_free_form_values_are_compared_as_a_whole(
    expected: Any, extracted: Any, same: bool
) -> None:
    assert matches(expected, extracted, WHOLE) is same


def test_depth_beyond_recursion_is_no_error() -> None:
    one: Any = 1
    other: Any = 1
    for _ in range(50_000):
        one, other = [one], [other]
    assert matches(one, other, WHOLE)
    assert not matches(one, [other], WHOLE)
    while isinstance(one, list):  # Unwound by hand: freeing it at once would recurse as well.
        one, other = one[0], other[0]


@given(columns, columns, st.sampled_from([EXACT, FUZZY, WHOLE]))
@example([True, 1, "1"], [1, True, 1.0], EXACT)
@example(["abcde"], ["abcdx", "ABCDE ", None], FUZZY)
@example([1e308], [-1e308, math.inf], EXACT)
def test_columns_follow_the_rule_for_pairs(
    extracted: list[Any], expected: list[Any], leaf: Leaf
) -> None:
    found = match_matrix(leaf, extracted, expected)
    assert found.tolist() == [
        [matches(right, left, leaf) for right in expected] for left in extracted
    ]


@given(scalars, scalars)
def test_a_shared_row_key_means_a_match(one: Any, other: Any) -> None:
    if row_key(one) == row_key(other):
        assert matches(one, other, EXACT)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"a": {"b": 1}}, 1),
        ({"a": {"b": None}}, None),
        ({"a": None}, None),
        ({"a": {}}, ABSENT),
        ({}, ABSENT),
        (None, None),
        ("text", MISSHAPEN),
        ({"a": [1]}, MISSHAPEN),
    ],
)
def test_picking_along_keys(value: Any, found: Any) -> None:
    assert pick(value, ("a", "b")) is found


def test_containers_are_no_scalars() -> None:
    leaf = Leaf(name="a", keys=("a",))
    assert cell({"a": {"x": 1}}, leaf) is MISSHAPEN
    assert cell({"a": [1]}, leaf) is MISSHAPEN
    assert cell({}, leaf) is None
    assert repr(MISSHAPEN) == "MISSHAPEN"
