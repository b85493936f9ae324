"""From words that stand somewhere on a page to lines of text that keep the columns apart.

The text looks like the page: one line per printed line, words of a phrase one blank apart, columns
at least two blanks apart and roughly where they stand on the paper.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from evaluand.domain.documents import Box, Word

Point = tuple[float, float]

# Typical share of the letter size above and below the baseline, as pdfplumber's boxes show it.
ASCENT, DESCENT = 0.79, 0.21
# Words share a line when their baselines are closer than this part of the smaller letter size.
# Labels set a point or two smaller than their values pass; the next line, a full size away, fails.
SAME_LINE = 0.4
# A gap wider than this many letters is a column, not a blank: a blank is half a letter wide in
# proportional fonts, one letter in typewriter fonts.
COLUMN_GAP_LETTERS = 1.5
# ... and never less than this part of the letter size: justified text stretches its blanks.
COLUMN_GAP_SIZE = 0.6
# An empty line is put where the paper leaves more than this many letter sizes between baselines.
EMPTY_LINE = 2.2
# A line never gets wider than this many characters by blanks alone.
MAX_COLUMNS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A word before it has a line: its box, the foot of its letters and their size, in points.

    ``box`` is where the word stands on the page as displayed. ``x0``, ``x1`` and ``baseline``
    (downwards) are seen in the direction of reading: the text may be turned or skewed.
    """

    text: str
    box: Box
    x0: float
    x1: float
    baseline: float
    size: float

    @property
    def letter(self) -> float:
        """Mean width of a letter."""
        return max(self.x1 - self.x0, 0.1) / len(self.text)


def place(text: str, box: Box, *, begin: Point, end: Point, size: float, angle: float) -> Placed:
    """A word whose baseline goes from ``begin`` to ``end`` on a page read at ``angle``.

    ``angle`` is the direction of reading in radians, clockwise from left to right. What the word
    is placed by is turned so that the direction of reading is to the right.
    """
    x0, y0 = _turned(begin, angle)
    x1, y1 = _turned(end, angle)
    return Placed(
        text=text, box=box, x0=min(x0, x1), x1=max(x0, x1), baseline=(y0 + y1) / 2, size=size
    )


def place_on_baseline(text: str, box: Box, *, foot: Point, size: float, quarter: int) -> Placed:
    """A word whose letters stand on ``foot``, read at a number of quarter turns clockwise.

    Along the line the word reaches as far as ``box``; across it, its box is made from the letter
    size, because the boxes of fonts are often much higher than their letters.
    """
    angle = quarter * math.pi / 2
    ends = [_turned(corner, angle)[0] for corner in ((box.x0, box.top), (box.x1, box.bottom))]
    baseline = _turned(foot, angle)[1]
    corners = [
        _turned((x, y), -angle)
        for x in ends
        for y in (baseline - ASCENT * size, baseline + DESCENT * size)
    ]
    return Placed(
        text=text,
        box=around(corners),
        x0=min(ends),
        x1=max(ends),
        baseline=baseline,
        size=size,
    )


def around(points: Sequence[Point]) -> Box:
    """The smallest upright box that holds all points."""
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def _turned(point: Point, angle: float) -> Point:
    x, y = point
    cosine, sine = math.cos(angle), math.sin(angle)
    return x * cosine + y * sine, y * cosine - x * sine


def by_direction(found: Sequence[tuple[int | None, Placed]]) -> list[list[Placed]]:
    """Words by direction of reading, the direction of most letters first."""
    blocks: dict[int | None, list[Placed]] = {}
    for direction, word in found:
        blocks.setdefault(direction, []).append(word)
    return sorted(blocks.values(), key=lambda block: -sum(len(word.text) for word in block))


def lay_out_blocks(blocks: Sequence[Sequence[Placed]]) -> tuple[str, tuple[Word, ...]]:
    """Text and words of a page whose blocks are read one after the other."""
    parts = [lay_out(block) for block in blocks]
    text = "\n\n".join(text for text, _ in parts if text)
    return text, tuple(word for _, words in parts for word in words)


def lay_out(words: Sequence[Placed]) -> tuple[str, tuple[Word, ...]]:
    """The text of a page, and its words in the order they are read: line by line."""
    lines = group_lines(words)
    if not lines:
        return "", ()
    left = min(word.x0 for word in words)
    right = max(word.x1 for word in words)
    letter = max(median(word.letter for word in words), (right - left) / MAX_COLUMNS)
    rendered: list[str] = []
    previous: Placed | None = None
    for line in lines:
        if previous is not None and _parted(previous, line[0]):
            rendered.append("")
        rendered.append(_render(line, left, letter))
        previous = line[0]
    ordered = tuple(Word(text=word.text, box=word.box) for line in lines for word in line)
    return "\n".join(rendered), ordered


def group_lines(words: Sequence[Placed]) -> list[list[Placed]]:
    """Words by printed line, from top to bottom and, within a line, from left to right."""
    lines: list[list[Placed]] = []
    for word in sorted(words, key=lambda word: (word.baseline, word.x0)):
        anchor = lines[-1][0] if lines else None
        if anchor is not None and word.baseline - anchor.baseline <= SAME_LINE * min(
            word.size, anchor.size
        ):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda word: word.x0) for line in lines]


def _parted(above: Placed, below: Placed) -> bool:
    return below.baseline - above.baseline > EMPTY_LINE * max(above.size, below.size)


def _render(line: Sequence[Placed], left: float, letter: float) -> str:
    text = " " * _column(line[0], left, letter) + line[0].text
    for before, word in pairwise(line):
        if word.x0 - before.x1 <= _blank(before, word):
            text += " " + word.text
        else:
            text = text.ljust(max(len(text) + 2, _column(word, left, letter))) + word.text
    return text


def _blank(before: Placed, word: Placed) -> float:
    """The widest gap that is still a blank between two words."""
    letter = (before.x1 - before.x0 + word.x1 - word.x0) / (len(before.text) + len(word.text))
    return max(COLUMN_GAP_LETTERS * letter, COLUMN_GAP_SIZE * min(before.size, word.size))


def _column(word: Placed, left: float, letter: float) -> int:
    return math.floor((word.x0 - left) / letter + 0.5)
