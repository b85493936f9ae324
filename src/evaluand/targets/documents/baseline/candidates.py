"""Values for a label: behind it in its cell, in cells to its right, below it, or before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evaluand.domain.documents import Box
from evaluand.targets.documents.baseline.conventions import Conventions
from evaluand.targets.documents.baseline.fields import Query
from evaluand.targets.documents.baseline.labels import Occurrence
from evaluand.targets.documents.baseline.layout import Cell, Line, Sheet
from evaluand.targets.documents.baseline.phrases import foreign_words, label_like
from evaluand.targets.documents.baseline.readings import readings

# What a value's place says about its belonging to the label.
_BEHIND, _RIGHT, _BELOW, _BEFORE, _ABOVE = 1.0, 0.97, 0.8, 0.75, 0.6
# A value below stands within this many heights of the label's type, and on one of so many lines.
_BELOW_REACH, _BELOW_LINES = 4.5, 4
# Words to the right of a label belong to it within this part of the page's width; amounts are
# set flush right and may stand anywhere.
_TEXT_REACH = 0.4
# Unknown words before a label make it a part of another phrase; many make it prose.
_QUALIFIED, _PROSE = 0.6, 0.4
_PROSE_WORDS = 4
# Words between a label and its value that are no part of either.
_UNRELATED = 0.6
# Weak labels this short are as likely to be parts of values.
_SHORT = 2
_PARENTHESES = re.compile(r"\([^)]*\)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A value for query number ``query``: how good it is (0 to 1) and where it was read."""

    query: int
    score: float
    value: Any
    sheet: Sheet
    cell: Cell
    start: int
    end: int
    line: int

    @property
    def spot(self) -> tuple[int, int, float, float, int]:
        """What makes two proposals the same printed value."""
        box = self.cell.part(self.start, self.end)
        return (self.sheet.file, self.sheet.number, round(box.top), round(box.x0), self.start)

    @property
    def text(self) -> str:
        """The value as printed."""
        return self.cell.text[self.start : self.end]


class Page:
    """A sheet with its labels, able to propose values for each of them."""

    def __init__(
        self,
        sheet: Sheet,
        labels: Sequence[Occurrence],
        conventions: Conventions,
        tables: frozenset[tuple[int, int]] = frozenset(),
    ) -> None:
        self.sheet = sheet
        self.tables = tables
        self.labels = labels
        self.conventions = conventions
        self._by_cell: dict[tuple[int, int], list[Occurrence]] = {}
        for label in labels:
            self._by_cell.setdefault((label.line, label.cell), []).append(label)

    def proposals(self, queries: Sequence[Query]) -> Iterator[Proposal]:
        """Every value every label offers to every query it serves."""
        for label in self.labels:
            for number, worth in label.worth.items():
                yield from self._for(label, number, queries[number], worth)

    def _for(
        self, label: Occurrence, number: int, query: Query, worth: float
    ) -> Iterator[Proposal]:
        standing = worth * self._standing(label, query)
        for place, line, cell, start, end in self._places(label, query):
            found = readings(query, cell.text[start:end], self.conventions)
            if not found:
                continue
            last = (query.concept and query.concept.take_last) or (
                place == _RIGHT and query.kind == "money"
            )
            reading = found[-1 if last else 0]
            fit = reading.fit
            if query.kind in _TYPED and place == _BEHIND:
                fit *= _related(cell.text[start : start + reading.start])
            yield Proposal(
                query=number,
                score=standing * place * fit,
                value=reading.value,
                sheet=self.sheet,
                cell=cell,
                start=start + reading.start,
                end=start + reading.end,
                line=line,
            )
            return

    def _standing(self, label: Occurrence, query: Query) -> float:
        """How much the label stands for itself rather than within a phrase."""
        if query.kind == "party" and label.weak and not label.announces:
            return 0.0
        start = self._segment_start(label)
        words = foreign_words(label.place.text[start : label.start])
        if not words:
            return 1.0
        if query.kind not in _TYPED and not label.place.text[label.end :].strip():
            # The last word of a heading or a name ("Clinical Laboratory") labels nothing.
            return 0.0
        return _PROSE if words >= _PROSE_WORDS else _QUALIFIED

    def _segment_start(self, label: Occurrence) -> int:
        """The end of the label before this one in its cell, with the value that follows it."""
        text = label.place.text
        earlier = [
            other.end for other in self._by_cell[label.line, label.cell] if other.end <= label.start
        ]
        if not earlier:
            return 0
        # A digit between two labels is the value of the first: the second then starts afresh.
        between = text[earlier[-1] : label.start]
        return label.start if re.search(r"\d", between) else earlier[-1]

    def _places(
        self, label: Occurrence, query: Query
    ) -> Iterator[tuple[float, int, Cell, int, int]]:
        """Spans of text where the value may stand, the likeliest first."""
        cell = label.place
        end = self._value_end(label, query)
        whole = query.concept is not None and label.phrase in query.concept.inclusive
        behind = cell.text[label.end : end]
        yield _BEHIND, label.line, cell, label.start if whole else label.end, end
        rest = _PARENTHESES.sub("", behind)
        settled = query.kind not in _TYPED and any(char.isalnum() for char in rest)
        if end == len(cell.text) and not settled:
            yield from self._right(label, query)
        if query.kind == "percent" or (query.concept and query.concept.above):
            yield _BEFORE, label.line, cell, self._segment_start(label), label.start
        first = not foreign_words(cell.text[: label.start])
        if first and not settled and foreign_words(rest) < _PROSE_WORDS:
            yield from self._below(label, query)
        few = foreign_words(cell.text[: label.start]) < _PROSE_WORDS
        if few and query.concept and query.concept.above:
            yield from self._above(label)

    def _value_end(self, label: Occurrence, query: Query) -> int:
        """Where the text behind a label ends: before the next label of the cell."""
        text = label.place.text
        for other in self._by_cell[label.line, label.cell]:
            if other.start < label.end or other.weak:
                continue
            # Names are made of ordinary words ("Credit Union"): there a label shows by what
            # follows it.
            if query.kind in _TYPED or label_like(text[other.end :]):
                return other.start
        return len(text)

    def _right(
        self, label: Occurrence, query: Query
    ) -> Iterator[tuple[float, int, Cell, int, int]]:
        line = self.sheet.lines[label.line]
        edge = label.place.box.x1
        reach = self.sheet.width * (1.0 if query.kind in _TYPED else _TEXT_REACH)
        spans = []
        for position in range(label.cell + 1, len(line.cells)):
            cell = line.cells[position]
            if cell.box.x0 - edge > reach or self.begins_with_label(label.line, position):
                break
            spans.append((_RIGHT, label.line, cell, 0, len(cell.text)))
            if query.kind not in _TYPED:
                break
        # The last amount of a line is its total; what stands before it, a rate or a base.
        yield from reversed(spans) if query.kind == "money" else spans

    def _below(
        self, label: Occurrence, query: Query
    ) -> Iterator[tuple[float, int, Cell, int, int]]:
        box = label.place.box
        depth = _BELOW_REACH * (box.bottom - box.top)
        for number, line in _following(self.sheet, label.line, _BELOW_LINES):
            if line.box.top - box.bottom > depth:
                return
            for position, cell in enumerate(line.cells):
                if not _under(box, cell.box):
                    continue
                if self.begins_with_label(number, position) and query.kind != "date":
                    return
                yield _BELOW, number, cell, 0, len(cell.text)
                if query.kind not in _TYPED:
                    return

    def _above(self, label: Occurrence) -> Iterator[tuple[float, int, Cell, int, int]]:
        box = label.place.box
        for number in range(label.line - 1, max(-1, label.line - 3), -1):
            for cell in self.sheet.lines[number].cells:
                # Only an amount set larger than its caption is meant to be read before it.
                larger = cell.box.bottom - cell.box.top > 1.2 * (box.bottom - box.top)
                if larger and _under(box, cell.box):
                    yield _ABOVE, number, cell, 0, len(cell.text)

    def cells(self) -> Iterator[tuple[int, Cell]]:
        """Every cell with its line's number, in reading order."""
        return ((n, cell) for n, line in enumerate(self.sheet.lines) for cell in line.cells)

    def free(self, line: int, cell: Cell) -> bool:
        """Whether a cell of a line is no part of a table."""
        return (line, self.sheet.lines[line].cells.index(cell)) not in self.tables

    def begins_with_label(self, line: int, position: int) -> bool:
        """Whether a cell begins with a label, so that it is nobody's value."""
        text = self.sheet.lines[line].cells[position].text
        return any(
            not any(char.isalnum() for char in text[: label.start])
            # "A$" begins with a preposition of some languages.
            and not (label.weak and len(label.phrase) <= _SHORT and text[label.end :].strip())
            and (label.announces or not label.weak)
            for label in self._by_cell.get((line, position), ())
        )


_TYPED = frozenset({"date", "money", "number", "percent", "boolean", "enum", "currency"})


def _related(between: str) -> float:
    return _UNRELATED if foreign_words(_PARENTHESES.sub("", between)) else 1.0


def _following(sheet: Sheet, line: int, count: int) -> Iterator[tuple[int, Line]]:
    for number in range(line + 1, min(line + 1 + count, len(sheet.lines))):
        yield number, sheet.lines[number]


def _under(label: Box, cell: Box) -> bool:
    """Whether a cell stands in the label's column: they overlap, or share an edge nearly."""
    overlap = min(label.x1, cell.x1) - max(label.x0, cell.x0)
    return overlap > 0.3 * min(label.x1 - label.x0, cell.x1 - cell.x0)
