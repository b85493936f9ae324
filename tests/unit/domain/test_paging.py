"""Cursors: read back exactly, and refused in one way when somebody else made them."""

from __future__ import annotations

import base64
import json
import string
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evaluand.domain.paging import decode_cursor, encode_cursor
from evaluand.errors import InvalidRequest

GREATEST = (1 << 63) - 1

cursors = st.lists(st.integers(-GREATEST - 1, GREATEST), min_size=2, max_size=4).map(tuple)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def token(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def refused_or_a_cursor(text: str) -> None:
    with suppress(InvalidRequest):
        values = decode_cursor(text)

        assert 2 <= len(values) <= 4
        assert all(type(value) is int and -GREATEST - 1 <= value <= GREATEST for value in values)


@given(cursors)
def test_cursors_can_be_turned_back(after: tuple[int, ...]) -> None:
    assert decode_cursor(encode_cursor(after)) == after


@given(cursors)
def test_tokens_are_plain_ascii(after: tuple[int, ...]) -> None:
    assert set(encode_cursor(after)) <= set(string.ascii_letters + string.digits + "-_=")


@given(st.text(st.characters()))
@example("\ud800")
@example("\0")
@example("ÄÖÜ=")
def test_no_text_does_more_than_be_refused(text: str) -> None:
    refused_or_a_cursor(text)


@given(st.binary())
@example(b"\xff\xfe[\x001\x00]\x00")
@example(b"9" * 5_000)
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    refused_or_a_cursor(base64.urlsafe_b64encode(data).decode())


@given(json_values)
def test_no_json_does_more_than_be_refused(value: object) -> None:
    refused_or_a_cursor(token(value))


@pytest.mark.parametrize(
    "value",
    [
        [],
        [1],
        [1, 2, 3, 4, 5],
        [1, "2"],
        [1, 2.0],
        [1, True],
        [1, None],
        [1, [2]],
        [1, GREATEST + 1],
        [1, -GREATEST - 2],
        {"0": 1, "1": 2},
        "[1,2]",
        12,
        None,
    ],
)
def test_what_is_no_cursor_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequest, match="page token"):
        decode_cursor(token(value))


@pytest.mark.parametrize("text", ["", "=", "WzEsMl0", "WzEsMl0= ", " WzEsMl0=", "not base64!"])
def test_what_is_no_base_64_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="page token"):
        decode_cursor(text)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="page token"):
        decode_cursor(base64.urlsafe_b64encode(b"[" * 100_000).decode())
