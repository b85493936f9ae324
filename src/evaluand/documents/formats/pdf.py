"""PDF: the text layer where there is one, text recognition where there is none."""

from __future__ import annotations

import unicodedata
from typing import Any

from evaluand.documents import ocr, pdfium
from evaluand.documents.layout import by_direction, lay_out_blocks
from evaluand.documents.registry import Format, Source
from evaluand.domain.documents import Page

# Below this many characters a page has "hardly any text": a stamp, a page number, a scanner's mark.
HARDLY_ANY_TEXT = 60
# An image that covers this part of such a page is the page.
PAGE_FILLING = 0.5
# A text layer with more than this part of characters without meaning (fonts without a character
# map) is worse than what recognition reads.
MEANINGLESS_SHARE = 0.3
MEANINGLESS = frozenset({"Co", "Cn", "Cc", "Cs"})


def probe(source: Source) -> int:
    with pdfium.opened(source) as document:
        return len(document)


def read(source: Source) -> tuple[Page, ...]:
    with pdfium.opened(source) as document:
        return tuple(_page(document, index, source) for index in range(len(document)))


def _page(document: Any, index: int, source: Source) -> Page:
    with pdfium.page_of(document, index, source) as page:
        width, height = page.get_size()
        found = pdfium.page_words(page)
        scanned = is_scan(page, "".join(word.text for _, word in found))
        if scanned:
            pixels, scale = pdfium.render(page, dpi=source.limits.ocr_dpi, max_side=ocr.MAX_SIDE)
            found = ocr.placed_words(ocr.recognise(pixels), scale)
    text, words = lay_out_blocks(by_direction(found))
    return Page(
        number=index + 1, width=width, height=height, text=text, words=words, scanned=scanned
    )


def is_scan(page: Any, text: str) -> bool:
    """Whether the page must be read from its image."""
    if not text:
        return pdfium.has_marks(page)
    if len(text) < HARDLY_ANY_TEXT and pdfium.image_share(page) >= PAGE_FILLING:
        return True
    meaningless = sum(unicodedata.category(c) in MEANINGLESS or c == "\ufffd" for c in text)
    return meaningless > MEANINGLESS_SHARE * len(text)


FORMAT = Format(
    kind="PDF",
    extensions=frozenset({"pdf"}),
    content_types=frozenset({"application/pdf", "application/x-pdf"}),
    recognises=lambda sample: b"%PDF-" in sample.head[:1024],
    probe=probe,
    read=read,
    paged=True,
    textual=False,
)
