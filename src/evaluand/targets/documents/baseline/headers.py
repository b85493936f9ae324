"""Heads of tables: lines whose words name the columns a schema asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from evaluand.domain.documents import Box
from evaluand.targets.documents.baseline.fields import Query
from evaluand.targets.documents.baseline.labels import Lexicon, in_text
from evaluand.targets.documents.baseline.layout import Cell, Line, Sheet, cell_of, union

# A head names at least two columns, or one line of prose with "amount" in it would be a head.
_FEWEST = 2
# Two lines are one head when the second adds this much certainty to the first.
_STACK_GAIN = 0.3
# Unknown words beside a label ("amount excl. levy") make it a little less likely.
_EXTRA_WORDS = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: where its head stands, and the number of its query, if any."""

    box: Box
    query: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A head: its columns from left to right, and the first line below it."""

    columns: tuple[Column, ...]
    first: int
    below: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heading:
    box: Box
    worth: Mapping[int, float]


def best_header(sheet: Sheet, lexicon: Lexicon, queries: Sequence[Query]) -> Header | None:
    """The head on ``sheet`` that names most of ``queries``; the first of equals."""
    found = list(_headers(sheet, lexicon, queries))
    return max(found, key=lambda header: header.score, default=None)


def _headers(sheet: Sheet, lexicon: Lexicon, queries: Sequence[Query]) -> Iterator[Header]:
    for number, line in enumerate(sheet.lines):
        single = _assigned(_headings(line.cells, lexicon), len(queries))
        if single is None:
            continue
        below = number + 1
        stacked = _stacked(sheet, number)
        if stacked is not None:
            double = _assigned(_headings(stacked, lexicon), len(queries))
            if double is not None and double[1] > single[1] + _STACK_GAIN:
                single, below = double, number + 2
        columns, score = single
        yield Header(columns=columns, first=number, below=below, score=score)


def _headings(cells: Sequence[Cell], lexicon: Lexicon) -> list[_Heading]:
    """Every column name of a line; words between two labels go with the label before them."""
    headings: list[_Heading] = []
    for cell in cells:
        spans = list(in_text(cell.text, lexicon))
        if not spans:
            headings.append(_Heading(box=cell.box, worth={}))
            continue
        bounds = [0, *(span.start for span in spans[1:]), len(cell.text)]
        for span, (left, right) in zip(spans, pairwise(bounds), strict=True):
            spare = cell.text[left : span.start] + cell.text[span.end : right]
            factor = _EXTRA_WORDS if any(char.isalpha() for char in spare) else 1.0
            worth = {query: value * factor for query, value in span.worth.items()}
            headings.append(_Heading(box=cell.part(left, right), worth=worth))
    return headings


def _assigned(
    headings: Sequence[_Heading], queries: int
) -> tuple[tuple[Column, ...], float] | None:
    from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

    if sum(bool(heading.worth) for heading in headings) < min(_FEWEST, queries):
        return None
    scores = np.zeros((queries, len(headings)))
    for position, heading in enumerate(headings):
        for query, worth in heading.worth.items():
            # Of two columns with the same name the left one is meant: net before gross.
            scores[query, position] = worth - 0.001 * position
    rows, places = linear_sum_assignment(scores, maximize=True)
    chosen = {
        place: row
        for row, place in zip(rows.tolist(), places.tolist(), strict=True)
        if scores[row, place] > 0
    }
    if len(chosen) < min(_FEWEST, queries):
        return None
    columns = tuple(
        Column(box=heading.box, query=chosen.get(position))
        for position, heading in enumerate(headings)
    )
    return columns, float(sum(scores[row, place] for place, row in chosen.items()))


def _stacked(sheet: Sheet, number: int) -> list[Cell] | None:
    """The line and the one below as one line of cells, if they stand close and hold no digits."""
    if number + 1 >= len(sheet.lines):
        return None
    upper, lower = sheet.lines[number], sheet.lines[number + 1]
    height = upper.box.bottom - upper.box.top
    if lower.box.top - upper.box.bottom > 0.8 * height or _has_digit(lower):
        return None
    columns: list[list[Cell]] = [[cell] for cell in upper.cells]
    for cell in lower.cells:
        fitting = [column for column in columns if _overlap(column[0].box, cell.box)]
        if fitting:
            fitting[0].append(cell)
        else:
            columns.append([cell])
    columns.sort(key=lambda column: union(cell.box for cell in column).x0)
    return [cell_of([word for cell in column for word in cell.words]) for column in columns]


def _overlap(one: Box, other: Box) -> bool:
    return min(one.x1, other.x1) > max(one.x0, other.x0)


def _has_digit(line: Line) -> bool:
    return any(char.isdigit() for cell in line.cells for char in cell.text)
