"""Intervals against scipy, and whether they cover as often as they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, t

from evaluand.domain.statistics import (
    Interval,
    RatioSums,
    bca_bootstrap,
    mean_interval,
    proportion_interval,
    ratio_interval,
    wilson,
)

counts = st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
items = st.lists(
    st.integers(0, 30).flatmap(lambda e: st.tuples(st.integers(0, e), st.just(e))), max_size=40
)


@given(counts, st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_is_scipys(count: tuple[int, int], level: float) -> None:
    successes, n = count
    theirs = binomtest(successes, n).proportion_ci(level, method="wilson")
    assert wilson(successes, n, level) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_wilson_ends_are_exact_and_nothing_seen_is_nothing_known() -> None:
    assert wilson(0, 10).low == 0.0
    assert wilson(10, 10).high == 1.0
    assert wilson(0, 0) == Interval(0.0, 1.0)


@pytest.mark.parametrize("successes", [-1, 11])
def test_wilson_refuses_impossible_counts(successes: int) -> None:
    with pytest.raises(ValueError, match="between 0 and n = 10"):
        wilson(successes, 10)


def test_ratio_sums_add_up_over_groups() -> None:
    sums = RatioSums.of([(1, 2), (3, 3), (0, 0)])
    assert sums == RatioSums(
        items=2, part=4, whole=5, part_squared=10, whole_squared=13, product=11
    )
    assert sums.ratio == pytest.approx(0.8)


def test_the_variance_of_a_ratio_is_that_of_its_residuals() -> None:
    pairs = [(8, 10), (3, 6), (9, 9), (2, 7)]
    ratio = 22 / 32
    residuals = [part - ratio * whole for part, whole in pairs]
    by_hand = 4 * np.var(residuals, ddof=1) / 32**2
    assert RatioSums.of(pairs).variance == pytest.approx(by_hand)


@given(items)
def test_a_ratio_interval_holds_its_ratio_and_stays_inside(pairs: list[tuple[int, int]]) -> None:
    sums = RatioSums.of(pairs)
    low, high = ratio_interval(sums)
    assert 0 <= low <= high <= 1
    if sums.ratio is not None:
        assert low - 1e-12 <= sums.ratio <= high + 1e-12


def test_fields_of_one_item_count_less_when_they_fail_together() -> None:
    apart = RatioSums.of([(9, 10)] * 15 + [(8, 10)] * 15)
    together = RatioSums.of([(10, 10)] * 25 + [(1, 10)] * 5)
    assert apart.ratio == together.ratio
    narrow, wide = ratio_interval(apart), ratio_interval(together)
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_without_variance_each_item_counts_once() -> None:
    assert ratio_interval(RatioSums.of([(20, 20)] * 30)) == wilson(30, 30)
    assert ratio_interval(RatioSums.of([(3, 4)])) == wilson(0.75, 1)
    assert ratio_interval(RatioSums()) == Interval(0.0, 1.0)


def test_the_effective_sample_never_exceeds_the_observations() -> None:
    tiny = proportion_interval(0.5, 1e-9, items=10, observations=100)
    assert tiny == wilson(50, 100)


@pytest.mark.parametrize(
    ("alpha", "beta", "number"), [(4.0, 2.0, 30), (9.5, 0.5, 30), (97.0, 3.0, 15)]
)
def test_ratio_intervals_cover_the_truth(alpha: float, beta: float, number: int) -> None:
    """Documents of unlike difficulty and length: the binomial interval covers 66 to 80 % here."""
    rng = np.random.default_rng(5)
    trials, covered = 400, 0
    for _ in range(trials):
        whole = rng.integers(10, 31, size=number)
        part = rng.binomial(whole, rng.beta(alpha, beta, size=number))
        low, high = ratio_interval(RatioSums.of(zip(part.tolist(), whole.tolist(), strict=True)))
        covered += low <= alpha / (alpha + beta) <= high
    assert covered / trials >= 0.91


def test_mean_interval_is_students() -> None:
    values = [0.2, 0.5, 0.9, 0.4, 0.7]
    theirs = t.interval(0.95, 4, np.mean(values), np.std(values, ddof=1) / math.sqrt(5))
    assert mean_interval(values) == pytest.approx(theirs)
    assert mean_interval([1.0, 1.0, 0.0], bounds=(0.0, 1.0)) == Interval(0.0, 1.0)
    assert mean_interval([0.5]) is None


def test_the_bootstrap_is_repeatable_and_close_to_theory() -> None:
    values = np.random.default_rng(1).normal(10, 2, size=80).tolist()
    found = bca_bootstrap(values, np.mean, seed=3, resamples=999)
    assert found == bca_bootstrap(values, np.mean, seed=3, resamples=999)
    theory = mean_interval(values)
    assert theory is not None
    assert found == pytest.approx(theory, abs=0.12)


def test_the_bootstrap_of_equal_values_is_a_point() -> None:
    assert bca_bootstrap([2.0] * 10, np.mean, seed=0, resamples=99) == Interval(2.0, 2.0)
    with pytest.raises(ValueError, match="at least two"):
        bca_bootstrap([1.0], np.mean, seed=0)
