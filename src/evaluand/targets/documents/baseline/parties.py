"""Names and addresses that stand without a label: letterheads, windows of letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from evaluand.domain.documents import Box
from evaluand.targets.documents.baseline.blocks import (
    BLOCK_GAP,
    address_cells,
    in_block,
    next_cells,
    unlabelled,
)
from evaluand.targets.documents.baseline.candidates import Page
from evaluand.targets.documents.baseline.layout import Cell, union
from evaluand.targets.documents.baseline.names import (
    bare_name,
    has_legal_form,
    is_address,
    is_name,
    is_proper,
    is_return_line,
)
from evaluand.targets.documents.baseline.vocabulary import vocabulary

# Letterheads and address windows end above this part of the page.
_HEAD = 0.45
# What speaks for a name, in the units of one another: a legal form outweighs type of twice the
# usual size; an address below, a second mention, a place at the top help.
_FORM, _SIZE, _ADDRESSED, _REPEATED, _TOP = 1.5, 1.0, 0.7, 0.5, 0.5
_DIGITS = 1.0
# Larger type than this many times the usual says no more than this does.
_LARGE = 3.0
# Some papers name their maker in the foot alone, below this part of the page.
_FOOT = 0.75
# Type of one size: OCR boxes are as tall as the letters that happen to be in the word, and taller
# when the page is askew.
_SAME_SIZE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A name on a page: where it stands and how likely it is one (0 to 1).

    ``before`` are the lines above ``cell`` that a long name begins with.
    """

    page: Page
    line: int
    cell: Cell
    confidence: float
    before: tuple[Cell, ...] = ()

    @property
    def name(self) -> str:
        """The whole name as printed."""
        return bare_name(" ".join(cell.text for cell in (*self.before, self.cell)))

    @property
    def box(self) -> Box:
        """The box around the whole name."""
        return union(cell.box for cell in (*self.before, self.cell))


def issuer(pages: Sequence[Page], taken: frozenset[str]) -> Party | None:
    """Who made the document: the name its letterhead shows best. ``taken`` are others' names."""
    if not pages:
        return None
    page = pages[0]
    heights = [c.box.bottom - c.box.top for line in page.sheet.lines for c in line.cells]
    usual = median(heights) if heights else 1.0
    everything = "\n".join(line.text for line in page.sheet.lines)
    best: Party | None = None
    for number, cell in (*_head_cells(page), *_foot_cells(page)):
        addressed = cell.text.endswith(vocabulary().honorifics)
        if addressed or cell.text in taken or not _could_be_name(page, number, cell):
            continue
        box = cell.box
        score = _SIZE * (min((box.bottom - box.top) / usual, _LARGE) - 1)
        score += _FORM * has_legal_form(cell.text)
        score += _ADDRESSED * (next(address_cells(page, number, cell), None) is not None)
        score += _REPEATED * (everything.count(cell.text) > 1)
        score += _TOP * (1 - box.top / (page.sheet.height * _HEAD))
        score -= _DIGITS * any(char.isdigit() for char in cell.text)
        # Half of what a large name with a legal form and an address gathers is certain enough.
        confidence = min(0.95, 0.4 + score / 6)
        if best is None or confidence > best.confidence:
            best = Party(page=page, line=number, cell=cell, confidence=round(confidence, 4))
    return _completed(best) if best else None


def _completed(party: Party) -> Party:
    """A letterhead's name with the lines of the same type it is broken over."""
    line, cell, before = party.line, party.cell, list(party.before)
    if not has_legal_form(cell.text):
        for number, below in next_cells(party.page, line, cell):
            if not _same_type(cell, below) or not _could_be_name(party.page, number, below):
                break
            before, line, cell = [*before, cell], number, below
    for number in range(party.line - 1, -1, -1):
        first = before[0] if before else party.cell
        above = [
            c
            for c in party.page.sheet.lines[number].cells
            if _same_type(c, first) and in_block(c.box, first.box) and _touches(c.box, first.box)
        ]
        if not above or not _could_be_name(party.page, number, above[0]):
            break
        if has_legal_form(above[0].text):
            break
        before.insert(0, above[0])
    return replace(party, line=line, cell=cell, before=tuple(before))


def _labelled(page: Page, cell: Cell) -> bool:
    return any(label.place is cell and label.start == 0 for label in page.labels)


def _same_type(one: Cell, other: Cell) -> bool:
    """Whether two cells are set in type of one size, larger than nothing else would be."""
    heights = (one.box.bottom - one.box.top, other.box.bottom - other.box.top)
    return abs(heights[0] - heights[1]) <= _SAME_SIZE * max(heights)


def _touches(above: Box, below: Box) -> bool:
    return 0 <= below.top - above.top <= (1 + BLOCK_GAP) * (above.bottom - above.top)


def addressee(pages: Sequence[Page], sender: str | None) -> Party | None:
    """Who the document is for: a name in the window, with an address, or with nothing at all."""
    if not pages:
        return None
    page = pages[0]
    for number, cell in _head_cells(page):
        if sender and is_return_line(cell.text, sender):
            below = next(next_cells(page, number, cell), None)
            if below is not None:
                return Party(page=page, line=below[0], cell=below[1], confidence=0.75)
    others = [
        (number, cell)
        for number, cell in _head_cells(page)
        if not (sender and (cell.text in sender or sender in cell.text))
        and _could_be_name(page, number, cell)
        and not is_address(cell.text)
    ]
    for number, cell in others:
        if cell.text.endswith(vocabulary().honorifics):
            return Party(page=page, line=number, cell=cell, confidence=0.7)
    for number, cell in others:
        block = [c for _, c in next_cells(page, number, cell)][:2]
        if any(is_address(c.text) and not _labelled(page, c) for c in block):
            return Party(page=page, line=number, cell=cell, confidence=0.5)
    proper = [place for place in others if is_proper(place[1].text)]
    # Among bare names a legal form decides, then the order of reading.
    best = max(proper, key=lambda place: has_legal_form(place[1].text), default=None)
    return Party(page=page, line=best[0], cell=best[1], confidence=0.4) if best else None


def _head_cells(page: Page) -> Iterator[tuple[int, Cell]]:
    for number, line in enumerate(page.sheet.lines):
        if line.box.top > page.sheet.height * _HEAD:
            return
        yield from ((number, cell) for cell in line.cells if page.free(number, cell))


def _foot_cells(page: Page) -> Iterator[tuple[int, Cell]]:
    """Names with a legal form in the foot of the page, without what stands behind them."""
    for number, line in enumerate(page.sheet.lines):
        if line.box.top > page.sheet.height * _FOOT:
            cells = (unlabelled(page, cell) for cell in line.cells)
            yield from ((number, cell) for cell in cells if has_legal_form(cell.text))


def _could_be_name(page: Page, number: int, cell: Cell) -> bool:
    if has_legal_form(cell.text):
        return is_name(cell.text)
    position = page.sheet.lines[number].cells.index(cell)
    return not page.begins_with_label(number, position) and is_name(cell.text)
