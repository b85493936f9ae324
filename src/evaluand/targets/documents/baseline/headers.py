"""Heads of tables: lines whose words name the columns a schema asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from evaluand.domain.documents import Box
from evaluand.targets.documents.baseline.fields import Query
from evaluand.targets.documents.baseline.labels import Lexicon, Span, in_text
from evaluand.targets.documents.baseline.layout import Cell, Line, Sheet, cell_of, union
from evaluand.targets.documents.baseline.vocabulary import vocabulary

# A head names at least two columns, or one line of prose with "amount" in it would be a head.
_FEWEST = 2
# Two lines are one head when the second adds this much certainty to the first.
_STACK_GAIN = 0.3
# Cells beyond the outer heads by this many heights of type are a neighbour's, not the table's.
_MARGIN = 0.5
# Unknown words beside a label ("amount excl. levy") make it a little less likely.
_EXTRA_WORDS = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: where its head stands, and the number of its query, if any.

    ``known`` says that its head is in the vocabulary, so that it is no mystery what stands below.
    """

    box: Box
    query: int | None
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A head: its columns from left to right, and the first line below it."""

    columns: tuple[Column, ...]
    first: int
    below: int
    score: float

    def own_cells(self, line: Line) -> tuple[int, ...]:
        """Positions of the cells of ``line`` that stand within the table's left and right edge."""
        left = min(column.box.x0 for column in self.columns)
        right = max(column.box.x1 for column in self.columns)
        margin = _MARGIN * (line.box.bottom - line.box.top)
        return tuple(
            position
            for position, cell in enumerate(line.cells)
            if cell.box.x1 > left - margin and cell.box.x0 < right + margin
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heading:
    """A column's name; ``known`` if it is in the vocabulary, ``field`` if it labels a field."""

    box: Box
    worth: Mapping[int, float]
    known: bool = True
    field: bool = False


def best_header(sheet: Sheet, lexicon: Lexicon, queries: Sequence[Query]) -> Header | None:
    """The head on ``sheet`` that names most of ``queries``; the first of equals."""
    found = list(_headers(sheet, lexicon, queries))
    return max(found, key=lambda header: header.score, default=None)


def _headers(sheet: Sheet, lexicon: Lexicon, queries: Sequence[Query]) -> Iterator[Header]:
    for number, line in enumerate(sheet.lines):
        headings = _headings(line.cells, lexicon)
        best = _assigned(headings, len(queries))
        if best is None:
            continue
        below = number + 1
        stacked = _stacked(sheet, number)
        if stacked is not None:
            taller = _headings(stacked, lexicon)
            double = _assigned(taller, len(queries))
            if double is not None and double[1] > best[1] + _STACK_GAIN:
                headings, best, below = taller, double, number + 2
        chosen, score = best
        columns = _columns(headings, chosen, queries)
        yield Header(columns=columns, first=number, below=below, score=score)


def _headings(cells: Sequence[Cell], lexicon: Lexicon) -> list[_Heading]:
    """Every column name of a line; words between two labels go with the label before them."""
    headings: list[_Heading] = []
    for cell in cells:
        spans = _heads_in(cell.text, lexicon)
        if not spans:
            field = any(span.start == 0 for span in in_text(cell.text, _field_labels()))
            headings.append(_Heading(box=cell.box, worth={}, known=False, field=field))
            continue
        bounds = [0, *(span.start for span in spans[1:]), len(cell.text)]
        for span, (left, right) in zip(spans, pairwise(bounds), strict=True):
            spare = cell.text[left : span.start] + cell.text[span.end : right]
            factor = _EXTRA_WORDS if any(char.isalpha() for char in spare) else 1.0
            worth = {query: value * factor for query, value in span.worth.items()}
            headings.append(_Heading(box=cell.part(left, right), worth=worth))
    return headings


def _heads_in(text: str, lexicon: Lexicon) -> list[Span]:
    """The labels of a cell. Behind a capital, a small letter carries a head on ("Work carried
    out"), unless what it begins is asked for itself ("Goods total")."""
    spans = list(in_text(text, lexicon))
    lower = not text[:1].isupper()
    return [
        span
        for span in spans
        if span is spans[0] or lower or span.worth or not text[span.start].islower()
    ]


def _assigned(headings: Sequence[_Heading], queries: int) -> tuple[dict[int, int], float] | None:
    """Query numbers by position of the heading, and the sum of what they are worth."""
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
    return chosen, float(sum(scores[row, place] for place, row in chosen.items()))


def _columns(
    headings: Sequence[_Heading], chosen: dict[int, int], queries: Sequence[Query]
) -> tuple[Column, ...]:
    """Columns from the first to the last head that belongs to a table."""
    inner = [position for position, heading in enumerate(headings) if not _outside(heading)]
    named = dict(chosen)
    texts = [number for number, query in enumerate(queries) if query.kind == "text"]
    if texts and texts[0] not in chosen.values():
        # Whatever a head calls the items, it is the one head that no vocabulary knows.
        unknown = [position for position in inner if not headings[position].known]
        named |= dict.fromkeys(unknown[:1], texts[0])
    return tuple(
        Column(
            box=headings[position].box,
            query=named.get(position),
            known=headings[position].known,
        )
        for position in range(inner[0], inner[-1] + 1)
    )


def _outside(heading: _Heading) -> bool:
    return heading.field and not heading.known


@lru_cache(maxsize=1)
def _field_labels() -> Lexicon:
    return Lexicon.of([], vocabulary().concepts)


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
