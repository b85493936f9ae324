"""What a document looks like once it has been read: pages, lines, words and where they stand.

Boxes are ``(x0, top, x1, bottom)`` in PDF points from the page's top left corner, the convention of
pdfplumber. Pages count from 1. These are plain values: they cross process borders by pickle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

FileKind = Literal["PDF", "CSV", "IMG", "TXT", "DOCX", "EXCEL", "XML", "HTML"]


class Box(NamedTuple):
    """A rectangle on a page, in points from its top left corner."""

    x0: float
    top: float
    x1: float
    bottom: float


class PageSize(NamedTuple):
    """Width and height of a page in points, as it is displayed."""

    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A run of characters without a blank, and its box. Files without layout have empty boxes."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. ``text`` keeps the layout: one line per printed line, columns apart by blanks."""

    number: int
    width: float
    height: float
    text: str
    words: tuple[Word, ...] = ()
    scanned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file that has been read. ``paged`` is false for files that have no pages of their own."""

    name: str
    kind: FileKind
    pages: tuple[Page, ...]
    paged: bool = True

    @property
    def text(self) -> str:
        """The text of all pages, parted by form feeds as pdftotext does."""
        return "\f".join(page.text for page in self.pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What can be said of a file without reading it; ``page_count`` is None without pages."""

    kind: FileKind | None
    page_count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a value was found and how sure the engine is of it (0 to 1)."""

    confidence: float
    page: int | None = None
    box: Box | None = None
    text: str | None = None
    file: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """An extractor's answer: the value, and evidence by path such as ``line_items[0].amount``."""

    value: dict[str, Any]
    evidence: dict[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """A classifier's answer: the class by id and type, with a confidence from 0 to 1."""

    id: str
    type: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A part of a document: its class and its pages, both ends included."""

    classification_id: str
    type: str
    start_page: int
    end_page: int
    identifier: str | None = None
    observation: str = ""
