"""Images: PNG, JPEG, TIFF (a page per frame), GIF, BMP, WebP; read by text recognition."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from evaluand.documents import ocr
from evaluand.documents.layout import by_direction, lay_out_blocks
from evaluand.documents.registry import Format, Source
from evaluand.documents.sample import Sample
from evaluand.domain.documents import Page
from evaluand.errors import CorruptFile, FileTooLarge, MissingExtra

if TYPE_CHECKING:
    from PIL.Image import Image

SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"GIF8", b"BM")
# Resolutions outside of this are defaults of programs, not facts: phones say 72 of anything.
BELIEVABLE_DPI = range(90, 1201)
# Without a believable resolution the longer side is taken for that of an A4 sheet, in points.
A4_LONG_SIDE = 842.0


def recognises(sample: Sample) -> bool:
    head = sample.head
    # "BM" alone begins many words; a bitmap goes on with its length and four zeros.
    bitmap = head.startswith(b"BM") and head[6:10] == bytes(4)
    web = head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    return bitmap or web or head.startswith(SIGNATURES[:-1])


def probe(source: Source) -> None:
    with opened(source):
        return


def read(source: Source) -> tuple[Page, ...]:
    with opened(source) as image:
        return tuple(_page(image, index, source) for index in range(page_count(image, source)))


def page_count(image: Image, source: Source) -> int:
    """How many pages an open image has. Raises FileTooLarge."""
    # Other formats keep animations and previews in further frames, not pages.
    count = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
    source.limits.check_pages(count, source.name)
    return count


@contextmanager
def opened(source: Source) -> Iterator[Image]:
    """The open image. Raises CorruptFile, FileTooLarge and MissingExtra."""
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise MissingExtra.named("documents", "reading images") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(source.path) as image:
                source.limits.check_pixels(*image.size, source.name)
                yield image
    except Image.DecompressionBombError as error:
        raise FileTooLarge(
            f"'{source.name}' is too large an image ({error}): scale it down"
        ) from error
    except UnidentifiedImageError as error:
        # The library's own words name the folder the upload lies in.
        raise CorruptFile(
            f"'{source.name}' is a broken image (its kind cannot be told): save it again and"
            " upload that"
        ) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise CorruptFile(
            f"'{source.name}' is a broken image ({error}): save it again and upload that"
        ) from error


def _page(image: Image, index: int, source: Source) -> Page:
    image.seek(index)
    source.limits.check_pixels(*image.size, source.name)
    grey = upright_grey(image)
    width, height = grey.size
    points = points_per_pixel(image)
    grey.thumbnail((ocr.MAX_SIDE, ocr.MAX_SIDE))
    scale = grey.size[0] / (width * points)
    found = ocr.placed_words(ocr.recognise(_array(grey)), scale)
    text, words = lay_out_blocks(by_direction(found))
    return Page(
        number=index + 1,
        width=width * points,
        height=height * points,
        text=text,
        words=words,
        scanned=True,
    )


def points_per_pixel(image: Image) -> float:
    """The size of a pixel on paper, by the image's resolution if that can be believed."""
    dpi = _dpi(image)
    return 72 / dpi if dpi else A4_LONG_SIDE / max(image.size)


def _dpi(image: Image) -> float | None:
    value = image.info.get("dpi", (None,))[0]
    return float(value) if value and round(value) in BELIEVABLE_DPI else None


def upright_grey(image: Image) -> Image:
    """The image in 8 bit grey, turned as its camera says, on white where it is transparent."""
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith(("I", "F")):  # 16 and 32 bit scans
        low, high = upright.convert("F").getextrema()
        span = max(float(high) - float(low), 1.0)  # type: ignore[arg-type]
        return upright.convert("F").point(lambda v: (v - low) * (255 / span)).convert("L")
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        rgba = upright.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        paper.alpha_composite(rgba)
        upright = paper
    return upright.convert("L")


def _array(grey: Image) -> Any:
    import numpy

    return numpy.asarray(grey)


FORMAT = Format(
    kind="IMG",
    extensions=frozenset({"png", "jpg", "jpeg", "tif", "tiff", "gif", "bmp", "webp"}),
    content_types=frozenset(
        {"image/png", "image/jpeg", "image/tiff", "image/gif", "image/bmp", "image/webp"}
    ),
    recognises=recognises,
    probe=probe,
    read=read,
    paged=True,
    textual=False,
)
