"""Nearest-rank percentiles against their definition."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.domain.percentiles import nearest_rank

ordered = st.lists(st.integers(0, 100_000), min_size=1, max_size=60).map(sorted)
hundredths = st.integers(0, 100)


@given(ordered, hundredths)
def test_it_is_the_least_value_that_enough_values_do_not_exceed(
    values: list[int], percent: int
) -> None:
    found = nearest_rank(values, percent / 100)
    share = Fraction(percent, 100)

    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    below = [value for value in values if value < found]
    assert not below or len(below) < share * len(values)


@given(ordered)
def test_the_ends_are_the_smallest_and_the_greatest(values: list[int]) -> None:
    assert nearest_rank(values, 0.0) == values[0]
    assert nearest_rank(values, 1.0) == values[-1]


@given(ordered, hundredths, hundredths)
def test_a_greater_share_never_gives_a_smaller_value(values: list[int], a: int, b: int) -> None:
    low, high = sorted((a, b))

    assert nearest_rank(values, low / 100) <= nearest_rank(values, high / 100)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.05, 15), (0.3, 20), (0.4, 20), (0.5, 35), (1.0, 50)]
)
def test_the_textbook_example(share: float, expected: int) -> None:
    assert nearest_rank([15, 20, 35, 40, 50], share) == expected


@pytest.mark.parametrize("hundreds", [1, 3, 7])
def test_decimal_shares_of_hundreds_are_exact(hundreds: int) -> None:
    values = list(range(1, 100 * hundreds + 1))

    # 0.55 · 100 is 55.00000000000001 in binary.
    for percent in range(1, 101):
        assert nearest_rank(values, percent / 100) == percent * hundreds
