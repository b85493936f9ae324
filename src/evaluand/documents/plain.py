"""Plain text: which encoding it is in, tables as aligned columns, pages without a layout."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from itertools import zip_longest

from evaluand.documents.registry import Source
from evaluand.domain.documents import Box, Page, Word

NOWHERE = Box(0.0, 0.0, 0.0, 0.0)
# Longer marks first: the mark of UTF-16 is the beginning of that of UTF-32.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Cells longer than this do not push the columns to their right away.
WIDEST_COLUMN = 60


def decode(data: bytes) -> str:
    """Text from bytes: by byte order mark, else UTF-8, else Windows-1252, which always fits."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def load(source: Source) -> str:
    """The text of a file with plain line ends. Raises FileTooLarge past the character limit."""
    text = decode(source.path.read_bytes())
    source.limits.check_characters(len(text), source.name)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def page(text: str, number: int = 1) -> Page:
    """A page without a layout: its words have empty boxes."""
    words = tuple(Word(text=word, box=NOWHERE) for word in text.split())
    return Page(number=number, width=0.0, height=0.0, text=text, words=words)


def align(rows: Sequence[Sequence[str]]) -> str:
    """A table as text, columns at least two blanks apart and aligned to the left."""
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    columns = zip_longest(*cells, fillvalue="")
    widths = [min(max(map(len, column)), WIDEST_COLUMN) for column in columns]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in cells
    )
