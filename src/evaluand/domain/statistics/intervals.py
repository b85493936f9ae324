"""Confidence intervals for rates, means and ratios of sums.

Rates use Wilson's interval: it stays inside 0 and 1 and keeps its promise for few items and for
rates near 1, where the textbook interval does not. Ratios of sums, such as the share of correct
fields over all documents, first ask how much the fields of one document go together: the variance
is taken between items, never between fields.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance
from typing import NamedTuple

LEVEL = 0.95
"""The usual confidence level; every function takes another."""

_NO_VARIANCE = 1e-12
"""Variances below this are rounding noise of the sums they are computed from."""


class Interval(NamedTuple):
    """A confidence interval, both ends included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioSums:
    """What a ratio of sums over items and its variance need, in constant space.

    An item contributes a ``part`` (say, credit earned) out of a ``whole`` (fields expected), with
    0 <= part <= whole. Items whose whole is 0 are not counted. Sums of two groups add up.
    """

    items: float = 0
    part: float = 0
    whole: float = 0
    part_squared: float = 0
    whole_squared: float = 0
    product: float = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[float, float]]) -> RatioSums:
        """The sums over ``(part, whole)`` pairs, one pair an item."""
        kept = [(part, whole) for part, whole in pairs if whole > 0]
        return cls(
            items=len(kept),
            part=sum(part for part, _ in kept),
            whole=sum(whole for _, whole in kept),
            part_squared=sum(part * part for part, _ in kept),
            whole_squared=sum(whole * whole for _, whole in kept),
            product=sum(part * whole for part, whole in kept),
        )

    @property
    def ratio(self) -> float | None:
        """The pooled ratio, None when there is nothing to divide by."""
        return self.part / self.whole if self.whole > 0 else None

    @property
    def variance(self) -> float:
        """The linearised variance of the ratio, items being the independent units; 0 below two.

        Cochran, Sampling Techniques (3rd ed., 1977), 6.4.
        """
        ratio = self.ratio
        if ratio is None or self.items < 2:
            return 0.0
        residuals = self.part_squared - 2 * ratio * self.product + ratio**2 * self.whole_squared
        return max(0.0, residuals) * self.items / (self.items - 1) / self.whole**2


def wilson(successes: float, n: float, level: float = LEVEL) -> Interval:
    """Wilson's score interval for a rate; ``n`` may be an effective, fractional sample size.

    Without observations nothing is known: the answer is 0 to 1. Wilson, J. Amer. Statist. Assoc.
    22 (1927) 209-212.
    """
    if n <= 0:
        return Interval(0.0, 1.0)
    if not 0 <= successes <= n:
        raise ValueError(f"successes must lie between 0 and n = {n}, not {successes}")
    z = _normal_quantile(level)
    rate, spread = successes / n, z * z / n
    centre = (rate + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(rate * (1 - rate) / n + spread / (4 * n))
    # The ends are exactly 0 and 1 there; rounding must not move them.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Interval(low, high)


def proportion_interval(
    rate: float, variance_of_rate: float, *, items: float, observations: float, level: float = LEVEL
) -> Interval:
    """An interval for a rate whose variance was estimated between ``items``, inside 0 and 1.

    Wilson's interval on the effective sample size, the number of independent observations that
    would have this variance, reduced for the degrees of freedom of the variance and never more
    than ``observations``. Where the variance is 0, nothing tells how strongly the observations of
    one item go together, so each item counts as a single observation.

    Korn and Graubard, Survey Methodology 24 (1998) 193-201; Wilson's form as recommended by Franco,
    Little, Louis and Slud, J. Surv. Stat. Methodol. 7 (2019) 334-364.
    """
    if variance_of_rate <= _NO_VARIANCE or not 0 < rate < 1:
        rate = min(1.0, max(0.0, rate))
        return wilson(rate * items, items, level)
    caution = (_normal_quantile(level) / _student_quantile(level, items - 1)) ** 2
    effective = min(observations, rate * (1 - rate) / variance_of_rate * caution)
    return wilson(rate * effective, effective, level)


def ratio_interval(sums: RatioSums, level: float = LEVEL) -> Interval:
    """The interval of a pooled ratio; observations of one item may depend on each other."""
    ratio = sums.ratio
    if ratio is None:
        return Interval(0.0, 1.0)
    return proportion_interval(
        ratio, sums.variance, items=sums.items, observations=sums.whole, level=level
    )


def mean_interval(
    values: Sequence[float], level: float = LEVEL, bounds: tuple[float, float] | None = None
) -> Interval | None:
    """Student's interval for a mean, cut to ``bounds``; None for fewer than two values."""
    if len(values) < 2:
        return None
    mean = fmean(values)
    error = math.sqrt(variance(values, mean) / len(values))
    half = _student_quantile(level, len(values) - 1) * error
    low, high = bounds or (-math.inf, math.inf)
    return Interval(max(low, mean - half), min(high, mean + half))


def _normal_quantile(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)


def _student_quantile(level: float, degrees: float) -> float:
    from scipy.special import stdtrit  # type: ignore[import-untyped]

    return float(stdtrit(degrees, (1 + level) / 2))
