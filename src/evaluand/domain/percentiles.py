"""Percentiles by nearest rank: always a value that occurred."""

from __future__ import annotations

import math
from collections.abc import Sequence


def nearest_rank(ordered: Sequence[int], share: float) -> int:
    """Of n values in ascending order the one at rank ceil(share·n). Needs at least one value."""
    # The product of a decimal share may land a hair above the whole number it means.
    rank = math.ceil(share * len(ordered) - 1e-9)
    return ordered[max(rank, 1) - 1]
