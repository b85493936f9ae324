"""Intervals, paired comparisons and verdicts: what a number on a run is worth.

Pure functions of numbers. numpy and scipy are loaded inside the functions that need them, so that
importing the domain stays fast. Every random step takes a seed and is repeatable.
"""

from evaluand.domain.statistics.bootstrap import bca_bootstrap
from evaluand.domain.statistics.hypotheses import exact_mcnemar, holm, permutation_p_value
from evaluand.domain.statistics.intervals import (
    Interval,
    RatioSums,
    mean_interval,
    proportion_interval,
    ratio_interval,
    wilson,
)
from evaluand.domain.statistics.paired import (
    Difference,
    PairedRatio,
    Verdict,
    compare_paired_ratios,
    no_worse,
    paired_difference,
    verdict,
)

__all__ = [
    "Difference",
    "Interval",
    "PairedRatio",
    "RatioSums",
    "Verdict",
    "bca_bootstrap",
    "compare_paired_ratios",
    "exact_mcnemar",
    "holm",
    "mean_interval",
    "no_worse",
    "paired_difference",
    "permutation_p_value",
    "proportion_interval",
    "ratio_interval",
    "verdict",
    "wilson",
]
