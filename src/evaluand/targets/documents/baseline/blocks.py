"""Addresses: the lines below a name, or behind it where letters name their sender in small."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evaluand.domain.documents import Box
from evaluand.targets.documents.baseline.candidates import Page
from evaluand.targets.documents.baseline.layout import Cell, cell_of, union
from evaluand.targets.documents.baseline.names import is_address, is_contact, is_return_line
from evaluand.targets.documents.baseline.phrases import label_like
from evaluand.targets.documents.baseline.text import key
from evaluand.targets.documents.baseline.vocabulary import vocabulary

# Lines of one block stand at most this many heights of type apart, on one edge or axis.
BLOCK_GAP, _SAME_EDGE = 1.3, 4.0
_ADDRESS_LINES = 5
# What parts the lines of an address that is set on one line.
_JOINTS = re.compile(r"\s*[·•|]\s*|\s+[-\u2013\u2014]\s+")
# A telephone number behind an address, grouped as such numbers are.
_TELEPHONE = re.compile(r"\W*(?:\+\d{1,3}[\s.-]?)?\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}$")
# A house number or postcode has fewer figures than the numbers of registers and accounts.
_REGISTERED = re.compile(r"\d{7,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An address: its lines joined by commas, and the box around them."""

    text: str
    box: Box


def address_near(page: Page, name: str, line: int, cell: Cell) -> Block | None:
    """The address below a name, or where the page names the same party again."""
    if block := _below_name(page, line, cell):
        return block
    for number, other in page.cells():
        named = unlabelled(page, other).text[max(0, other.text.find(name)) :]
        if is_return_line(named, name):
            text = _JOINTS.sub(", ", named.removeprefix(name)).strip(" ,")
            start = other.text.find(name) + len(name)
            return Block(text=text, box=other.part(start, start + len(text)))
        if other is not cell and other.text == name and (block := _below_name(page, number, other)):
            return block
    return None


def _below_name(page: Page, line: int, cell: Cell) -> Block | None:
    cells = list(address_cells(page, line, cell))
    if not cells:
        return None
    lines = [_TELEPHONE.sub("", unlabelled(page, cell).text) for cell in cells]
    text = ", ".join(line.strip(" ,;-|·*•") for line in lines)
    return Block(text=text, box=union(cell.box for cell in cells))


def unlabelled(page: Page, cell: Cell) -> Cell:
    """A cell up to the label of something else, such as a tax number."""
    starts = [
        label.start
        for label in page.labels
        # Place names are made of ordinary words: what follows shows whether it is a label.
        if label.place is cell
        and (label_like if not label.weak else _registered)(cell.text[label.end :])
    ]
    start = min(starts, default=len(cell.text))
    words = [word for word, at in zip(cell.words, cell.starts, strict=True) if at < start]
    while words and not any(char.isalnum() for char in words[-1].text):
        words.pop()
    return cell_of(words) if words else cell


def _registered(text: str) -> bool:
    """Whether a text begins with the long number of a register: "51 824 753 556"."""
    return bool(_REGISTERED.match(re.sub(r"\W", "", text)))


def address_cells(page: Page, number: int, cell: Cell) -> Iterator[Cell]:
    """The cells of an address under ``cell``: lines with digits, and a place name between."""
    kept: list[Cell] = []
    for line, below in next_cells(page, number, cell):
        if len(kept) == _ADDRESS_LINES or _is_labels(page, line, below):
            break
        if not is_address(below.text) and (not kept or len(key(below.text).split()) > 4):
            break
        if key(below.text) in vocabulary().titles or is_contact(below.text):
            break
        if _REGISTERED.search(below.text):
            break
        kept.append(below)
    return iter(kept)


def _is_labels(page: Page, line: int, cell: Cell) -> bool:
    """Whether a cell begins with a label, or is the value of the label to its left."""
    position = page.sheet.lines[line].cells.index(cell)
    if page.begins_with_label(line, position):
        return True
    left = page.sheet.lines[line].cells[position - 1] if position else None
    return left is not None and any(
        label.place is left and not label.weak and not left.text[label.end :].strip(" :.")
        for label in page.labels
    )


def next_cells(page: Page, number: int, cell: Cell) -> Iterator[tuple[int, Cell]]:
    """The cells that continue the block of ``cell`` downwards."""
    above = cell
    for line in range(number + 1, len(page.sheet.lines)):
        box = above.box
        height = box.bottom - box.top
        cells = page.sheet.lines[line].cells
        if page.sheet.lines[line].box.top - box.bottom > BLOCK_GAP * height:
            return
        fitting = next((c for c in cells if in_block(cell.box, c.box)), None)
        if fitting is not None:
            yield line, fitting
            above = fitting


def in_block(one: Box, other: Box) -> bool:
    return (
        abs(one.x0 - other.x0) <= _SAME_EDGE
        or abs(one.x1 - other.x1) <= _SAME_EDGE
        or abs(one.x0 + one.x1 - other.x0 - other.x1) <= 2 * _SAME_EDGE
    )
