"""Pages as lines of cells: words that stand together, apart from their neighbours by a gap.

Pages without boxes (plain text, spreadsheets) are laid out on a grid of characters, so that every
later step can reason about places in one way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evaluand.domain.documents import Box, Document, Page, Word

# A gap this many times the height of the type parts cells; a blank between words is about 0.3,
# in fixed-width type 0.6.
CELL_GAP = 0.9
# Scans are seldom turned further: beyond this (degrees) a feeder's or camera's fault shows anyway.
_MAX_SKEW = 3.0
# Words share a line while their middles differ by less than this part of the smaller type. Lines
# set solid are a whole height apart; OCR boxes of slanted words are taller than their type.
_SAME_LINE = 0.4
# The character grid of pages without boxes: narrow enough for CELL_GAP to need two blanks.
_GRID_WIDTH, _GRID_HEIGHT = 6.0, 10.0
_GRID_PITCH = 12.0
# Columns of delimited text (tabs, pipes) stand far apart whatever the length of their text.
_COLUMN_PITCH = 240.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Words of one line that belong together, with the place of each word in ``text``."""

    text: str
    box: Box
    words: tuple[Word, ...]
    starts: tuple[int, ...]

    def part(self, start: int, end: int) -> Box:
        """The box around the words that characters ``start`` to ``end`` touch."""
        touched = [
            word.box
            for word, at in zip(self.words, self.starts, strict=True)
            if at < end and at + len(word.text) > start
        ]
        return union(touched) if touched else self.box


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Cells on one height, from left to right."""

    cells: tuple[Cell, ...]
    box: Box

    @property
    def text(self) -> str:
        """The line's text, cells apart by three blanks."""
        return "   ".join(cell.text for cell in self.cells)

    @property
    def words(self) -> list[Word]:
        """All words from left to right."""
        return [word for cell in self.cells for word in cell.words]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page as lines from top to bottom. ``placed`` is false when its boxes are made up."""

    file: int
    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    placed: bool


def part_of(line: Line, positions: Sequence[int]) -> Line | None:
    """``line`` with the cells at ``positions`` only; None when that leaves nothing."""
    cells = tuple(line.cells[position] for position in positions)
    return Line(cells=cells, box=union(cell.box for cell in cells)) if cells else None


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around ``boxes``, of which there must be at least one."""
    edges = list(boxes)
    return Box(
        min(box.x0 for box in edges),
        min(box.top for box in edges),
        max(box.x1 for box in edges),
        max(box.bottom for box in edges),
    )


def sheets(documents: Sequence[Document]) -> list[Sheet]:
    """Every page of every document in order, laid out."""
    return [sheet(page, file) for file, document in enumerate(documents) for page in document.pages]


def sheet(page: Page, file: int = 0) -> Sheet:
    """One page as lines of cells."""
    placed = [word for word in page.words if word.box.bottom > word.box.top and word.text.strip()]
    if placed:
        slope = skew(placed) if page.scanned else 0.0
        rows = _rows(placed, slope)
    else:
        rows = _grid(page.text)
    return Sheet(
        file=file,
        number=page.number,
        width=page.width if placed else max((row[-1].box.x1 for row in rows), default=1.0),
        height=page.height if placed else max(1.0, len(rows) * _GRID_PITCH),
        lines=tuple(_line(row) for row in rows),
        placed=bool(placed),
    )


def skew(words: Sequence[Word]) -> float:
    """The slope of the lines of text: the one that gathers the words' middles on fewest heights."""
    across = np.array([(word.box.x0 + word.box.x1) / 2 for word in words])
    down = np.array([(word.box.top + word.box.bottom) / 2 for word in words])
    weight = np.array([len(word.text) for word in words], dtype=float)
    bin_height = max(1.0, float(np.median([word.box.bottom - word.box.top for word in words])) / 4)
    best, best_sharpness = 0.0, -1.0
    for degrees in sorted(np.arange(-_MAX_SKEW, _MAX_SKEW + 0.01, 0.1), key=abs):
        slope = math.tan(math.radians(float(degrees)))
        heights = np.floor((down - slope * across) / bin_height).astype(int)
        profile = np.bincount(heights - heights.min(), weights=weight)
        # Two neighbouring bins count together, or a line on a border would look unsharp.
        sharpness = float(((profile + np.append(profile[1:], 0.0)) ** 2).sum())
        if sharpness > best_sharpness * 1.01:
            best, best_sharpness = slope, sharpness
    return best


def _rows(words: Sequence[Word], slope: float) -> list[list[Word]]:
    """Words gathered into lines: a word joins a line while their middles are close enough."""

    def middle(word: Word) -> float:
        box = word.box
        return (box.top + box.bottom) / 2 - slope * (box.x0 + box.x1) / 2

    rows: list[list[Word]] = []
    centre = height = 0.0
    for word in sorted(words, key=lambda word: (middle(word), word.box.x0)):
        tall = word.box.bottom - word.box.top
        if rows and middle(word) - centre <= _SAME_LINE * min(height, tall):
            rows[-1].append(word)
            count = len(rows[-1])
            centre += (middle(word) - centre) / count
            height += (tall - height) / count
        else:
            rows.append([word])
            centre, height = middle(word), tall
    return [sorted(row, key=lambda word: word.box.x0) for row in rows]


def _line(row: Sequence[Word]) -> Line:
    groups: list[list[Word]] = []
    for word in row:
        if groups and not _apart(groups[-1][-1].box, word.box):
            groups[-1].append(word)
        else:
            groups.append([word])
    cells = tuple(cell_of(group) for group in groups)
    return Line(cells=cells, box=union(cell.box for cell in cells))


def _apart(left: Box, right: Box) -> bool:
    height = min(left.bottom - left.top, right.bottom - right.top)
    return right.x0 - left.x1 > CELL_GAP * height


def cell_of(words: Sequence[Word]) -> Cell:
    """Words of one line as a cell, joined by single blanks."""
    starts: list[int] = []
    length = 0
    for word in words:
        starts.append(length)
        length += len(word.text) + 1
    return Cell(
        text=" ".join(word.text for word in words),
        box=union(word.box for word in words),
        words=tuple(words),
        starts=tuple(starts),
    )


def _grid(text: str) -> list[list[Word]]:
    """The words of plain text on a grid of characters, one row for each line that has any."""
    rows: list[list[Word]] = []
    for number, line in enumerate(text.splitlines()):
        top = number * _GRID_PITCH
        words: list[Word] = []
        for column, part in enumerate(re.split(r"\t|\s?\|\s?", line)):
            left = column * _COLUMN_PITCH
            for match in re.finditer(r"\S+", part):
                x0, x1 = left + match.start() * _GRID_WIDTH, left + match.end() * _GRID_WIDTH
                words.append(Word(text=match.group(), box=Box(x0, top, x1, top + _GRID_HEIGHT)))
        if words:
            rows.append(words)
    return rows
