"""Small files of every kind, written here and read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from PIL import Image

from evaluand.documents.probing import probe
from evaluand.documents.reading import ReadingLimits, read
from evaluand.documents.registry import all_formats
from evaluand.domain.documents import Document
from evaluand.errors import (
    CorruptFile,
    FileTooLarge,
    ProtectedFile,
    UnsupportedFile,
)
from evaluand.testing.pdf import PdfPage, Text, make_encrypted_pdf, make_pdf

LIMITS = ReadingLimits()
Reader = Callable[..., Document]
TABLE = [Text("Item"), Text("Amount", x=300), Text("Pens", top=90), Text("1.00", x=300, top=90)]


@pytest.fixture
def reads(tmp_path: Path) -> Reader:
    def write_and_read(name: str, data: bytes, **options: object) -> Document:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return read(path, name=name, **{"limits": LIMITS, **options})  # type: ignore[arg-type]

    return write_and_read


def word_document() -> bytes:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Larkspur Ltd"
    document.add_paragraph("Invoice 42")
    table = document.add_table(2, 2)
    for row, texts in zip(table.rows, [("Item", "Price"), ("Pens", "3")], strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_page_break()
    document.add_paragraph("Terms")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


class TestPdf:
    def test_lines_and_columns(self, reads: Reader) -> None:
        document = reads("a.pdf", make_pdf([[*TABLE], ["second page"]]))
        assert document.kind == "PDF"
        assert document.paged
        first, second = document.pages
        assert [line.split() for line in first.text.splitlines()] == [
            ["Item", "Amount"],
            ["Pens", "1.00"],
        ]
        assert (second.number, second.text, second.scanned) == (2, "second page", False)

    def test_boxes_are_from_the_upper_left_corner(self, reads: Reader) -> None:
        (page,) = reads("a.pdf", make_pdf([[Text("Hello", x=100, top=200, size=20)]])).pages
        box = page.words[0].box
        assert (box.x0, box.top, box.bottom) == pytest.approx((100, 200, 220), abs=1)

    @pytest.mark.parametrize("rotate", [90, 180, 270])
    def test_turned_pages_read_the_same_and_boxes_follow(self, reads: Reader, rotate: int) -> None:
        upright, turned = reads(
            "a.pdf", make_pdf([PdfPage(texts=TABLE), PdfPage(texts=TABLE, rotate=rotate)])
        ).pages
        assert turned.text == upright.text
        before, after = upright.words[0].box, turned.words[0].box
        width, height = upright.width, upright.height
        expected = {
            90: (height - before.bottom, before.x0),
            180: (width - before.x1, height - before.bottom),
            270: (before.top, width - before.x1),
        }[rotate]
        assert (after.x0, after.top) == pytest.approx(expected, abs=0.01)

    def test_a_page_with_nothing_on_it_is_empty(self, reads: Reader) -> None:
        (page,) = reads("a.pdf", make_pdf([[]])).pages
        assert (page.text, page.words, page.scanned) == ("", (), False)

    def test_a_password_opens(self, reads: Reader) -> None:
        data = make_encrypted_pdf([["Secret terms"]], password="sesame")
        assert reads("a.pdf", data, password="sesame").text == "Secret terms"

    @pytest.mark.parametrize(
        ("password", "advice"), [(None, "send its password"), ("wrong", "does not open")]
    )
    def test_no_or_a_wrong_password_does_not(
        self, reads: Reader, password: str | None, advice: str
    ) -> None:
        data = make_encrypted_pdf([["Secret terms"]], password="sesame")
        with pytest.raises(ProtectedFile, match=advice):
            reads("a.pdf", data, password=password)

    def test_a_wrong_table_of_objects_is_mended(self, reads: Reader) -> None:
        data = make_pdf([["Hello"]])
        start = data.index(b"xref")
        broken = data[:start] + data[start:].replace(b"00000 n", b"99999 n")
        assert reads("a.pdf", broken[:-20]).text == "Hello"


class TestOtherKinds:
    def test_word(self, reads: Reader) -> None:
        document = reads("a.docx", word_document())
        assert [page.text for page in document.pages] == [
            "Larkspur Ltd\nInvoice 42\nItem  Price\nPens  3",
            "Terms",
        ]

    def test_text_pages_are_parted_by_form_feeds(self, reads: Reader) -> None:
        document = reads("a.txt", b"one\r\ntwo\fthree\n\f")
        assert [page.text for page in document.pages] == ["one\ntwo", "three"]
        assert not document.paged

    def test_csv_shows_a_table(self, reads: Reader) -> None:
        data = 'Item;Price\n"Gel; pens";1,50\n'.encode("cp1252")
        assert reads("a.csv", data).text == "Item       Price\nGel; pens  1,50"

    def test_xml_names_what_it_holds(self, reads: Reader) -> None:
        data = (
            b'<?xml version="1.0"?><i xmlns="urn:x"><No>42</No><!-- c --><Sum cur="EUR">7</Sum></i>'
        )
        assert reads("a.xml", data).text == "i\n  No  42\n  Sum  7  cur EUR"

    def test_words_without_a_layout_have_empty_boxes(self, reads: Reader) -> None:
        (page,) = reads("a.txt", b"one two").pages
        assert [(word.text, set(word.box)) for word in page.words] == [("one", {0}), ("two", {0})]

    def test_spreadsheets_are_kept_but_not_read(self, reads: Reader) -> None:
        workbook = zipped({"xl/workbook.xml": b"<workbook/>"})
        with pytest.raises(UnsupportedFile, match="save the sheet as CSV"):
            reads("a.xlsx", workbook)

    def test_unknown_kinds_say_what_can_be_read(self, reads: Reader) -> None:
        with pytest.raises(UnsupportedFile, match="PDF, image, DOCX or text"):
            reads("a.bin", bytes(range(256)))


class TestLimits:
    def test_bytes(self, reads: Reader) -> None:
        with pytest.raises(FileTooLarge, match="EVALUAND_DOCUMENT_MAX_MB"):
            reads("a.txt", b"x" * 100, limits=ReadingLimits(max_bytes=99))

    def test_pages(self, reads: Reader) -> None:
        with pytest.raises(FileTooLarge, match=r"3 pages.*EVALUAND_DOCUMENT_MAX_PAGES"):
            reads("a.pdf", make_pdf([["x"]] * 3), limits=ReadingLimits(max_pages=2))

    def test_characters(self, reads: Reader) -> None:
        with pytest.raises(FileTooLarge, match="EVALUAND_DOCUMENT_MAX_CHARACTERS"):
            reads("a.pdf", make_pdf([["x" * 20]]), limits=ReadingLimits(max_characters=19))

    def test_pixels(self, reads: Reader) -> None:
        file = io.BytesIO()
        Image.new("1", (20, 10)).save(file, "PNG")
        with pytest.raises(FileTooLarge, match=r"20 x 10 pixels.*EVALUAND_DOCUMENT_MAX_PIXELS"):
            reads("a.png", file.getvalue(), limits=ReadingLimits(max_pixels=199))


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def picture(format_: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, format_)
    return file.getvalue()


class TestProbe:
    @pytest.mark.parametrize(
        ("name", "content_type", "data", "kind", "pages"),
        [
            ("a.pdf", None, make_pdf([["x"]] * 3), "PDF", 3),
            # The bytes win over the name.
            ("a.txt", "text/plain", make_pdf([["x"]]), "PDF", 1),
            ("upload", "application/octet-stream", make_pdf([["x"]]), "PDF", 1),
            ("scan.pdf", "application/pdf", picture("PNG"), "IMG", None),
            ("a.jpg", None, picture("JPEG"), "IMG", None),
            ("a.tif", None, picture("TIFF"), "IMG", None),
            ("a", None, picture("WEBP"), "IMG", None),
            ("a", None, picture("BMP"), "IMG", None),
            ("a", None, picture("GIF"), "IMG", None),
            ("a.zip", None, word_document(), "DOCX", 1),
            (
                "a.docx",
                None,
                zipped(
                    {"word/document.xml": b"<x/>", "docProps/app.xml": b"<P><Pages>7</Pages></P>"}
                ),
                "DOCX",
                7,
            ),
            ("a.docx", None, zipped({"word/document.xml": b"<x/>"}), "DOCX", None),
            ("a.xlsx", None, zipped({"xl/workbook.xml": b"<x/>"}), "EXCEL", None),
            # Text says little of itself: here the name wins, then the type, then a guess.
            ("a.csv", None, b"a,b", "CSV", None),
            ("a.txt", None, b"<html>", "TXT", None),
            ("upload", "text/csv; charset=utf-8", b"a,b", "CSV", None),
            ("upload", None, b"<?xml version='1.0'?><a/>", "XML", None),
            ("upload", None, b"\xef\xbb\xbf<!DOCTYPE HTML><html>", "HTML", None),
            ("upload", None, b"plain words", "TXT", None),
            ("a.txt", None, "weit".encode("utf-16"), "TXT", None),
            ("a.bin", None, bytes(range(256)), None, None),
            ("a.zip", None, zipped({"a.txt": b"x"}), None, None),
            ("a.rtf", None, rb"{\rtf1 hello}", None, None),
        ],
    )
    def test_tells_kind_and_pages(
        self,
        tmp_path: Path,
        name: str,
        content_type: str | None,
        data: bytes,
        kind: str | None,
        pages: int | None,
    ) -> None:
        path = tmp_path / "upload"
        path.write_bytes(data)
        facts = probe(path, name=name, content_type=content_type)
        assert (facts.kind, facts.page_count) == (kind, pages)

    @pytest.mark.parametrize(
        ("name", "data", "looks_like"),
        [
            ("a.pdf", b"", "empty"),
            ("a.pdf", b"<html>404</html>", "text beginning with '<html>404"),
            ("a.png", bytes(64), "bytes 00 00"),
            ("a.docx", zipped({"a.txt": b"x"}), "a ZIP archive"),
            ("a.csv", bytes(64), "bytes 00 00"),
            ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "an old Office program"),
        ],
    )
    def test_broken_promises_say_what_the_file_looks_like(
        self, tmp_path: Path, name: str, data: bytes, looks_like: str
    ) -> None:
        path = tmp_path / "upload"
        path.write_bytes(data)
        with pytest.raises(CorruptFile, match=looks_like):
            probe(path, name=name, content_type=None)


def test_every_kind_has_one_format() -> None:
    assert set(all_formats()) == {"PDF", "CSV", "IMG", "TXT", "DOCX", "EXCEL", "XML", "HTML"}


def test_no_extension_or_type_belongs_to_two_formats() -> None:
    for attribute in ("extensions", "content_types"):
        claimed = [name for f in all_formats().values() for name in getattr(f, attribute)]
        assert len(claimed) == len(set(claimed))
