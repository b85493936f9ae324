"""Pictures of pages: the right page, the right size, drawn once, whatever the file."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from evaluand.documents import page_images
from evaluand.documents.limits import ReadingLimits
from evaluand.documents.page_images import PooledPageImages
from evaluand.domain.documents import PageSize
from evaluand.domain.model import File
from evaluand.errors import CorruptFile, FileTooLarge, NotFound
from evaluand.store.blobs import DiskBlobs
from evaluand.testing.builders import a_file
from evaluand.testing.pdf import PdfPage, Text, make_pdf
from evaluand.testing.pool import InlinePool


class CountingPool(InlinePool):
    """Counts what it is asked to do."""

    jobs = 0

    async def run(self, function: Any, *args: Any, timeout_s: float | None = None) -> Any:
        """As the pool does."""
        self.jobs += 1
        return await super().run(function, *args, timeout_s=timeout_s)


class Desk:
    """Pictures of files that are only bytes."""

    def __init__(self, folder: Path, limits: ReadingLimits) -> None:
        self.pool = CountingPool()
        self.kept = folder / "pictures"
        self._blobs = DiskBlobs(folder / "files")
        self._images = PooledPageImages(
            pool=self.pool, blobs=self._blobs, limits=limits, folder=self.kept, timeout_s=30
        )

    def put(self, content: bytes, kind: Any) -> File:
        """A stored file."""
        file = a_file(f"{len(content)}.{kind}", kind)
        draft = self._blobs.temporary()
        draft.write_bytes(content)
        self._blobs.adopt(draft, file.sha256)
        return file

    def sizes(self, file: File) -> Sequence[PageSize]:
        """The sizes of its pages."""
        return asyncio.run(self._images.sizes(file))

    def image(self, file: File, number: int = 1, dpi: int = 110) -> Image.Image:
        """The picture of a page."""
        return Image.open(io.BytesIO(asyncio.run(self._images.image(file, number, dpi))))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, ReadingLimits())
    yield made
    made.pool.close()


def picture(size: tuple[int, int], form: str = "PNG", mode: str = "RGB", **more: Any) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(stream, form, **more)
    return stream.getvalue()


def test_each_page_of_a_pdf_has_its_size_as_displayed(desk: Desk) -> None:
    pages = [
        PdfPage(texts=[Text("one")], width=300, height=400),
        PdfPage(texts=[Text("two")], width=300, height=400, rotate=90),
    ]
    file = desk.put(make_pdf(pages), "PDF")

    assert desk.sizes(file) == [PageSize(300, 400), PageSize(400, 300)]
    assert desk.image(file, 1, 72).size == (300, 400)
    assert desk.image(file, 2, 144).size == (800, 600)


def test_letters_are_drawn_dark_on_light(desk: Desk) -> None:
    file = desk.put(make_pdf([["HHHHHHHHHH"], []]), "PDF")

    printed, empty = (desk.image(file, number).convert("L").getextrema() for number in (1, 2))

    assert printed[0] < 80
    assert printed[1] > 240
    assert empty[0] > 240


def test_an_image_has_the_size_it_has_on_paper_and_keeps_its_colour(desk: Desk) -> None:
    file = desk.put(picture((600, 300), dpi=(300, 300)), "IMG")

    assert desk.sizes(file) == [PageSize(pytest.approx(144, 1e-4), pytest.approx(72, 1e-4))]
    drawn = desk.image(file, 1, 110)
    assert drawn.size == (220, 110)
    red, green, _ = drawn.convert("RGB").getpixel((50, 50))
    assert red > 200 > 60 > green


def test_a_photograph_stands_upright(desk: Desk) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = desk.put(picture((400, 200), "JPEG", exif=exif), "IMG")

    (size,) = desk.sizes(file)

    assert size.height == pytest.approx(2 * size.width)
    drawn = desk.image(file)
    assert drawn.height == pytest.approx(2 * drawn.width, abs=1)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_images_of_every_make_are_shown(desk: Desk, mode: str) -> None:
    form = {"CMYK": "TIFF", "F": "TIFF"}.get(mode, "PNG")
    stream = io.BytesIO()
    Image.new(mode, (120, 80)).save(stream, form)
    file = desk.put(stream.getvalue(), "IMG")

    assert desk.image(file).size[0] > 0


def test_a_scan_of_two_pages_has_two(desk: Desk) -> None:
    second = Image.new("L", (300, 300), 255)
    content = picture((200, 300), "TIFF", append_images=[second], save_all=True)
    file = desk.put(content, "IMG")

    assert len(desk.sizes(file)) == 2
    assert desk.image(file, 2).width == desk.image(file, 2).height


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_there_is_no_page_beyond_the_last(desk: Desk, number: int) -> None:
    for content, kind in ((make_pdf([["one"]]), "PDF"), (picture((9, 9)), "IMG")):
        with pytest.raises(NotFound):
            desk.image(desk.put(content, kind), number)


def test_a_page_is_drawn_once(desk: Desk) -> None:
    file = desk.put(make_pdf([["one"]]), "PDF")

    first = [desk.image(file).tobytes(), desk.sizes(file)]
    jobs = desk.pool.jobs

    assert [desk.image(file).tobytes(), desk.sizes(file)] == first
    assert desk.pool.jobs == jobs == 2


def test_only_so_many_pictures_are_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_images, "MAX_KEPT", 3)
    file = desk.put(make_pdf([["page"]] * 5), "PDF")

    for number in range(1, 6):
        desk.image(file, number)

    assert len(list(desk.kept.iterdir())) == 3


def test_a_poster_is_drawn_small(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_images, "MAX_SIDE", 500)
    poster = desk.put(make_pdf([PdfPage(texts=[], width=9_000, height=4_500)]), "PDF")

    assert max(desk.image(poster, 1, 220).size) <= 501
    assert max(desk.image(desk.put(picture((3_000, 90)), "IMG"), 1, 220).size) <= 501


def test_a_broken_file_is_an_error_that_says_so(desk: Desk) -> None:
    for content, kind in ((b"%PDF-1.4 nothing", "PDF"), (picture((50, 50))[:60], "IMG")):
        file = desk.put(content, kind)
        with pytest.raises(CorruptFile):
            desk.image(file)
        assert not desk.kept.exists() or not list(desk.kept.iterdir())


def test_what_is_too_large_to_read_is_not_drawn(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ReadingLimits(max_pages=1, max_pixels=100))
    for content, kind in ((make_pdf([["one"], ["two"]]), "PDF"), (picture((11, 11)), "IMG")):
        with pytest.raises(FileTooLarge):
            desk.image(desk.put(content, kind))
    desk.pool.close()
