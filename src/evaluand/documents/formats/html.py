"""HTML: the text a reader sees, one line per block, table cells two blanks apart."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from evaluand.documents import plain
from evaluand.documents.registry import Format, Source
from evaluand.domain.documents import Page

UNSEEN = frozenset({"script", "style", "noscript", "template"})
CELLS = frozenset({"td", "th"})
# What does not flow within a line.
BLOCK_NAMES = (
    "address article aside blockquote body br caption dd div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section table tbody"
    " tfoot thead title tr ul"
)
BLOCKS = frozenset(BLOCK_NAMES.split())
# Stands between cells until blanks have been collapsed.
CELL_MARK = "\v"


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag in CELLS:
            self.parts.append(CELL_MARK)
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            # Line ends in the source are blanks to a reader.
            self.parts.append(re.sub(r"\s", " ", data))


def visible_text(markup: str) -> str:
    """The text of a page of HTML."""
    parser = _Text()
    parser.feed(markup)
    parser.close()
    lines = (_line(line) for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _line(line: str) -> str:
    return "  ".join(" ".join(cell.split()) for cell in line.split(CELL_MARK)).strip()


def read(source: Source) -> tuple[Page, ...]:
    return (plain.page(visible_text(plain.load(source))),)


FORMAT = Format(
    kind="HTML",
    extensions=frozenset({"html", "htm", "xhtml"}),
    content_types=frozenset({"text/html", "application/xhtml+xml"}),
    recognises=lambda sample: b"<html" in sample.markup or b"<!doctype html" in sample.markup,
    probe=lambda source: None,
    read=read,
    paged=False,
    textual=True,
)
