"""The text of a document in the form invoice2data asks its input modules for."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from evaluand.domain.documents import Document, Page, Word
from evaluand.targets.documents.text.lines import rows_of

_POINTS_PER_INCH = 72.0


class DocumentText:
    """An input module for one document that has been read already.

    A field with an ``area`` sees only what stands in it: pages ``f`` to ``l``, from ``x``, ``y``
    with width ``W`` and height ``H`` in pixels at ``r`` dots per inch, as for pdftotext.
    """

    SUPPORTS_AREA = True

    def __init__(self, document: Document) -> None:
        self._document = document
        self.__name__ = "evaluand"

    def to_text(self, path: str, area_details: Mapping[str, Any] | None = None) -> str:
        """The text of the document, or of an area of it; ``path`` is not looked at."""
        if area_details is None:
            return self._document.text
        first = int(area_details.get("f", 1))
        last = int(area_details.get("l", first))
        return "\f".join(
            _area_text(page, area_details)
            for page in self._document.pages
            if first <= page.number <= last
        )


def _area_text(page: Page, area: Mapping[str, Any]) -> str:
    scale = _POINTS_PER_INCH / float(area.get("r", _POINTS_PER_INCH))
    left, top = float(area.get("x", 0)) * scale, float(area.get("y", 0)) * scale
    right = left + float(area["W"]) * scale if "W" in area else page.width
    bottom = top + float(area["H"]) * scale if "H" in area else page.height

    def inside(word: Word) -> bool:
        x, y = (word.box.x0 + word.box.x1) / 2, (word.box.top + word.box.bottom) / 2
        return left <= x <= right and top <= y <= bottom

    rows = rows_of([word for word in page.words if inside(word)])
    return "\n".join(_row_text(row) for row in rows)


def _row_text(row: list[Word]) -> str:
    text = row[0].text
    for before, word in pairwise(row):
        # As in the text of a whole page, columns are apart by several blanks.
        apart = word.box.x0 - before.box.x1 > 1.5 * (word.box.bottom - word.box.top)
        text += ("   " if apart else " ") + word.text
    return text
