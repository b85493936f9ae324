"""Arrays: the guide's figures, nested ones and hostile ones."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.evaluators.documents.tables import TEXT, array_of, columns, compare, table

XYZ = array_of(columns("x", "y", "z"))
SCALARS = array_of(TEXT)

cells = st.sampled_from(["a", "b", None])
rows_of_three = st.lists(st.tuples(cells, cells, cells), max_size=6)


def test_the_guides_reordered_rows() -> None:
    found = compare(
        XYZ,
        expected=table("def", "abc", "ghi"),
        extracted=table("abc", "def"),
    )
    assert found.pairing == [1, 0]
    assert found.accuracy == pytest.approx(6 / 9)
    assert round(100 * found.accuracy, 2) == 66.67
    assert [column.missing for column in found.columns] == [1, 1, 1]


def test_the_guides_missing_rows() -> None:
    eight = array_of(columns(*"abcdefgh"))
    rows = [dict.fromkeys("abcdefgh", f"row {number}") for number in range(50)]
    found = compare(eight, expected=rows, extracted=rows[:39])
    assert sum(column.cells for column in found.columns) == 400
    assert found.accuracy == 312 / 400 == 0.78


def test_why_greedy_is_wrong() -> None:
    found = compare(
        XYZ,
        expected=table(("Widget", 2, 12), ("Widget", 3, 10)),
        extracted=table(("Widget", 2, 10), ("Widget", 2, 12)),
    )
    assert found.pairing == [1, 0]
    assert [column.credit for column in found.columns] == [1, 0.5, 1]
    assert found.accuracy == pytest.approx(0.833333, abs=1e-6)


def test_superfluous_rows_count_against_every_column() -> None:
    bolts = [("Bolt", 5, 2.5), ("Nut", 3, 1)]
    found = compare(XYZ, expected=table(*bolts), extracted=table(*bolts, ("Saw", 1, 60)))
    assert [column.credit for column in found.columns] == pytest.approx([2 / 3] * 3)
    assert [column.invented for column in found.columns] == [1, 1, 1]
    assert found.pairing == [0, 1, None]


def test_faults_of_paired_rows_are_told_apart() -> None:
    found = compare(
        XYZ,
        expected=table(("a", "b", None), ("k", "l", "m")),
        extracted=table(("a", "x", "c"), ("k", None, "m")),
    )
    faults = [(column.wrong, column.invented, column.missing) for column in found.columns]
    assert faults == [(0, 0, 0), (1, 0, 1), (0, 1, 0)]


def test_two_empty_arrays_agree() -> None:
    found = compare(XYZ, expected=[], extracted=[])
    assert (found.accuracy, found.pairing, found.exact) == (1.0, [], True)


def test_missing_keys_in_rows_are_nulls() -> None:
    found = compare(XYZ, expected=[{"x": "a"}, None], extracted=[{"x": "a", "y": None}, {}])
    assert found.accuracy == 1


@pytest.mark.parametrize(
    ("expected", "extracted", "credit"),
    [
        (["a", "b", "b"], ["b", "a", "b"], 1),
        (["a", "b"], ["b", "b"], 0.5),
        (["a"], ["a", "a", "a"], 1 / 3),
        ([None, "a"], ["a", None], 1),
        ([], ["a"], 0),
    ],
)
def test_scalars_are_compared_as_multisets(
    expected: list[Any], extracted: list[Any], credit: float
) -> None:
    found = compare(SCALARS, expected=expected, extracted=extracted)
    assert found.accuracy == pytest.approx(credit)


def test_fuzzy_scalars_are_paired_optimally() -> None:
    fuzzy = array_of(TEXT, fuzzy=["rows"])
    found = compare(fuzzy, expected=["abcdf", "abcdg"], extracted=["ABCDG", "abcde"])
    assert found.accuracy == 1


def test_an_object_in_a_row_is_more_columns() -> None:
    array = array_of({"type": "object", "properties": {"x": TEXT, "in": columns("y", "z")}})
    found = compare(
        array,
        expected=[{"x": "a", "in": {"y": "b", "z": "c"}}, {"x": "d", "in": None}],
        extracted=[{"x": "d", "in": {}}, {"x": "a", "in": {"y": "b", "z": "-"}}],
    )
    assert found.pairing == [1, 0]
    assert [column.credit for column in found.columns] == [1, 1, 0.5]


NESTED = array_of(
    {"type": "object", "properties": {"x": TEXT, "tags": {"type": "array", "items": TEXT}}}
)


def test_an_array_in_a_row_earns_its_own_share() -> None:
    found = compare(
        NESTED,
        expected=[{"x": "a", "tags": ["p", "q"]}, {"x": "b", "tags": ["r"]}],
        extracted=[{"x": "b", "tags": ["r"]}, {"x": "a", "tags": ["q", "-", "="]}],
    )
    assert found.pairing == [1, 0]
    assert [column.credit for column in found.columns] == pytest.approx([1, (1 + 1 / 3) / 2])
    assert (found.columns[1].wrong, found.columns[1].invented) == (1, 1)


def test_cells_of_unpaired_nested_rows_are_counted() -> None:
    found = compare(
        NESTED,
        expected=[{"x": "a", "tags": ["p", "q"]}, {"x": "b", "tags": None}],
        extracted=[],
    )
    assert [column.missing for column in found.columns] == [2, 2]
    assert found.accuracy == 0


def test_nested_shares_decide_the_pairing() -> None:
    found = compare(
        NESTED,
        expected=[{"x": "a", "tags": ["p", "q", "r"]}, {"x": "a", "tags": ["s"]}],
        extracted=[{"x": "a", "tags": ["s", "-"]}, {"x": "a", "tags": ["p", "q"]}],
    )
    assert found.pairing == [1, 0]
    assert found.columns[1].credit == pytest.approx((1 / 2 + 2 / 3) / 2)


def test_arrays_of_arrays() -> None:
    grid = array_of({"type": "array", "items": TEXT})
    found = compare(grid, expected=[["a", "b"], ["c"]], extracted=[["c"], ["b", "x"]])
    assert found.accuracy == pytest.approx((1 + 1 / 2) / 2)


@pytest.mark.parametrize("bad", ["text", 7, True, ["a"]])
def test_rows_of_a_wrong_shape_match_nothing(bad: Any) -> None:
    good = table(("a", None, None))
    assert compare(XYZ, expected=[bad], extracted=good).accuracy == 0
    assert compare(XYZ, expected=good, extracted=[bad]).accuracy == 0
    assert compare(XYZ, expected=[bad], extracted=[bad]).accuracy == 0


@given(rows_of_three, rows_of_three, st.randoms())
@settings(deadline=None)
def test_the_order_of_rows_does_not_matter(
    expected: list[Any], extracted: list[Any], shuffler: random.Random
) -> None:
    ours, theirs = table(*expected), table(*extracted)
    before = compare(XYZ, expected=ours, extracted=theirs)
    shuffler.shuffle(ours)
    shuffler.shuffle(theirs)
    assert compare(XYZ, expected=ours, extracted=theirs).accuracy == pytest.approx(before.accuracy)


@given(rows_of_three, rows_of_three)
@settings(deadline=None)
def test_all_cells_are_right_wrong_invented_or_missing(
    expected: list[Any], extracted: list[Any]
) -> None:
    found = compare(XYZ, expected=table(*expected), extracted=table(*extracted))
    rows = max(len(expected), len(extracted))
    assert 0 <= found.accuracy <= 1
    for column in found.columns:
        assert column.cells == rows
        faults = column.wrong + column.invented + column.missing
        assert faults == pytest.approx(rows - column.credit * rows if rows else 0)


@given(rows_of_three)
@settings(deadline=None)
def test_the_same_rows_are_all_right(rows: list[Any]) -> None:
    found = compare(XYZ, expected=table(*rows), extracted=table(*rows))
    assert found.accuracy == 1
    assert found.pairing == list(range(len(rows)))
