"""Printed pages made word by word, in the manner of a reader's output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from evaluand.domain.documents import Box, Document, Page, Word

Align = Literal["left", "right", "centre"]
Columns = Sequence[tuple[float, Align]]


class Paper:
    """A page one sets text on; ``document`` is what a reader would make of it."""

    def __init__(self, width: float = 595, height: float = 842) -> None:
        self.width = width
        self.height = height
        self.words: list[Word] = []

    def put(self, x: float, y: float, text: str, size: float = 10, align: Align = "left") -> Paper:
        """Set ``text`` with its left, right or middle at ``x`` and its top at ``y``."""
        if align != "left":
            x -= _length(text, size) / (1 if align == "right" else 2)
        for word in text.split(" "):
            end = x + _length(word, size)
            self.words.append(Word(text=word, box=Box(x, y, end, y + size)))
            x = end + 0.3 * size
        return self

    def row(self, y: float, columns: Columns, *texts: str) -> Paper:
        """Set one text in each column; an empty one leaves its column blank."""
        for (x, align), text in zip(columns, texts, strict=True):
            if text:
                self.put(x, y, text, align=align)
        return self

    def sums(self, y: float, left: float, right: float, *pairs: tuple[str, str]) -> Paper:
        """Set labels at ``left`` and amounts flush right at ``right``, one pair a line."""
        for number, (label, amount) in enumerate(pairs):
            self.put(left, y + 14 * number, label)
            self.put(right, y + 14 * number, amount, align="right")
        return self

    def page(self, number: int = 1, *, scanned: bool = False) -> Page:
        """The page as read."""
        return Page(
            number=number,
            width=self.width,
            height=self.height,
            text="",
            words=tuple(self.words),
            scanned=scanned,
        )

    def document(self, *, scanned: bool = False) -> Document:
        """A document of this one page."""
        return Document(name="paper.pdf", kind="PDF", pages=(self.page(scanned=scanned),))


def _length(text: str, size: float) -> float:
    """Ideographs are as wide as high, other letters half as wide."""
    return sum(size if ord(char) > 0x2E00 else size / 2 for char in text)


def text_document(text: str) -> Document:
    """A file without pages or boxes."""
    page = Page(number=1, width=0, height=0, text=text)
    return Document(name="file.txt", kind="TXT", pages=(page,), paged=False)


def text(description: str = "") -> dict[str, Any]:
    return {"type": ["string", "null"], "description": description}


def number(description: str = "") -> dict[str, Any]:
    return {"type": ["number", "null"], "description": description}


def date(description: str = "") -> dict[str, Any]:
    return {"type": ["string", "null"], "extend:type": "date", "description": description}


def table(**columns: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "properties": columns}}


def schema(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


ITEMS = table(
    description=text(),
    sku=text(),
    quantity=number(),
    unit_price=number(),
    amount=number(),
)
INVOICE = schema(
    vendor_name=text(),
    vendor_address=text(),
    vendor_tax_id=text(),
    customer_name=text(),
    invoice_number=text(),
    purchase_order=text(),
    issue_date=date(),
    due_date=date(),
    currency=text("ISO 4217 code"),
    subtotal=number(),
    discount_total=number(),
    shipping=number(),
    tax_rate=number("as a fraction"),
    tax_total=number(),
    total=number(),
    amount_paid=number(),
    amount_due=number(),
    line_items=ITEMS,
)
