"""The best one-to-one pairing of two lists, and among equals the one in document order.

scipy finds an optimal pairing. Which of several optimal ones it finds is an accident; the rule here
is the lexicographically smallest list of expected indices by extracted index, an extracted row
without a partner counting as after all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Pairing = list[int | None]
"""For each extracted row the index of its expected row, None if it has no partner."""

_TIE = 1e-7
"""Totals closer than this are equal: sums of fractions differ by rounding, true gains by more."""


def in_order(extracted: int, expected: int) -> Pairing:
    """The pairing by position: the lexicographically smallest there is."""
    return [index if index < expected else None for index in range(extracted)]


def best_pairing(similarity: NDArray[np.float64]) -> Pairing:
    """The pairing with the greatest total similarity; ties go to document order.

    ``similarity`` has one line per extracted and one column per expected row, none negative; as
    many pairs are made as the shorter side has rows. Takes at worst time by the cube of the longer.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

    extracted, expected = similarity.shape
    if not extracted or not expected:
        return [None] * extracted
    size = max(extracted, expected)
    profit = np.zeros((size, size))
    profit[:extracted, :expected] = similarity
    # No pairing beats giving every row its best; often the order of the document does just that.
    bound = min(profit.max(axis=1).sum(), profit.max(axis=0).sum())
    if profit.trace() >= bound - _TIE:
        return in_order(extracted, expected)
    lines, columns = linear_sum_assignment(profit, maximize=True)
    if profit.trace() >= profit[lines, columns].sum() - _TIE:
        return in_order(extracted, expected)
    _reorder(_tight(profit, columns), columns, extracted, expected)
    return [int(column) if column < expected else None for column in columns[:extracted]]


def _tight(profit: NDArray[np.float64], columns: NDArray[np.intp]) -> NDArray[np.bool_]:
    """The cells that some optimal pairing may use, given one optimal pairing.

    From prices of the columns at which every row likes its own best (the dual of the assignment
    problem): the longest paths in the graph of what row i would gain by taking row k's column. The
    pairing is optimal, so no cycle gains and the paths are finite (Bellman-Ford).
    """
    import numpy as np

    matched = profit[np.arange(len(columns)), columns]
    gain = profit[:, columns] - matched[:, None]
    prices = np.zeros(len(columns))
    while True:
        raised = (prices[:, None] + gain).max(axis=0)
        if (raised <= prices + _TIE / len(columns)).all():
            break
        prices = np.maximum(prices, raised)
    tight = np.empty(profit.shape, dtype=bool)
    tight[:, columns] = prices[None, :] - prices[:, None] - gain <= _TIE
    return tight


def _reorder(
    tight: NDArray[np.bool_], columns: NDArray[np.intp], extracted: int, expected: int
) -> None:
    """Give each row in turn the first column it can have without loss, in place.

    Row i can have the column of a later row k if k, and whoever must move for it, can move along
    tight cells until someone takes the column that i leaves.
    """
    import numpy as np

    for row in range(extracted):
        later = np.arange(len(columns)) > row
        # Columns beyond the expected rows all mean "no partner".
        rank = np.minimum(columns, expected)
        wanted = later & tight[row, columns] & (rank < rank[row])
        if not wanted.any():
            continue
        successor = _moves_towards(row, later, tight, columns)
        wanted &= successor >= 0
        if not wanted.any():
            continue
        owner = int(np.where(wanted, columns, len(columns)).argmin())
        taken = columns[owner]
        while owner != row:
            columns[owner] = columns[successor[owner]]
            owner = int(successor[owner])
        columns[row] = taken


def _moves_towards(
    row: int, later: NDArray[np.bool_], tight: NDArray[np.bool_], columns: NDArray[np.intp]
) -> NDArray[np.intp]:
    """For each later row the row whose column it takes on the way to ``row``'s; -1 if none."""
    import numpy as np

    successor = np.full(len(columns), -1, dtype=np.intp)
    waiting = later.copy()
    frontier = np.array([row])
    while frontier.size:
        can = tight[:, columns[frontier]] & waiting[:, None]
        found = np.flatnonzero(can.any(axis=1))
        successor[found] = frontier[can[found].argmax(axis=1)]
        waiting[found] = False
        frontier = found
    return successor
