"""Adding up tallies, and turning the sums into metrics.

A state is a tree of dictionaries with numbers at its ends, and two states are joined by adding
them number by number. That one rule makes every fold associative and independent of order.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from evaluand.domain.statistics import Interval, RatioSums, ratio_interval, wilson
from evaluand.evaluators.documents.interface import State

_DECIMALS = 12
"""Far finer than anything shown, yet coarse enough to hide the order in which floats were added."""


def combine(one: State, other: State) -> State:
    """The sum of two states; neither is changed."""
    total = dict(one)
    for key, value in other.items():
        mine = total.get(key)
        if mine is None:
            total[key] = value
        elif isinstance(value, dict):
            total[key] = combine(mine, value)
        else:
            total[key] = mine + value
    return total


def ratio_sums(part: float, whole: float) -> State:
    """One item's contribution to a pooled ratio and its variance; nothing if whole is 0."""
    return asdict(RatioSums.of([(part, whole)]))


def tidy(number: float) -> float:
    """The number without rounding noise, an integer if it is whole."""
    rounded = round(number, _DECIMALS)
    return int(rounded) if rounded == int(rounded) else rounded


def ratio(name: str, part: float, whole: float) -> dict[str, Any]:
    """``{name: part / whole}``, or nothing if there is nothing to divide by."""
    return {name: tidy(part / whole)} if whole else {}


def rate(name: str, interval: str, successes: float, n: float) -> dict[str, Any]:
    """A share of independent items, and its interval under the name ``interval``."""
    if not n:
        return {}
    return {name: tidy(successes / n), interval: ends(wilson(successes, n))}


def pooled(name: str, interval: str, sums: RatioSums) -> dict[str, Any]:
    """A ratio of sums over items, and its interval under the name ``interval``."""
    if sums.ratio is None:
        return {}
    return {name: tidy(sums.ratio), interval: ends(ratio_interval(sums))}


def ends(interval: Interval) -> list[float]:
    """An interval as JSON."""
    return [tidy(interval.low), tidy(interval.high)]
