"""Documents made ready for a model: the text of their pages, or pictures of them.

These functions run in a child process: documents may be hostile, large or slow.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluand.documents.kinds import detect
from evaluand.documents.limits import ReadingLimits
from evaluand.documents.pdfium import opened, page_of, render
from evaluand.documents.reading import read
from evaluand.documents.registry import Source
from evaluand.documents.sample import Sample
from evaluand.errors import CorruptFile, FileTooLarge, MissingExtra

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLimits:
    """How pages are shown to a model."""

    # A4 becomes 1,240 x 1,754 dots: 7 point print stays legible. Models scale larger pictures
    # down to about that size themselves, so that more dots would only be sent, not seen.
    dpi: int = 150
    # The largest side that providers take without scaling by their own rules.
    max_side: int = 2048
    # Providers take some dozens of pictures in a question; longer documents go as text.
    max_images: int = 50
    # As base64 a third more: just below the 50 MB that providers allow for a request.
    max_bytes: int = 35 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """A file as a model gets it: each page a text, or a picture as PNG."""

    name: str
    pages: tuple[str | bytes, ...]


def page_texts(
    paths: tuple[Path, ...], names: tuple[str, ...], limits: ReadingLimits
) -> tuple[FileContent, ...]:
    """The files as text, scans read by text recognition. Raises as ``read`` does."""
    return tuple(_text(path, name, limits) for path, name in zip(paths, names, strict=True))


def page_images(
    paths: tuple[Path, ...], names: tuple[str, ...], limits: ReadingLimits, images: ImageLimits
) -> tuple[FileContent, ...]:
    """The files as pictures of their pages, in grey; files without a look of their own as text.

    Raises as ``read`` does, and FileTooLarge when there are too many pictures or too many bytes.
    """
    room = _Room(images)
    contents = []
    for path, name in zip(paths, names, strict=True):
        limits.check_bytes(path.stat().st_size, name)
        source = Source(path=path, name=name, limits=limits)
        format_ = detect(Sample.of(path, name), name=name, content_type=None)
        kind = None if format_ is None else format_.kind
        if kind == "PDF":
            contents.append(FileContent(name=name, pages=tuple(_pdf_pages(source, room))))
        elif kind == "IMG":
            contents.append(FileContent(name=name, pages=tuple(_frames(source, room))))
        else:
            contents.append(_text(path, name, limits))
    return tuple(contents)


class _Room:
    """Counts what has been drawn."""

    def __init__(self, limits: ImageLimits) -> None:
        self.limits = limits
        self._images = 0
        self._bytes = 0

    def check(self, more: int = 0) -> None:
        """Raises FileTooLarge when what is drawn, and ``more`` pictures, do not fit."""
        limits = self.limits
        if self._images + more > limits.max_images or self._bytes > limits.max_bytes:
            raise FileTooLarge(
                f"the item has more than the {limits.max_images} pages, or"
                f" {limits.max_bytes / 2**20:.0f} MB of pictures, that go into one question:"
                " set engine.input to 'text', or split the file"
            )

    def png(self, image: Image) -> bytes:
        """The picture as PNG, counted. Raises FileTooLarge."""
        stream = io.BytesIO()
        image.save(stream, "PNG")
        self._images += 1
        self._bytes += stream.tell()
        self.check()
        return stream.getvalue()


def _text(path: Path, name: str, limits: ReadingLimits) -> FileContent:
    document = read(path, name=name, limits=limits)
    return FileContent(name=name, pages=tuple(page.text for page in document.pages))


def _pdf_pages(source: Source, room: _Room) -> Iterator[bytes]:
    image = _pillow()
    with opened(source) as document:
        room.check(len(document))
        for index in range(len(document)):
            with page_of(document, index, source) as page:
                pixels, _ = render(page, dpi=room.limits.dpi, max_side=room.limits.max_side)
            yield room.png(image.fromarray(pixels.squeeze()))


def _frames(source: Source, room: _Room) -> Iterator[bytes]:
    pillow = _pillow()
    try:
        with pillow.open(source.path) as image:
            _check_size(image, source)
            # Only TIFF keeps pages in further frames; elsewhere they are animations or previews.
            count = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
            source.limits.check_pages(count, source.name)
            for index in range(count):
                image.seek(index)
                _check_size(image, source)
                yield room.png(_fitted(image, room.limits.max_side))
    except pillow.DecompressionBombError as error:
        raise FileTooLarge(f"'{source.name}' is too large an image: {error}") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise CorruptFile(
            # The library's own words may name the folder the upload lies in.
            f"'{source.name}' is a broken image ({type(error).__name__}): save it again and upload"
            " that"
        ) from error


def _check_size(image: Image, source: Source) -> None:
    width, height = image.size
    source.limits.check_pixels(width, height, source.name)


def _fitted(image: Image, max_side: int) -> Image:
    """Upright, in 8 bit grey on white paper, no side longer than ``max_side``."""
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith(("I", "F")):
        # 16 and 32 bit scans use a part of their range; a plain conversion would come out white.
        wide = upright.convert("F")
        low, high = wide.getextrema()
        step = 255 / max(float(high) - float(low), 1.0)  # type: ignore[arg-type]
        upright = wide.point(lambda value: (value - low) * step).convert("L")
    if upright.has_transparency_data:
        paper = Image.new("RGBA", upright.size, "white")
        paper.alpha_composite(upright.convert("RGBA"))
        upright = paper
    grey = upright.convert("L")
    grey.thumbnail((max_side, max_side))
    return grey


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtra.named("documents", "showing pages to a model") from error
    # Pillow only warns of large images; what is too large is decided by the limits.
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    return Image
