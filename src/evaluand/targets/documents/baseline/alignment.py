"""A printed line of a table cut into columns: the cheapest way to put its words under the heads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from evaluand.domain.documents import Box, Word
from evaluand.targets.documents.baseline.headers import Column
from evaluand.targets.documents.baseline.layout import Line, cell_of, union
from evaluand.targets.documents.baseline.vocabulary import Kind

# Costs are in heights of type: how far off its head a value may stand before another reading of
# the line is likelier.
_FARTHEST = 8.0
_WRONG_TYPE = 5.0
_SPARE_NUMBER = 0.6
_NO_DATE = 4.0
_CUT_A_PHRASE = 3.0
_CUT_A_NUMBER = 0.8
_JOIN_A_GAP = 2.5
_UNDER_ANOTHER = 1.0
# Gaps in heights of type: a blank is below the first, a column above the second.
_BLANK, _GAP = 0.5, 1.2
_NUMBERS = frozenset({"money", "number", "percent"})
_NUMERIC = re.compile(r"^[-\u2212\u2013+(]?\D{0,4}\s?\d[\d.,'\u2019 ]*\D{0,4}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The words of a line that stand in one column."""

    text: str
    box: Box
    words: tuple[Word, ...]


def aligned(
    line: Line, columns: Sequence[Column], kinds: Sequence[Kind | None]
) -> dict[int, Piece]:
    """Pieces by column position; every word of ``line`` goes to exactly one column.

    Dynamic programming over atoms (phrases, single numbers) and columns, both from left to right.
    """
    atoms = _atoms(line.words)
    height = max(1.0, line.box.bottom - line.box.top)
    count, width = len(atoms), len(columns)
    # best[j][c]: the first j atoms lie in columns before c. Back pointers restore the cuts.
    best = [[0.0] * (width + 1)] + [[float("inf")] * (width + 1) for _ in range(count)]
    back: list[list[tuple[int, int] | None]] = [[None] * (width + 1) for _ in range(count + 1)]
    for column in range(width):
        for end in range(1, count + 1):
            best[end][column + 1] = best[end][column]
            back[end][column + 1] = back[end][column]
            for start in range(end):
                before = best[start][column]
                if before == float("inf"):
                    continue
                run = [word for atom in atoms[start:end] for word in atom]
                cost = before + _cost(run, column, columns, kinds[column], height)
                if start:
                    cost += _cut(atoms[start - 1][-1], atoms[start][0], height)
                if cost < best[end][column + 1]:
                    best[end][column + 1] = cost
                    back[end][column + 1] = (start, column)
    return _restored(atoms, back, width)


def in_order(line: Line) -> dict[int, Piece]:
    """The cells of a line as pieces, the first in the first column and so on."""
    return {
        position: Piece(text=cell.text, box=cell.box, words=cell.words)
        for position, cell in enumerate(line.cells)
    }


def _restored(
    atoms: Sequence[Sequence[Word]],
    back: Sequence[Sequence[tuple[int, int] | None]],
    width: int,
) -> dict[int, Piece]:
    pieces: dict[int, Piece] = {}
    end, column = len(atoms), width
    while end > 0:
        step = back[end][column]
        if step is None:
            break
        start, chosen = step
        cell = cell_of([word for atom in atoms[start:end] for word in atom])
        pieces[chosen] = Piece(text=cell.text, box=cell.box, words=cell.words)
        end, column = start, chosen
    return pieces


def _atoms(words: Sequence[Word]) -> list[list[Word]]:
    """Words that are never parted: phrases without numbers and without gaps."""
    atoms: list[list[Word]] = []
    for word in words:
        if atoms and not _breaks(atoms[-1][-1], word):
            atoms[-1].append(word)
        else:
            atoms.append([word])
    return atoms


def _breaks(left: Word, right: Word) -> bool:
    numeric = any(char.isdigit() for char in left.text + right.text)
    height = min(left.box.bottom - left.box.top, right.box.bottom - right.box.top)
    return numeric or right.box.x0 - left.box.x1 > _BLANK * height


def _cost(
    run: Sequence[Word],
    position: int,
    columns: Sequence[Column],
    kind: Kind | None,
    height: float,
) -> float:
    box = union(word.box for word in run)
    head = columns[position].box
    off = min(
        abs(box.x0 - head.x0),
        abs(box.x1 - head.x1),
        abs(box.x0 + box.x1 - head.x0 - head.x1) / 2,
    )
    cost = min(off / height, _FARTHEST) + _mistyped(run, kind)
    for other, column in enumerate(columns):
        middle = (column.box.x0 + column.box.x1) / 2
        if other != position and box.x0 < middle < box.x1:
            cost += _UNDER_ANOTHER
    for left, right in pairwise(run):
        if right.box.x0 - left.box.x1 > _GAP * height:
            cost += _JOIN_A_GAP
    return cost


def _mistyped(run: Sequence[Word], kind: Kind | None) -> float:
    text = " ".join(word.text for word in run)
    numeric = bool(_NUMERIC.match(text))
    if kind in _NUMBERS:
        return 0.0 if numeric else _WRONG_TYPE
    if kind == "date":
        return 0.0 if any(char.isdigit() for char in text) else _NO_DATE
    return _SPARE_NUMBER if numeric and kind == "text" else 0.0


def _cut(left: Word, right: Word, height: float) -> float:
    gap = (right.box.x0 - left.box.x1) / height
    if gap > _BLANK:
        return 0.0
    numeric = left.text[:1].isdigit() or right.text[:1].isdigit()
    return _CUT_A_NUMBER if numeric else _CUT_A_PHRASE
