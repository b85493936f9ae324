"""Columns: what goes in comes out, and sorts as it should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from evaluand.domain.ids import BITS, PublicId
from evaluand.store.columns import Id, Instant, JsonBytes, from_instant, to_instant

DIALECT = SQLiteDialect()

zones = st.integers(-720, 720).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# A day from the ends of the calendar: a zone may move a moment by half of one.
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=zones)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def through(column: Any, value: Any) -> Any:
    return column.process_result_value(column.process_bind_param(value, DIALECT), DIALECT)


@given(moments)
def test_a_moment_keeps_its_microseconds_and_comes_back_in_utc(moment: datetime) -> None:
    found = through(Instant(), moment)

    assert found == moment
    assert found.tzinfo is UTC


@given(moments, moments)
def test_moments_sort_as_numbers(one: datetime, other: datetime) -> None:
    assert (one < other) == (to_instant(one) < to_instant(other))
    assert from_instant(to_instant(one)) == one


def test_cursors_compare_with_moments_as_they_are() -> None:
    assert Instant().process_bind_param(1_234, DIALECT) == 1_234


@given(st.integers(0, (1 << BITS) - 1).map(PublicId))
def test_an_id_is_fifteen_bytes(public_id: PublicId) -> None:
    assert through(Id(), public_id) == public_id
    assert len(Id().process_bind_param(public_id, DIALECT) or b"") == 15


@given(json_values)
def test_json_comes_back_verbatim(value: Any) -> None:
    assert through(JsonBytes(), value) == value


def test_nothing_stays_nothing() -> None:
    for column in (Instant(), Id(), JsonBytes()):
        assert through(column, None) is None
