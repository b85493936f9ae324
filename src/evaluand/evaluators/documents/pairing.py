"""Which extracted row is which expected row: by what stands in them, never by their position.

The cost is bounded. Up to a budget of row pairs the best pairing is found exactly. Beyond it, rows
that are identical are paired first, and what remains is paired exactly within blocks in document
order. The answer is always the same for the same rows, but past the budget moving a row by more
than a block can change it; such results are marked as not exact.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from evaluand.evaluators.documents.assignment import Pairing, best_pairing, in_order
from evaluand.evaluators.documents.matching import match_matrix, matches, row_key
from evaluand.evaluators.documents.schema import Array, Leaf, Record
from evaluand.evaluators.documents.values import cell, rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Compared = list[float]
"""The credit of each column of an array."""

CompareInner = Callable[[Array, Sequence[Any], Sequence[Any]], Compared]
"""Compares an array nested in a row: array, expected rows, extracted rows."""

_FLAT_BUDGET = 1_000_000
"""Pairs of rows compared exactly: 1,000 by 1,000 rows of eight columns take 0.3 s and 40 MB."""

_ONE_BY_ONE_BUDGET = 200_000
"""The same where a pair of rows takes a comparison of its own, 0.05 ms or so for a nested array."""

_FUZZY_WEIGHT = 100
"""So many characters of fuzzy text cost as much as another row: edit distance grows with length."""


def pair_rows(
    record: Record, extracted: Sequence[Any], expected: Sequence[Any], inner: CompareInner
) -> tuple[Pairing, bool]:
    """The pairing with the most matching cells and whether it is exact; ties keep document order.

    Nested arrays count one cell per column, by the column's credit.
    """
    if _already_in_order(record, extracted, expected, inner):
        return in_order(len(extracted), len(expected)), True
    budget = _ONE_BY_ONE_BUDGET if record.one_by_one else _FLAT_BUDGET
    if _pairs(record, extracted, expected) <= budget:
        return best_pairing(_similarity(record, extracted, expected, inner)), True
    return _pair_many(record, extracted, expected, inner, budget), False


def _already_in_order(
    record: Record, extracted: Sequence[Any], expected: Sequence[Any], inner: CompareInner
) -> bool:
    """Whether pairing by position makes every cell match, so that no pairing can be better."""
    return all(
        _same_row(record, left, right, inner)
        for left, right in zip(extracted, expected, strict=False)
    )


def _same_row(record: Record, extracted: Any, expected: Any, inner: CompareInner) -> bool:
    for part in record.fields:
        if isinstance(part, Leaf):
            if not matches(cell(expected, part), cell(extracted, part), part):
                return False
        elif min(inner(part, rows(expected, part), rows(extracted, part))) < 1:
            return False
    return True


def _similarity(
    record: Record, extracted: Sequence[Any], expected: Sequence[Any], inner: CompareInner
) -> NDArray[np.float64]:
    """Matching cells for all pairs: one line per extracted row, one column per expected row."""
    import numpy as np

    total = np.zeros((len(extracted), len(expected)))
    for part in record.fields:
        if isinstance(part, Leaf):
            left = [cell(row, part) for row in extracted]
            total += match_matrix(part, left, [cell(row, part) for row in expected])
        else:
            columns = [rows(row, part) for row in expected]
            for line, row in enumerate(extracted):
                mine = rows(row, part)
                total[line] += [sum(inner(part, theirs, mine)) for theirs in columns]
    return total


def _pair_many(
    record: Record,
    extracted: Sequence[Any],
    expected: Sequence[Any],
    inner: CompareInner,
    budget: int,
) -> Pairing:
    pairing, left, right = _pair_identical(record, extracted, expected)
    size = max(len(left), len(right))
    while left and right:
        lines = [extracted[index] for index in left[:size]]
        columns = [expected[index] for index in right[:size]]
        if size > 1 and _pairs(record, lines, columns) > budget:
            size //= 2
            continue
        found = best_pairing(_similarity(record, lines, columns, inner))
        for line, partner in zip(left, found, strict=False):
            pairing[line] = None if partner is None else right[partner]
        left, right = left[size:], right[size:]
    return pairing


def _pair_identical(
    record: Record, extracted: Sequence[Any], expected: Sequence[Any]
) -> tuple[Pairing, list[int], list[int]]:
    """Pair identical rows; the pairing so far and the indices left on both sides.

    Where matching means being equal no total is lost: whatever two rows could earn elsewhere,
    their former partners can earn with each other.
    """
    places: dict[Hashable, deque[int]] = defaultdict(deque)
    for index, row in enumerate(expected):
        places[_row_key(record, row)].append(index)
    pairing: Pairing = []
    for row in extracted:
        same = places.get(_row_key(record, row))
        pairing.append(same.popleft() if same else None)
    left = [index for index, partner in enumerate(pairing) if partner is None]
    right = sorted(index for same in places.values() for index in same)
    return pairing, left, right


def _row_key(record: Record, row: Any) -> Hashable:
    return tuple(
        row_key(cell(row, part))
        if isinstance(part, Leaf)
        else tuple(_row_key(part.row, line) for line in rows(row, part))
        for part in record.fields
    )


def _pairs(record: Record, extracted: Sequence[Any], expected: Sequence[Any]) -> int:
    """Pairs the pairing has to look at: it makes the shorter side as long as the longer."""
    return max(_weight(record, extracted), _weight(record, expected)) ** 2


def _weight(record: Record, lines: Sequence[Any]) -> int:
    """What pairing these rows costs, in rows: the rows nested in them and their fuzzy text too."""
    weight = len(lines)
    for part in record.fields:
        if isinstance(part, Array):
            weight += sum(_weight(part.row, rows(row, part)) for row in lines)
        elif part.fuzzy:
            texts = (cell(row, part) for row in lines)
            weight += sum(len(text) for text in texts if isinstance(text, str)) // _FUZZY_WEIGHT
    return weight
