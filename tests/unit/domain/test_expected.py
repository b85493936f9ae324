"""What may be expected of an item: its shape by kind, and nothing that breaks the check."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.domain.expected import check_expected
from evaluand.domain.model import TargetKind
from evaluand.errors import InvalidRequest

EXTRACTOR, CLASSIFIER, SPLITTER = (
    TargetKind.EXTRACTOR,
    TargetKind.CLASSIFIER,
    TargetKind.SPLITTER,
)
FREE = sorted(set(TargetKind) - {EXTRACTOR, CLASSIFIER, SPLITTER})
MEMBERS = ["value", "id", "type", "splits", "classificationId", "startPage", "endPage"]

# Shapes that look right at first: the members that count, with anything in them.
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(MEMBERS) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=20,
)


def split(**changes: Any) -> dict[str, Any]:
    good = {"classificationId": "cls_1", "type": "invoice", "startPage": 1, "endPage": 2}
    return good | changes


@given(st.sampled_from(list(TargetKind)), values)
def test_nothing_does_more_than_be_refused(kind: TargetKind, expected: Any) -> None:
    refusal = None
    try:
        check_expected(kind, expected, "items[3].expectedOutput")
    except InvalidRequest as error:
        refusal = error

    if refusal is not None:
        assert refusal.field is not None
        assert refusal.field.startswith("items[3].expectedOutput")
        assert refusal.field in refusal.message


@given(st.dictionaries(st.text(), values), st.dictionaries(st.text(), values))
def test_an_extraction_may_hold_any_fields_and_members(
    fields: dict[str, Any], more: dict[str, Any]
) -> None:
    check_expected(EXTRACTOR, {**more, "value": fields}, "expectedOutput")


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_class_nobody_defined_is_welcome(identifier: str, kind: str) -> None:
    check_expected(CLASSIFIER, {"id": identifier, "type": kind, "note": None}, "expectedOutput")


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 50)), max_size=8))
def test_splits_may_be_none_or_overlap(spans: list[tuple[int, int]]) -> None:
    splits = [split(startPage=start, endPage=start + more) for start, more in spans]

    check_expected(SPLITTER, {"splits": splits}, "expectedOutput")


@pytest.mark.parametrize("kind", FREE)
@pytest.mark.parametrize("expected", [None, {}, {"answer": 42}])
def test_other_kinds_expect_what_they_like(kind: TargetKind, expected: Any) -> None:
    check_expected(kind, expected, "expectedOutput")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (EXTRACTOR, None),
        (EXTRACTOR, {}),
        (EXTRACTOR, {"value": None}),
        (EXTRACTOR, {"value": []}),
        (EXTRACTOR, {"id": "cls_1", "type": "invoice"}),
        (CLASSIFIER, None),
        (CLASSIFIER, {"id": "cls_1"}),
        (CLASSIFIER, {"id": "", "type": "invoice"}),
        (CLASSIFIER, {"id": "cls_1", "type": 7}),
        (CLASSIFIER, {"value": {}}),
        (SPLITTER, None),
        (SPLITTER, {"splits": None}),
        (SPLITTER, {"splits": {}}),
        (SPLITTER, {"splits": [None]}),
    ],
)
def test_a_shape_of_another_kind_is_refused(kind: TargetKind, expected: Any) -> None:
    with pytest.raises(InvalidRequest):
        check_expected(kind, expected, "expectedOutput")


@pytest.mark.parametrize(
    "changes",
    [
        {"startPage": 0},
        {"startPage": 3},
        {"startPage": True},
        {"endPage": 2.0},
        {"endPage": "2"},
        {"endPage": None},
        {"type": None},
        {"classificationId": 1},
    ],
)
def test_a_bad_split_is_named(changes: dict[str, Any]) -> None:
    expected = {"splits": [split(), split(**changes)]}

    with pytest.raises(InvalidRequest, match=r"splits\[1\]"):
        check_expected(SPLITTER, expected, "expectedOutput")


@pytest.mark.parametrize("missing", ["classificationId", "type", "startPage", "endPage"])
def test_each_member_of_a_split_is_needed(missing: str) -> None:
    incomplete = {name: value for name, value in split().items() if name != missing}

    with pytest.raises(InvalidRequest, match=r"splits\[0\]"):
        check_expected(SPLITTER, {"splits": [incomplete]}, "expectedOutput")
