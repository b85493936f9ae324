"""The bootstrap, for statistics that have no formula of their own."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence

from evaluand.domain.statistics.intervals import LEVEL, Interval

_RESAMPLES = 4_999
"""Enough for the second decimal of the ends at 95 %; Efron and Tibshirani advise 1,000 or more."""


def bca_bootstrap(
    values: Sequence[float],
    statistic: Callable[[Sequence[float]], float],
    seed: int,
    level: float = LEVEL,
    resamples: int = _RESAMPLES,
) -> Interval:
    """The bias-corrected and accelerated bootstrap interval of ``statistic``, repeatable by seed.

    Where the correction is undefined, as when all values are the same, plain percentiles serve.
    Efron, J. Amer. Statist. Assoc. 82 (1987) 171-185. Raises ValueError for fewer than two values.
    """
    from scipy.stats import bootstrap  # type: ignore[import-untyped]

    if len(values) < 2:
        raise ValueError(f"a bootstrap needs at least two values, not {len(values)}")

    def interval(method: str) -> Interval:
        result = bootstrap(
            (values,),
            lambda sample: float(statistic(sample)),
            vectorized=False,
            n_resamples=resamples,
            confidence_level=level,
            method=method,
            rng=seed,
        )
        return Interval(*(float(end) for end in result.confidence_interval))

    with warnings.catch_warnings():
        # scipy warns of degenerate data and answers NaN, which is dealt with here.
        warnings.simplefilter("ignore")
        corrected = interval("BCa")
        if any(math.isnan(end) for end in corrected):
            return interval("percentile")
    return corrected
