"""The printed lines of a page, with the columns and the letter size of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from evaluand.domain.documents import Page, Word

_COLUMN_GAP = 1.5
"""Blank between two words, in letter heights, from which they belong to different columns. A space
is a quarter to a third of the letter height, and even justified text rarely reaches one."""

_COLUMN_BLANKS = re.compile(r"\s{3,}")
"""What parts columns in a text without geometry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One printed line. ``size`` is its letter height over the page's usual one; ``top`` and
    ``bottom`` are shares of the page's height."""

    columns: tuple[str, ...]
    size: float
    top: float
    bottom: float

    @property
    def text(self) -> str:
        """The whole line, columns parted by single blanks."""
        return " ".join(self.columns)


def lines_of(page: Page) -> tuple[Line, ...]:
    """The lines of ``page`` from top to bottom; those of its text if it has no words."""
    rows = rows_of(page.words)
    if not rows:
        return _lines_of_text(page.text)
    usual = median(word.box.bottom - word.box.top for word in page.words) or 1.0
    return tuple(_line(row, page, usual) for row in rows)


def rows_of(words: Sequence[Word]) -> list[list[Word]]:
    """Words grouped to printed rows, rows from the top, words of a row from the left.

    A word belongs to a row when its middle lies within the height of the row's first word, and
    the other way round: large letters beside small ones do not swallow two small rows.
    """
    rows: list[list[Word]] = []
    for word in sorted(words, key=_middle):
        if word.box.bottom <= word.box.top:
            continue
        row = next((row for row in reversed(rows[-4:]) if _beside(row[0], word)), None)
        if row is None:
            rows.append([word])
        else:
            row.append(word)
    return [sorted(row, key=lambda word: word.box.x0) for row in rows]


def _middle(word: Word) -> float:
    return (word.box.top + word.box.bottom) / 2


def _beside(first: Word, other: Word) -> bool:
    return (
        first.box.top < _middle(other) < first.box.bottom
        and other.box.top < _middle(first) < other.box.bottom
    )


def _line(row: list[Word], page: Page, usual: float) -> Line:
    height = median(word.box.bottom - word.box.top for word in row)
    columns = [[row[0].text]]
    for before, word in pairwise(row):
        if word.box.x0 - before.box.x1 > _COLUMN_GAP * height:
            columns.append([])
        columns[-1].append(word.text)
    return Line(
        columns=tuple(" ".join(column) for column in columns),
        size=height / usual,
        top=min(word.box.top for word in row) / (page.height or 1.0),
        bottom=max(word.box.bottom for word in row) / (page.height or 1.0),
    )


def _lines_of_text(text: str) -> tuple[Line, ...]:
    printed = [line for line in text.splitlines() if line.strip()]
    return tuple(
        Line(
            columns=tuple(_COLUMN_BLANKS.split(line.strip())),
            size=1.0,
            top=number / len(printed),
            bottom=(number + 1) / len(printed),
        )
        for number, line in enumerate(printed)
    )
