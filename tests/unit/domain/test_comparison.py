"""Two runs side by side: what each item earned, and what may be said of the difference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluand.domain.comparison import Comparison, Earned, Share, compare, earned
from evaluand.domain.model import Score

names = st.sampled_from(["total", "date", "vendor"])


def score(value: float | None = None, passed: bool | None = None, **detail: Any) -> Score:
    return Score(metric="m", value=value, passed=passed, detail=detail)


def tally(credit: float, expected: float) -> dict[str, float]:
    return {"credit": credit, "expected": expected}


def worth(value: float, passed: bool | None = None) -> Earned:
    return Earned(share=Share(value, 1.0), passed=passed)


@st.composite
def shares(draw: st.DrawFn) -> Share:
    whole = draw(st.integers(1, 20))
    return Share(draw(st.integers(0, whole)), whole)


@st.composite
def with_fields(draw: st.DrawFn) -> Earned:
    fields: Mapping[str, Share] = draw(st.dictionaries(names, shares(), min_size=1))
    whole = Share(sum(s.part for s in fields.values()), sum(s.whole for s in fields.values()))
    return Earned(share=whole, passed=draw(st.none() | st.booleans()), fields=fields)


plain = st.builds(worth, st.floats(0, 1), st.none() | st.booleans())
runs = st.one_of(
    st.dictionaries(st.integers(0, 9), plain, max_size=8),
    st.dictionaries(st.integers(0, 9), with_fields(), max_size=8),
)


# ── What one item earned ─────────────────────────────────────────────────────────────────────────


def test_a_plain_score_is_its_value() -> None:
    assert earned(score(0.25, passed=False)) == worth(0.25, passed=False)


def test_nothing_measured_earns_nothing() -> None:
    assert earned(score(None)) is None
    assert earned(score(None, fields={})) is None
    assert earned(score(None, fields={"total": tally(0, 0)})) is None
    assert earned(score(None, correct=0, expected=0, predicted=0)) is None


def test_fields_are_pooled_and_those_never_expected_left_out() -> None:
    found = earned(
        score(
            0.5,
            passed=False,
            fields={"total": tally(1, 1), "items": tally(1.5, 4), "note": tally(0, 0)},
        )
    )

    assert found is not None
    assert found.share == Share(2.5, 5)
    assert found.fields == {"total": Share(1, 1), "items": Share(1.5, 4)}
    assert found.passed is False


@pytest.mark.parametrize(
    ("correct", "expected", "predicted", "f1"), [(2, 3, 2, 0.8), (0, 0, 2, 0.0), (3, 3, 3, 1.0)]
)
def test_splits_earn_their_f1(correct: int, expected: int, predicted: int, f1: float) -> None:
    found = earned(score(f1, correct=correct, expected=expected, predicted=predicted))

    assert found is not None
    assert found.share.ratio == pytest.approx(f1)


def test_counts_that_are_no_whole_numbers_are_no_splits() -> None:
    assert earned(score(0.5, correct=True, expected=1.0, predicted=None)) == worth(0.5)


# ── Two runs ─────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=30, deadline=None)
@given(runs)
def test_a_run_does_not_differ_from_itself(run: dict[int, Earned]) -> None:
    found = compare(run, run)

    assert found.verdict == "cannot_tell"
    assert (found.paired, found.unpaired) == (len(run), 0)
    assert found.items == ()
    assert (found.difference is None) == (not run)
    assert found.difference is None or found.difference.estimate == 0
    assert all(change.verdict == "cannot_tell" for change in found.fields)


@settings(max_examples=30, deadline=None)
@given(runs, runs)
def test_what_is_counted_is_what_both_measured(
    first: dict[int, Earned], second: dict[int, Earned]
) -> None:
    found = compare(first, second)
    both = set(first) & set(second)

    assert found.paired == len(both)
    assert found.unpaired == len(set(first) ^ set(second))
    assert (found.difference is None) == (not both)
    assert {change.key for change in found.items} <= both
    changes = [abs(change.after - change.before) for change in found.items]
    assert changes == sorted(changes, reverse=True)
    assert all(changes)


@settings(max_examples=30, deadline=None)
@given(runs, runs)
def test_the_other_way_round_is_the_opposite(
    first: dict[int, Earned], second: dict[int, Earned]
) -> None:
    there, back = compare(first, second), compare(second, first)

    opposite = {"better": "worse", "worse": "better", "cannot_tell": "cannot_tell"}
    assert back.verdict == opposite[there.verdict]
    if there.difference is not None and back.difference is not None:
        assert math.isclose(
            there.difference.estimate, -back.difference.estimate, rel_tol=1e-9, abs_tol=1e-12
        )
    assert sorted((c.key, c.before, c.after) for c in there.items) == sorted(
        (c.key, c.after, c.before) for c in back.items
    )


def clear(name: str | None = None) -> Comparison[int]:
    """Twenty items, all wrong before and all right after."""
    fields = {} if name is None else {name: Share(0, 2)}
    better = {} if name is None else {name: Share(2, 2)}
    first = {n: Earned(share=Share(0, 2), passed=False, fields=fields) for n in range(20)}
    second = {n: Earned(share=Share(2, 2), passed=True, fields=better) for n in range(20)}
    return compare(first, second)


def test_a_clear_gain_is_better() -> None:
    found = clear()

    assert found.verdict == "better"
    assert found.difference is not None
    assert found.difference.estimate == 1.0
    assert all(change.flipped for change in found.items)


def test_a_field_has_its_own_figures() -> None:
    (field,) = clear("total").fields

    assert (field.name, field.before, field.after) == ("total", 0.0, 1.0)
    assert field.verdict == "better"


def test_one_item_alone_tells_nothing() -> None:
    assert compare({1: worth(0.0)}, {1: worth(1.0)}).verdict == "cannot_tell"


def test_an_item_without_a_verdict_does_not_flip() -> None:
    found = compare({1: worth(0.2), 2: worth(0.2, False)}, {1: worth(0.9), 2: worth(0.9, True)})

    assert {change.key: change.flipped for change in found.items} == {1: False, 2: True}


def test_many_fields_must_be_surer_than_one() -> None:
    """Of twenty fields one is better by six items to none; alone that would be told (p = 1/32)."""

    def items(gains: int, names: list[str]) -> tuple[dict[int, Earned], dict[int, Earned]]:
        before = {name: Share(0, 1) for name in names}
        after = {**before, names[0]: Share(1, 1)}

        def of(fields: Mapping[str, Share]) -> Earned:
            parts = sum(share.part for share in fields.values())
            return Earned(share=Share(parts, len(fields)), fields=fields)

        first = {n: of(before) for n in range(12)}
        return first, {n: of(after if n < gains else before) for n in range(12)}

    alone = compare(*items(6, ["f0"])).fields[0]
    among = compare(*items(6, [f"f{n}" for n in range(20)])).fields[0]

    assert alone.verdict == "better"
    assert among.verdict == "cannot_tell"
    assert among.difference.p_value > alone.difference.p_value


def test_a_field_measured_in_one_run_only_is_left_out() -> None:
    first = {1: Earned(share=Share(1, 2), fields={"a": Share(1, 2)})}
    second = {1: Earned(share=Share(2, 2), fields={"b": Share(2, 2)})}

    assert compare(first, second).fields == ()
