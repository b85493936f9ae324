"""Comparisons of two runs over the same items: tests against scipy, verdicts, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, permutation_test, ttest_rel

from evaluand.domain.statistics import (
    Difference,
    Interval,
    compare_paired_ratios,
    exact_mcnemar,
    holm,
    no_worse,
    paired_difference,
    permutation_p_value,
    verdict,
)

bits = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=60)
quadruple = st.tuples(st.integers(0, 9), st.integers(9, 20), st.integers(0, 9), st.integers(9, 20))


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_an_exact_coin_test(only_first: int, only_second: int) -> None:
    n = only_first + only_second
    theirs = binomtest(only_first, n).pvalue if n else 1.0
    assert exact_mcnemar(only_first, only_second) == pytest.approx(theirs)


def test_few_changed_items_are_enumerated_exactly() -> None:
    first, second = [0.1, 0.4, 0.5, 0.9, 0.3], [0.2, 0.8, 0.5, 0.95, 0.6]
    theirs = permutation_test(
        (first, second), lambda a, b: np.mean(b) - np.mean(a), permutation_type="samples"
    )
    table = [(a, 1.0, b, 1.0) for a, b in zip(first, second, strict=True)]
    assert permutation_p_value(table, seed=0) == pytest.approx(theirs.pvalue)


def test_many_changed_items_are_sampled_repeatably() -> None:
    rng = np.random.default_rng(2)
    table = [(float(a), 1.0, float(a) + float(b), 1.0) for a, b in rng.normal(0.1, 1, (60, 2))]
    found = permutation_p_value(table, seed=4)
    assert found == permutation_p_value(table, seed=4)
    theirs = ttest_rel([row[0] for row in table], [row[2] for row in table]).pvalue
    assert found == pytest.approx(theirs, abs=0.02)


def test_equal_runs_do_not_differ() -> None:
    same = compare_paired_ratios([(3, 4, 3, 4), (5, 5, 5, 5)])
    assert (same.estimate, same.p_value) == (0, 1)
    assert verdict(same) == "cannot_tell"


def test_relabelling_that_leaves_a_run_unmeasured_counts_as_extreme() -> None:
    assert permutation_p_value([(1, 1, 0, 0), (0, 0, 1, 2)], seed=0) == 1.0


@given(st.lists(quadruple, min_size=2, max_size=30))
def test_exchanging_the_runs_turns_the_difference_round(
    items: list[tuple[int, int, int, int]],
) -> None:
    there = compare_paired_ratios(items)
    back = compare_paired_ratios([(c, d, a, b) for a, b, c, d in items])
    assert there.estimate == pytest.approx(-back.estimate)
    assert there.interval is not None
    assert back.interval is not None
    assert there.interval.low == pytest.approx(-back.interval.high)
    assert there.interval.low - 1e-12 <= there.estimate <= there.interval.high + 1e-12


def test_with_wholes_of_one_the_runs_means_are_compared() -> None:
    first, second = [0.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]
    table = [(a, 1, b, 1) for a, b in zip(first, second, strict=True)]
    assert compare_paired_ratios(table) == paired_difference(first, second)
    assert compare_paired_ratios([*table, (0, 0, 0, 0)]) == paired_difference(first, second)


def test_with_equal_wholes_the_comparison_is_students() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.random(25), rng.random(25)
    table = [(4 * a, 4, 4 * b, 4) for a, b in zip(first, second, strict=True)]
    found = compare_paired_ratios(table)
    theirs = ttest_rel(second, first).confidence_interval(0.95)
    assert found.interval == pytest.approx((theirs.low, theirs.high))
    assert found.items == 25


def test_a_real_gain_is_told_and_noise_is_not() -> None:
    gain = [(15, 20, 18, 20)] * 12 + [(20, 20, 20, 20)] * 10 + [(18, 20, 17, 20)] * 3
    assert verdict(compare_paired_ratios(gain)) == "better"
    assert verdict(compare_paired_ratios([(c, d, a, b) for a, b, c, d in gain])) == "worse"
    noise = [(15, 20, 18, 20), (18, 20, 15, 20), (20, 20, 20, 20), (20, 20, 20, 20)]
    assert verdict(compare_paired_ratios(noise)) == "cannot_tell"


def test_five_changed_items_of_thirty_are_too_few_however_alike() -> None:
    found = compare_paired_ratios([(0, 2, 2, 2)] * 5 + [(2, 2, 2, 2)] * 25)
    assert found.interval is not None
    assert found.interval.low > 0
    assert found.p_value == pytest.approx(2 / 32)
    assert verdict(found) == "cannot_tell"


def test_nothing_measured_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        compare_paired_ratios([(0, 0, 1, 1)])
    with pytest.raises(ValueError, match="same items"):
        paired_difference([1.0], [])


def test_linearised_intervals_cover_the_true_difference() -> None:
    rng = np.random.default_rng(8)
    trials, covered = 300, 0
    for _ in range(trials):
        whole = rng.integers(10, 31, size=40)
        skill = rng.beta(6, 2, size=40)
        first, second = rng.binomial(whole, skill), rng.binomial(whole, skill * 0.9)
        columns = (column.tolist() for column in (first, whole, second, whole))
        table = list(zip(*columns, strict=True))
        found = compare_paired_ratios(table).interval
        assert found is not None
        covered += found.low <= -0.075 <= found.high
    assert 0.91 <= covered / trials <= 0.99


@given(bits)
def test_passed_or_not_uses_the_tests_for_it(pairs: list[tuple[int, int]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    found = paired_difference(first, second)
    assert found.method == "newcombe_mcnemar"
    assert found.p_value == exact_mcnemar(pairs.count((1, 0)), pairs.count((0, 1)))
    assert found.interval is not None
    assert -1 <= found.interval.low <= found.estimate <= found.interval.high <= 1
    back = paired_difference(second, first).interval
    assert back is not None
    assert found.interval.low == pytest.approx(-back.high)


def test_newcombes_interval_covers_for_few_items() -> None:
    rng = np.random.default_rng(6)
    trials, covered = 500, 0
    for _ in range(trials):
        first = (rng.random(20) < 0.9).astype(int)
        second = np.where(rng.random(20) < 0.1, 1 - first, first)
        found = paired_difference(first.tolist(), second.tolist()).interval
        assert found is not None
        covered += found.low <= 0.9 * -0.1 + 0.1 * 0.1 <= found.high
    assert covered / trials >= 0.93


def test_graded_values_use_the_mean() -> None:
    found = paired_difference([0.2, 0.5, 0.4], [0.3, 0.9, 0.8])
    assert found.estimate == pytest.approx(0.3)
    assert (found.method, found.p_value) == ("student_permutation", pytest.approx(2 / 8))
    assert paired_difference([0.2], [0.4]).interval is None


@pytest.mark.parametrize(
    ("interval", "p_value", "margin", "word", "safe"),
    [
        (Interval(0.02, 0.08), 0.01, 0.0, "better", True),
        (Interval(0.02, 0.08), 0.01, 0.03, "cannot_tell", True),
        (Interval(0.02, 0.08), 0.2, 0.0, "cannot_tell", True),
        (Interval(-0.08, -0.02), 0.01, 0.0, "worse", False),
        (Interval(-0.08, -0.02), 0.01, 0.1, "cannot_tell", True),
        (Interval(-0.01, 0.05), 0.3, 0.02, "cannot_tell", True),
        (None, 0.5, 0.0, "cannot_tell", False),
    ],
)
def test_verdicts(
    interval: Interval | None, p_value: float, margin: float, word: str, safe: bool
) -> None:
    found = Difference(estimate=0.0, interval=interval, p_value=p_value, method="any", items=10)
    assert verdict(found, margin) == word
    assert no_worse(found, margin) is safe


def test_holm_against_a_case_worked_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_is_its_definition(p_values: list[float]) -> None:
    """The largest (m - rank) p over all p-values that are not above this one, at most 1."""
    ranked = sorted(p_values)
    steps = [min(1.0, (len(ranked) - rank) * p) for rank, p in enumerate(ranked)]
    wanted = [max(step for step, p in zip(steps, ranked, strict=True) if p <= q) for q in p_values]
    assert holm(p_values) == pytest.approx(wanted)
