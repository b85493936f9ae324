"""The text layer and the look of PDF pages, by PDFium.

PDFium is the reader of the Chromium browser: fuzzed for years, lenient with broken files. It is not
safe to use from two threads at once, so callers hold ``LOCK`` while a document is open.
"""

from __future__ import annotations

import ctypes
import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from evaluand.documents.layout import Placed, place_on_baseline
from evaluand.documents.registry import Source
from evaluand.domain.documents import Box
from evaluand.errors import CorruptFile, DocumentUnreadable, MissingExtra, ProtectedFile

LOCK = threading.RLock()

# Objects looked at to find a page-filling image. Scans have one or a few; strips come first.
OBJECTS_LOOKED_AT = 500
# Text is slanted when it is further than this from a quarter turn (a twentieth is 4.5 degrees).
SLANT = 0.05
# PDFium marks a hyphen at the end of a line with this character.
LINE_END_HYPHEN = 2
# Neighbours in a word are at most this many letters apart, letter-spaced titles included.
FAR = 2.5


@contextmanager
def opened(source: Source) -> Iterator[Any]:
    """The open document. Raises CorruptFile, ProtectedFile, FileTooLarge and MissingExtra."""
    try:
        import pypdfium2  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra.named("documents", "reading PDF files") from error
    with LOCK:
        try:
            document = pypdfium2.PdfDocument(source.path, password=source.password)
        except pypdfium2.PdfiumError as error:
            raise _why(error, source) from error
        try:
            count = len(document)
            if count == 0:
                raise CorruptFile(f"'{source.name}' is a PDF without pages: export it again")
            source.limits.check_pages(count, source.name)
            yield document
        finally:
            document.close()


def _why(error: Exception, source: Source) -> CorruptFile | ProtectedFile:
    import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

    if getattr(error, "err_code", None) in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
        hint = (
            "the password given does not open it"
            if source.password
            else "send its password with the upload, or upload it without protection"
        )
        return ProtectedFile(f"'{source.name}' is encrypted: {hint}", field="password")
    return CorruptFile(
        f"'{source.name}' is a PDF too broken to open: open it in a viewer and print it to a new"
        " PDF, or upload it again if the transfer was cut short"
    )


@contextmanager
def page_of(document: Any, index: int, source: Source) -> Iterator[Any]:
    """A page of an open document. Raises DocumentUnreadable, naming the page."""
    import pypdfium2

    try:
        page = document[index]
        try:
            yield page
        finally:
            page.close()
    except pypdfium2.PdfiumError as error:
        raise DocumentUnreadable(
            f"page {index + 1} of '{source.name}' is broken ({error}): open it in a viewer and"
            " print it to a new PDF"
        ) from error


def page_words(page: Any) -> list[tuple[int | None, Placed]]:
    """Words of the text layer, each with its direction of reading in quarter turns.

    The direction counts clockwise from left-to-right as displayed; None is text at a slant.
    """
    textpage = page.get_textpage()
    try:
        view = _View(page)
        return [
            _placed(textpage, characters, view)
            for characters in _runs(textpage, textpage.count_chars())
        ]
    finally:
        textpage.close()


class _View:
    """From PDF user space (origin bottom left, unturned) to the page as it is displayed."""

    def __init__(self, page: Any) -> None:
        self.left, self.bottom, self.right, self.top = page.get_bbox()
        self.turns = page.get_rotation() // 90

    def point(self, x: float, y: float) -> tuple[float, float]:
        match self.turns:
            case 1:
                return y - self.bottom, x - self.left
            case 2:
                return self.right - x, y - self.bottom
            case 3:
                return self.top - y, self.right - x
            case _:
                return x - self.left, self.top - y

    def box(self, boxes: Sequence[tuple[float, float, float, float]]) -> Box:
        """The box around boxes (left, bottom, right, top), as displayed."""
        left, bottom, right, top = zip(*boxes, strict=True)
        ax, ay = self.point(min(left), min(bottom))
        bx, by = self.point(max(right), max(top))
        return Box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def direction(self, matrix: Any) -> float:
        """Direction of text with this matrix in quarter turns, clockwise from left to right."""
        return float(self.turns - math.atan2(matrix.b, matrix.a) / (math.pi / 2)) % 4


class _Character:
    """One visible character: its text, advance box and origin in user space."""

    __slots__ = ("box", "index", "origin", "text")
    box: tuple[float, float, float, float]
    origin: tuple[float, float]

    def __init__(self, text: str, index: int, textpage: Any) -> None:
        import pypdfium2.raw as pdfium

        rect, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetLooseCharBox(textpage, index, rect)
        pdfium.FPDFText_GetCharOrigin(textpage, index, x, y)
        self.text, self.index = text, index
        self.box = (rect.left, rect.bottom, rect.right, rect.top)
        self.origin = (x.value, y.value)


def _runs(textpage: Any, count: int) -> Iterator[list[_Character]]:
    """Characters by word. PDFium puts a blank where the paper shows one; jumps part words too."""
    import pypdfium2.raw as pdfium

    run: list[_Character] = []
    for index in range(count):
        text = _character(pdfium.FPDFText_GetUnicode(textpage, index))
        if not text:
            continue
        if text.isspace():
            if run:
                yield run
            run = []
            continue
        character = _Character(text, index, textpage)
        if run and _jumps(run[-1], character):
            yield run
            run = []
        run.append(character)
    if run:
        yield run


def _character(code: int) -> str:
    if code == LINE_END_HYPHEN or code == 0xAD:
        return "-"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"  # half a surrogate pair cannot be encoded later on
    if code < 32:
        return " "
    return "" if code in (0x200B, 0xFEFF) else chr(code)


def _jumps(before: _Character, after: _Character) -> bool:
    height = max(before.box[3] - before.box[1], 1.0)
    width = max(before.box[2] - before.box[0], height)
    dx, dy = after.origin[0] - before.origin[0], after.origin[1] - before.origin[1]
    return math.hypot(dx, dy) > FAR * width


def _placed(textpage: Any, run: list[_Character], view: _View) -> tuple[int | None, Placed]:
    import pypdfium2.raw as pdfium

    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(textpage, run[0].index, matrix)
    direction = view.direction(matrix)
    quarter = round(direction) % 4
    # The letter size is what the text matrix makes of the font size; never nothing.
    size = pdfium.FPDFText_GetFontSize(textpage, run[0].index) * math.hypot(matrix.c, matrix.d)
    word = place_on_baseline(
        "".join(character.text for character in run),
        view.box([character.box for character in run]),
        foot=view.point(*run[0].origin),
        size=max(size, 0.5),
        quarter=quarter,
    )
    return (quarter if abs(direction - round(direction)) <= SLANT else None), word


def image_share(page: Any) -> float:
    """The part of the page (0 to 1) that the largest image on it covers."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    images = page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=4)
    largest: float = 0.0
    for image in islice(images, OBJECTS_LOOKED_AT):
        left, bottom, right, top = image.get_bounds()
        largest = max(largest, (right - left) * (top - bottom))
    return float(largest / max(width * height, 1.0))


def has_marks(page: Any) -> bool:
    """Whether anything at all is drawn on the page."""
    return any(True for _ in page.get_objects(max_depth=1))


def render(page: Any, *, dpi: float, max_side: int, colour: bool = False) -> tuple[Any, float]:
    """The page as a grey image (array of height x width), and its pixels per point.

    With ``colour`` it has three values a pixel (height x width x 3: red, green, blue).

    The longer side never has more than ``max_side`` pixels, however large the page claims to be.
    """
    width, height = page.get_size()
    scale = min(dpi / 72, max_side / max(width, height, 1.0))
    drawn = page.render(scale=scale, grayscale=not colour, rev_byteorder=colour)
    return drawn.to_numpy().copy(), scale
