"""Reading bodies: the bound on nesting, and how a member at fault is named."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.dialects.extend.body import _decode, _depth_exceeds
from evaluand.dialects.extend.wire import CreateEvaluationSetRun
from evaluand.errors import InvalidRequest

RUN = msgspec.json.Decoder(CreateEvaluationSetRun)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='a[]{}"\\', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((depth(inner) for inner in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth(inner) for inner in value), default=0)
    return 0


@given(JSON, st.integers(1, 8))
def test_what_exceeds_is_deeper_and_what_is_twice_as_deep_exceeds(value: Any, limit: int) -> None:
    exceeds = _depth_exceeds(json.dumps(value, ensure_ascii=False).encode(), limit)
    if exceeds:
        assert depth(value) > limit
    if depth(value) > 2 * limit:
        assert exceeds


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(InvalidRequest):
        assert isinstance(_decode(RUN, data), CreateEvaluationSetRun)


@pytest.mark.parametrize(
    ("body", "message", "field"),
    [
        (b"{}", "'evaluationSetId' is missing.", "evaluationSetId"),
        (b'{"evaluationSetId":"a","entity":{}}', "'entity.id' is missing.", "entity.id"),
        (
            b'{"evaluationSetId":null}',
            "'evaluationSetId' is invalid: Expected string, got null.",
            "evaluationSetId",
        ),
        (b"[]", "The body is invalid: Expected object, got array.", None),
    ],
)
def test_a_member_at_fault_is_named(body: bytes, message: str, field: str | None) -> None:
    with pytest.raises(InvalidRequest) as caught:
        _decode(RUN, body)
    assert (caught.value.message, caught.value.field) == (message, field)


def test_null_is_absence() -> None:
    given = b'{"evaluationSetId":"ev_1","entity":null,"evaluationSetItemIds":null}'
    assert _decode(RUN, given) == CreateEvaluationSetRun(evaluation_set_id="ev_1")
