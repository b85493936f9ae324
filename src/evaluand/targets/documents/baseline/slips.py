"""Lists of items without a head, as on receipts: a name, perhaps quantity x price, an amount."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluand.domain.documents import Box
from evaluand.targets.documents.baseline.layout import Cell, Line, Sheet, cell_of
from evaluand.targets.documents.baseline.totals import sums_up
from evaluand.targets.documents.baseline.values import numbers_in

# Quantity and price as slips print them: "3 x 1.20", "3 @ 1.20", "2 Stk à 4,50".
_TIMES = re.compile(
    r"(?P<quantity>\d+(?:[.,]\d+)?)\s*(?:[A-Za-z]{1,5}\.?\s*)?(?:[x\u00d7*@]|à)\s*(?P<price>\S.*)$",
    re.IGNORECASE,
)
# An article's code beside its name: one word of capitals, digits and hyphens.
_ARTICLE = re.compile(r"^(?=.*[A-Z])(?=.*[\d-])[A-Z0-9][A-Z0-9./-]{2,}$")
# Amounts end on one edge, give or take a letter's width.
_EDGE = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of an item as printed."""

    text: str
    box: Box


@dataclass(slots=True, kw_only=True)
class Item:
    """An item by role: description, sku, quantity, unit_price, amount; and its lines."""

    sheet: Sheet
    parts: dict[str, Part]
    lines: list[int]


def slip_items(sheet: Sheet, labelled: frozenset[int]) -> list[Item]:
    """The items of a sheet without table heads; lines in ``labelled`` state fields."""
    stop = next(
        (n for n, line in enumerate(sheet.lines) if _priced(line) and sums_up(line)),
        len(sheet.lines),
    )
    candidates = [n for n in range(stop) if n not in labelled and _priced(sheet.lines[n])]
    edge = _common_edge([sheet.lines[n] for n in candidates])
    items: list[Item] = []
    for number in candidates:
        line = sheet.lines[number]
        if edge is None or abs(line.cells[-1].box.x1 - edge) > _EDGE:
            continue
        above = sheet.lines[number - 1] if number and number - 1 not in labelled else None
        item = _item(sheet, number, line, above)
        if item is not None:
            items.append(item)
    return items


def _priced(line: Line) -> bool:
    """Whether a line ends with an amount of money."""
    found = list(numbers_in(line.cells[-1].text))
    if not found or not (found[-1].has_cents or found[-1].currency):
        return False
    return found[-1].end >= len(line.cells[-1].text.rstrip()) - 2


def _common_edge(lines: Sequence[Line]) -> float | None:
    """The right edge most amounts share."""
    edges = [line.cells[-1].box.x1 for line in lines]
    return max(edges, key=lambda x: sum(abs(x - other) <= _EDGE for other in edges), default=None)


def _item(sheet: Sheet, number: int, line: Line, above: Line | None) -> Item | None:
    amount, rest = _split_amount(line)
    parts = {"amount": amount}
    lines = [number]
    if times := _TIMES.search(" ".join(cell.text for cell in rest)):
        box = rest[0].box
        parts["quantity"] = Part(text=times["quantity"], box=box)
        parts["unit_price"] = Part(text=times["price"], box=box)
        rest = _before_times(rest)
    if not any(char.isalpha() for cell in rest for char in cell.text):
        if above is None or _priced(above) or not any(c.isalpha() for c in above.text):
            return None
        rest = [*above.cells, *rest]
        lines.insert(0, number - 1)
    for role, part in _naming(rest):
        parts.setdefault(role, part)
    return Item(sheet=sheet, parts=parts, lines=lines)


def _split_amount(line: Line) -> tuple[Part, list[Cell]]:
    """The amount at the end of a line, and the cells before it."""
    last = line.cells[-1]
    number = list(numbers_in(last.text))[-1]
    amount = Part(text=last.text[number.start :], box=last.part(number.start, len(last.text)))
    rest = list(line.cells[:-1])
    words = [w for w, at in zip(last.words, last.starts, strict=True) if at < number.start]
    if words:
        rest.append(cell_of(words))
    return amount, rest


def _before_times(cells: Sequence[Cell]) -> list[Cell]:
    """The cells before a quantity, if they hold a name."""
    text = " ".join(cell.text for cell in cells)
    found = _TIMES.search(text)
    name = text[: found.start()].strip() if found else text
    return [cell for cell in cells if name and cell.text in name]


def _naming(cells: Sequence[Cell]) -> Iterator[tuple[str, Part]]:
    """Names and codes among the cells: a cell that is a code as a whole is the article's."""
    for cell in cells:
        if len(cells) > 1 and _ARTICLE.match(cell.text):
            yield "sku", Part(text=cell.text, box=cell.box)
        elif any(char.isalpha() for char in cell.text):
            yield "description", Part(text=cell.text, box=cell.box)
