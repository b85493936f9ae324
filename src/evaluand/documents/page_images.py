"""Pictures of pages, drawn in a child process and kept on disk: a document may be hostile."""

from __future__ import annotations

import asyncio
import io
import json
import os
import secrets
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluand.documents import pdfium
from evaluand.documents.formats import img
from evaluand.documents.limits import ReadingLimits
from evaluand.documents.registry import Source
from evaluand.domain.documents import PageSize
from evaluand.domain.model import File
from evaluand.errors import MissingExtra, NotFound
from evaluand.ports import Blobs, Pool

if TYPE_CHECKING:
    from PIL.Image import Image

# A poster would otherwise become a picture of a gigabyte. A3 at 220 dots an inch fits.
MAX_SIDE = 3700
# Small print stays legible; a page of text takes 50 to 150 KB.
QUALITY = 80
# About 300 MB: the pages of some hundred documents somebody looked at lately.
MAX_KEPT = 2000
# How a camera tells that an image lies on its side (EXIF 2.3, tag Orientation).
_ORIENTATION, _ON_ITS_SIDE = 0x0112, frozenset({5, 6, 7, 8})


class PooledPageImages:
    """Fits :class:`evaluand.ports.PageImages`. Pictures lie in ``folder``, the newest ones only."""

    def __init__(
        self, *, pool: Pool, blobs: Blobs, limits: ReadingLimits, folder: Path, timeout_s: float
    ) -> None:
        self._pool = pool
        self._blobs = blobs
        self._limits = limits
        self._folder = folder
        self._timeout_s = timeout_s

    async def sizes(self, file: File) -> Sequence[PageSize]:
        async def measure() -> bytes:
            found = await self._run(page_sizes, file)
            return json.dumps(found).encode()

        kept = await self._kept(f"{file.sha256}.sizes.json", measure)
        return [PageSize(*size) for size in json.loads(kept)]

    async def image(self, file: File, number: int, dpi: int) -> bytes:
        async def draw() -> bytes:
            drawn: bytes = await self._run(draw_page, file, number, dpi)
            return drawn

        return await self._kept(f"{file.sha256}.{number}.{dpi}.webp", draw)

    async def _run(self, function: Callable[..., Any], file: File, *more: int) -> Any:
        source = Source(path=self._blobs.path(file.sha256), name=file.name, limits=self._limits)
        return await self._pool.run(
            function, source, file.kind == "PDF", *more, timeout_s=self._timeout_s
        )

    async def _kept(self, name: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        path = self._folder / name
        if path.exists():
            return await asyncio.to_thread(path.read_bytes)
        made = await make()
        await asyncio.to_thread(_keep, path, made)
        return made


def page_sizes(source: Source, is_pdf: bool) -> list[PageSize]:
    """The size of each page in points. Runs in a child process, as does ``draw_page``."""
    if is_pdf:
        with pdfium.opened(source) as document:
            return [PageSize(*document.get_page_size(index)) for index in range(len(document))]
    with img.opened(source) as image:
        return [_size(image, index) for index in range(img.page_count(image, source))]


def draw_page(source: Source, is_pdf: bool, number: int, dpi: int) -> bytes:
    """Page ``number`` as WebP. Raises NotFound when there is no such page."""
    picture = _of_pdf(source, number, dpi) if is_pdf else _of_image(source, number, dpi)
    encoded = io.BytesIO()
    picture.save(encoded, "WEBP", quality=QUALITY)
    return encoded.getvalue()


def _of_pdf(source: Source, number: int, dpi: int) -> Image:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtra.named("documents", "showing pages") from error
    with pdfium.opened(source) as document:
        _check(number, len(document))
        with pdfium.page_of(document, number - 1, source) as page:
            pixels, _ = pdfium.render(page, dpi=dpi, max_side=MAX_SIDE, colour=True)
    return Image.fromarray(pixels)


def _of_image(source: Source, number: int, dpi: int) -> Image:
    from PIL import ImageOps

    with img.opened(source) as image:
        _check(number, img.page_count(image, source))
        image.seek(number - 1)
        source.limits.check_pixels(*image.size, source.name)
        share = min(1.0, img.points_per_pixel(image) * dpi / 72, MAX_SIDE / max(image.size))
        if image.mode in ("RGB", "P", "CMYK", "YCbCr") and "transparency" not in image.info:
            upright = ImageOps.exif_transpose(image).convert("RGB")
        else:
            upright = img.upright_grey(image)
        return upright.resize([max(1, round(side * share)) for side in upright.size])


def _size(image: Image, index: int) -> PageSize:
    image.seek(index)
    points = img.points_per_pixel(image)
    width, height = image.size
    if image.getexif().get(_ORIENTATION) in _ON_ITS_SIDE:
        width, height = height, width
    return PageSize(width * points, height * points)


def _check(number: int, count: int) -> None:
    if not 1 <= number <= count:
        raise NotFound(f"There is no page {number}: the file has {count}.")


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{secrets.token_hex(8)}")
    draft.write_bytes(content)
    os.replace(draft, path)
    kept = sorted(path.parent.iterdir(), key=_written)
    for old in kept[: max(0, len(kept) - MAX_KEPT)]:
        old.unlink(missing_ok=True)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another request made room just now
        return 0.0
