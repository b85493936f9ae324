"""Pages without text, read by recognition. The pages are drawn here, then scanned."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from evaluand.documents.reading import ReadingLimits, read
from evaluand.domain.documents import Document
from evaluand.testing.pdf import Text, make_pdf, make_scan

pytestmark = pytest.mark.slow

ROWS = [
    ("Description", "Amount"),
    ("Printer paper, 500 sheets", "24.90"),
    ("Ballpoint pens, blue", "118.05"),
    ("Delivery to your office", "7.50"),
    ("Total amount due", "150.45"),
]
DPI = 150
WIDTH, HEIGHT = 420.0, 300.0


@pytest.fixture(scope="module")
def sheet() -> Image.Image:
    """A printed table, as a grey image at 150 dpi."""
    lines = [
        Text(cell, x=x, top=60 + 24 * line, size=12)
        for line, row in enumerate(ROWS)
        for x, cell in zip((50, 320), row, strict=True)
    ]
    with pypdfium2.PdfDocument(make_pdf([lines])) as document:
        page = document[0]
        image: Image.Image = page.render(scale=DPI / 72, grayscale=True).to_pil()
        return image.crop((0, 0, round(WIDTH * DPI / 72), round(HEIGHT * DPI / 72)))


def scanned(image: Image.Image) -> bytes:
    size = (image.width * 72 / DPI, image.height * 72 / DPI)
    return make_scan(image.convert("L").tobytes(), *image.size, size=size)


def saved(image: Image.Image, format_: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def reading(tmp_path: Path, name: str, data: bytes) -> Document:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return read(path, name=name, limits=ReadingLimits())


def rows_of(text: str) -> list[tuple[str, ...]]:
    return [tuple(line.strip().split("  ", 1)) for line in text.splitlines() if line.strip()]


def shows_the_table(text: str) -> bool:
    found = [tuple(cell.strip() for cell in row) for row in rows_of(text)]
    return found == ROWS


def test_a_scan_keeps_rows_and_columns(tmp_path: Path, sheet: Image.Image) -> None:
    (page,) = reading(tmp_path, "a.pdf", scanned(sheet)).pages
    assert page.scanned
    assert shows_the_table(page.text)


def test_boxes_of_a_scan_are_points_on_the_page(tmp_path: Path, sheet: Image.Image) -> None:
    (page,) = reading(tmp_path, "a.pdf", scanned(sheet)).pages
    box = next(word.box for word in page.words if word.text == "150.45")
    assert (box.x0, (box.top + box.bottom) / 2) == pytest.approx((320, 60 + 24 * 4 + 6), abs=5)


@pytest.mark.parametrize("degrees", [-2.0, 1.5])
def test_skew_does_not_tear_rows_apart(tmp_path: Path, sheet: Image.Image, degrees: float) -> None:
    skewed = sheet.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=255, expand=True)
    assert shows_the_table(reading(tmp_path, "a.pdf", scanned(skewed)).text)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_pages_laid_the_wrong_way_are_read(
    tmp_path: Path, sheet: Image.Image, degrees: int
) -> None:
    turned = sheet.rotate(degrees, expand=True)
    assert shows_the_table(reading(tmp_path, "a.pdf", scanned(turned)).text)


def test_a_stamp_does_not_make_a_scan_a_text(tmp_path: Path, sheet: Image.Image) -> None:
    stamped = scanned(sheet).replace(b"/Im Do Q", b"/Im Do Q BT /F 8 Tf 9 9 Td (Page 1) Tj ET")
    stamped = stamped.replace(
        b"/Resources <<",
        b"/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >> >>",
    ).replace(b"/Length", b"/Lxngth", 1)  # the stream is longer now: let the reader find its end
    (page,) = reading(tmp_path, "a.pdf", stamped).pages
    assert page.scanned
    assert "Total amount due" in page.text


def transparent(sheet: Image.Image) -> Image.Image:
    """Black letters on nothing, as drawing programs save them."""
    ink = Image.new("LA", sheet.size, (0, 0))
    ink.putalpha(sheet.point(lambda value: 255 - value))
    return ink


def sixteen_bits(sheet: Image.Image) -> Image.Image:
    return sheet.convert("I").point(lambda value: value * 257).convert("I;16")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.png", lambda sheet: saved(sheet.convert("P"), "PNG")),
        ("a.jpg", lambda sheet: saved(sheet, "JPEG", quality=40, dpi=(DPI, DPI))),
        ("a.tif", lambda sheet: saved(sheet.convert("1"), "TIFF", compression="group4")),
        ("clear.png", lambda sheet: saved(transparent(sheet), "PNG")),
        ("deep.png", lambda sheet: saved(sixteen_bits(sheet), "PNG")),
    ],
)
def test_images_are_read(tmp_path: Path, sheet: Image.Image, name: str, make: object) -> None:
    data: bytes = make(sheet)  # type: ignore[operator]
    document = reading(tmp_path, name, data)
    assert document.kind == "IMG"
    assert shows_the_table(document.text)


def test_the_camera_tells_which_side_is_up(tmp_path: Path, sheet: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held a quarter turn clockwise
    data = saved(sheet.rotate(90, expand=True), "JPEG", exif=exif)
    (page,) = reading(tmp_path, "a.jpg", data).pages
    assert page.width > page.height
    assert shows_the_table(page.text)


def test_an_image_that_knows_its_resolution_has_its_true_size(
    tmp_path: Path, sheet: Image.Image
) -> None:
    (page,) = reading(tmp_path, "a.png", saved(sheet, "PNG", dpi=(DPI, DPI))).pages
    assert (page.width, page.height) == pytest.approx((WIDTH, HEIGHT), rel=0.01)


def test_every_frame_of_a_tiff_is_a_page(tmp_path: Path, sheet: Image.Image) -> None:
    empty = Image.new("L", sheet.size, 255)
    data = saved(sheet, "TIFF", save_all=True, append_images=[empty, sheet])
    first, second, third = reading(tmp_path, "a.tif", data).pages
    assert (first.text, second.text) == (third.text, "")
    assert (first.number, third.number) == (1, 3)
