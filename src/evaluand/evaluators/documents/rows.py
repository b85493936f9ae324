"""Comparing a document, or a row of a table, with what was expected of it.

Rows of arrays are paired by content first. Everything else follows: a cell of a paired row is
compared with its partner, a superfluous row was invented, a lacking row is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any, NamedTuple

from evaluand.evaluators.documents.assignment import Pairing
from evaluand.evaluators.documents.matching import matches
from evaluand.evaluators.documents.pairing import Compared, pair_rows
from evaluand.evaluators.documents.schema import Array, Leaf, Record
from evaluand.evaluators.documents.values import cell, rows


class Cells(NamedTuple):
    """One column of one comparison: credit from 0 to 1, and its cells by what went wrong.

    Cells that are right are the rest: cells - wrong - invented - missing, nested arrays apart.
    """

    credit: float
    cells: int
    wrong: int = 0
    invented: int = 0
    missing: int = 0


class ComparedArray(NamedTuple):
    """An array's columns and how its rows were paired; see ``pair_rows`` for ``exact``."""

    columns: list[Cells]
    pairing: Pairing
    exact: bool
    expected_rows: int

    @property
    def accuracy(self) -> float:
        """Correct cells over the larger of cells expected and extracted."""
        return fmean(column.credit for column in self.columns)


_RIGHT = Cells(1.0, 1)
_WRONG = Cells(0.0, 1, wrong=1)
_INVENTED = Cells(0.0, 1, invented=1)
_MISSING = Cells(0.0, 1, missing=1)


def compare_leaf(expected: Any, extracted: Any, leaf: Leaf) -> Cells:
    """Two values of a field, as one cell."""
    if matches(expected, extracted, leaf):
        return _RIGHT
    if expected is None:
        return _INVENTED
    return _MISSING if extracted is None else _WRONG


def compare_array(array: Array, expected: Sequence[Any], extracted: Sequence[Any]) -> ComparedArray:
    """The columns of an array: credit is the share of right cells, superfluous rows counting."""
    pairing, exact = pair_rows(array.row, extracted, expected, _share_right)
    lines = [
        _unpaired(array.row, extracted[index], superfluous=True)
        if partner is None
        else compare_row(array.row, expected[partner], extracted[index])
        for index, partner in enumerate(pairing)
    ]
    partners = set(pairing)
    lines.extend(
        _unpaired(array.row, row, superfluous=False)
        for index, row in enumerate(expected)
        if index not in partners
    )
    return ComparedArray(_totals(array.row, lines), pairing, exact, len(expected))


def compare_row(record: Record, expected: Any, extracted: Any) -> list[Cells]:
    """The columns of one row against its partner's; missing keys count as null."""
    columns: list[Cells] = []
    for part in record.fields:
        if isinstance(part, Leaf):
            columns.append(compare_leaf(cell(expected, part), cell(extracted, part), part))
        else:
            columns += compare_array(part, rows(expected, part), rows(extracted, part)).columns
    return columns


def _share_right(array: Array, expected: Sequence[Any], extracted: Sequence[Any]) -> Compared:
    return [column.credit for column in compare_array(array, expected, extracted).columns]


def _totals(record: Record, lines: list[list[Cells]]) -> list[Cells]:
    """Column by column the mean credit and the added counts; without rows both agree: credit 1."""
    if not lines:
        return [Cells(1.0, 0) for _ in record.names]
    return [
        Cells(sum(credit) / len(lines), sum(cells), sum(wrong), sum(invented), sum(missing))
        for credit, cells, wrong, invented, missing in (
            zip(*column, strict=True) for column in zip(*lines, strict=True)
        )
    ]


def _unpaired(record: Record, row: Any, *, superfluous: bool) -> list[Cells]:
    """A row compared with nothing: all its cells are wrong, nulls too."""
    counts = _cells_of(record, row)
    if superfluous:
        return [Cells(0.0, count, invented=count) for count in counts]
    return [Cells(0.0, count, missing=count) for count in counts]


def _cells_of(record: Record, row: Any) -> Iterator[int]:
    for part in record.fields:
        if isinstance(part, Leaf):
            yield 1
        else:
            inner = [tuple(_cells_of(part.row, line)) for line in rows(row, part)]
            yield from map(sum, zip(*inner, strict=True)) if inner else (0 for _ in part.row.names)
