"""Two runs over the same items: the difference, its interval, and whether it can be told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal, NamedTuple

from evaluand.domain.statistics.hypotheses import exact_mcnemar, permutation_p_value
from evaluand.domain.statistics.intervals import LEVEL, Interval, mean_interval, wilson

Verdict = Literal["better", "worse", "cannot_tell"]

SEED = 20_260_209
"""Any fixed number would do: the same two runs must always give the same verdict."""


class PairedRatio(NamedTuple):
    """One item in two runs: what it earned out of what could be earned, first and second run."""

    part: float
    whole: float
    other_part: float
    other_whole: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Second run less first run. ``interval`` is None where items are too few to have one."""

    estimate: float
    interval: Interval | None
    p_value: float
    method: str
    items: int
    level: float = LEVEL


def paired_difference(
    first: Sequence[float], second: Sequence[float], level: float = LEVEL, seed: int = SEED
) -> Difference:
    """How much higher the mean of ``second`` is than that of ``first``; same items, same order.

    Passed-or-not values (0 and 1): exact McNemar test and Newcombe's interval. Others: Student's
    interval of the differences and a permutation test. Raises ValueError for no items or unlike
    lengths.
    """
    if len(first) != len(second) or not first:
        raise ValueError(
            f"the runs must cover the same items, at least one; got {len(first)} and {len(second)}"
        )
    if set(first) | set(second) <= {0, 1}:
        return _binary_difference(first, second, level)
    differences = [after - before for before, after in zip(first, second, strict=True)]
    table = [(before, 1, after, 1) for before, after in zip(first, second, strict=True)]
    return Difference(
        estimate=fmean(differences),
        interval=mean_interval(differences, level),
        p_value=permutation_p_value(table, seed),
        method="student_permutation",
        items=len(first),
        level=level,
    )


def compare_paired_ratios(
    items: Sequence[tuple[float, float, float, float]], level: float = LEVEL, seed: int = SEED
) -> Difference:
    """How much higher the pooled ratio of the second run is, items being the independent units.

    Each item is ``(part, whole, other_part, other_whole)``; items that neither run measured do not
    count. The interval is Student's on the linearised difference (Cochran, Sampling Techniques,
    6.4 and 6.12), the p-value exchanges the runs item by item. If all wholes are 1 the ratios are
    means and ``paired_difference`` answers. Raises ValueError if a run has nothing measured.
    """
    pairs = [pair for pair in map(PairedRatio._make, items) if pair.whole or pair.other_whole]
    if pairs and all(p.whole == p.other_whole == 1 for p in pairs):
        return paired_difference(
            [p.part for p in pairs], [p.other_part for p in pairs], level, seed
        )
    whole, other_whole = sum(p.whole for p in pairs), sum(p.other_whole for p in pairs)
    if whole <= 0 or other_whole <= 0:
        raise ValueError("nothing was measured in one of the runs, so they cannot be compared")
    ratio = sum(p.part for p in pairs) / whole
    other_ratio = sum(p.other_part for p in pairs) / other_whole
    estimate = other_ratio - ratio
    # What each item adds: its distance from its run's ratio, in units of the mean whole.
    weight, other_weight = len(pairs) / whole, len(pairs) / other_whole
    around_zero = mean_interval(
        [
            other_weight * (p.other_part - other_ratio * p.other_whole)
            - weight * (p.part - ratio * p.whole)
            for p in pairs
        ],
        level,
    )
    return Difference(
        estimate=estimate,
        interval=around_zero
        and Interval(max(-1.0, estimate + around_zero.low), min(1.0, estimate + around_zero.high)),
        p_value=permutation_p_value(pairs, seed),
        method="linearised_permutation",
        items=len(pairs),
        level=level,
    )


def verdict(difference: Difference, margin: float = 0.0) -> Verdict:
    """Better or worse by more than ``margin``, or not to be told from chance.

    The interval must lie beyond the margin and the test must reject equality at the same level:
    either alone is too bold when few items changed.
    """
    if difference.interval is None or difference.p_value > 1 - difference.level:
        return "cannot_tell"
    if difference.interval.low > margin:
        return "better"
    if difference.interval.high < -margin:
        return "worse"
    return "cannot_tell"


def no_worse(difference: Difference, margin: float) -> bool:
    """Whether a loss of more than ``margin`` is ruled out: the question a gate asks."""
    return difference.interval is not None and difference.interval.low >= -margin


def _binary_difference(first: Sequence[float], second: Sequence[float], level: float) -> Difference:
    pairs = list(zip(first, second, strict=True))
    both, neither = pairs.count((1, 1)), pairs.count((0, 0))
    only_first, only_second = pairs.count((1, 0)), pairs.count((0, 1))
    return Difference(
        estimate=(only_second - only_first) / len(pairs),
        interval=_newcombe(both, only_first, only_second, neither, level),
        p_value=exact_mcnemar(only_first, only_second),
        method="newcombe_mcnemar",
        items=len(pairs),
        level=level,
    )


def _newcombe(both: int, only_first: int, only_second: int, neither: int, level: float) -> Interval:
    """Newcombe's square-and-add interval for paired rates, second less first.

    Method 10 of Newcombe, Statistics in Medicine 17 (1998) 2635-2650: Wilson's intervals of the
    two rates, joined with their correlation (reduced by a continuity correction when positive).
    """
    n = both + only_first + only_second + neither
    rate, other = (both + only_first) / n, (both + only_second) / n
    low, high = wilson(both + only_first, n, level)
    other_low, other_high = wilson(both + only_second, n, level)
    surplus: float = both * neither - only_first * only_second
    if surplus > 0:
        surplus = max(0.0, surplus - n / 2)
    margins = (
        (both + only_first)
        * (only_second + neither)
        * (both + only_second)
        * (only_first + neither)
    )
    correlation = surplus / math.sqrt(margins) if margins else 0.0

    def joined(below: float, above: float) -> float:
        return math.sqrt(max(0.0, below**2 - 2 * correlation * below * above + above**2))

    difference = other - rate
    return Interval(
        max(-1.0, difference - joined(other - other_low, high - rate)),
        min(1.0, difference + joined(other_high - other, rate - low)),
    )
