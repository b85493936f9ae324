"""Files made to break their reader: each ends in an error that says what to do, and no more.

All go through one pool with tight limits, and after each a good document is read by the same pool.
"""

from __future__ import annotations

import asyncio
import io
import random
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from evaluand.documents.probing import probe
from evaluand.documents.reading import ReadingLimits, read
from evaluand.domain.documents import Document, FileFacts
from evaluand.engine.pool import ProcessPool
from evaluand.errors import (
    CorruptFile,
    DocumentUnreadable,
    EvaluandError,
    FileTooLarge,
    ProtectedFile,
    ReadingStopped,
)
from evaluand.testing.pdf import (
    image_object,
    make_encrypted_pdf,
    make_pdf,
    make_scan,
    stream,
    write_objects,
)

pytestmark = pytest.mark.slow

# Text recognition needs about 750 MB; a bomb must not get much further.
MEMORY_MB = 1100
TIMEOUT_S = 6.0
# The limit, the end of a child, and a busy machine.
LONGEST_S = TIMEOUT_S + 6.0
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
ONE_PAGE = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
GOOD = make_pdf([["Hello"]])


def one_page(content: bytes, *, size: str = "595 842", image: bytes | None = None) -> bytes:
    """A PDF of a page with this content, an image /Im, and a form /Fm that draws itself."""
    page = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents 4 0 R /Resources <<"
        " /XObject << /Im 5 0 R /Fm 6 0 R >>"
        " /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
    ).encode()
    form = stream(
        b"/Fm Do",
        entries="/Type /XObject /Subtype /Form /BBox [0 0 9 9]"
        " /Resources << /XObject << /Fm 6 0 R >> >>",
    )
    picture = image or image_object(bytes(100), 10, 10)
    return write_objects([CATALOG, ONE_PAGE, page, content, picture, form])


def twice_deflated(megabytes: int) -> bytes:
    """Zeros, packed so well that a few kilobytes unpack to gigabytes."""
    packer = zlib.compressobj()
    once = b"".join(packer.compress(bytes(2**20)) for _ in range(megabytes)) + packer.flush()
    return zlib.compress(once, 9)


def page_tree_of_depth(depth: int) -> bytes:
    nodes = [
        f"<< /Type /Pages /Kids [{number + 1} 0 R] /Count 1 >>".encode()
        for number in range(2, depth)
    ]
    return write_objects([CATALOG, *nodes, b"<< /Type /Page /MediaBox [0 0 9 9] >>"])


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*parts) for parts in chunks)


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def entities_of_entities(levels: int) -> bytes:
    declared = b'<!ENTITY e0 "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, levels)
    )
    return b'<?xml version="1.0"?><!DOCTYPE x [%s]><x>&e%d;</x>' % (declared, levels - 1)


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPool]:
    made = ProcessPool(processes=1, memory_mb=MEMORY_MB)
    yield made
    made.close()


@dataclass(frozen=True)
class Desk:
    """Where a file is uploaded and read."""

    pool: ProcessPool
    folder: Path

    def look(self, name: str, data: bytes) -> FileFacts:
        return self._run(partial(probe, self._kept(data), name=name, content_type=None))

    def read(self, name: str, data: bytes) -> Document:
        return self._run(partial(read, self._kept(data), name=name, limits=ReadingLimits()))

    def _kept(self, data: bytes) -> Path:
        path = self.folder / "upload"
        path.write_bytes(data)
        return path

    def _run(self, job: partial[FileFacts] | partial[Document]) -> object:
        begun = time.monotonic()
        try:
            return asyncio.run(self.pool.run(job, timeout_s=TIMEOUT_S))
        finally:
            assert time.monotonic() - begun < LONGEST_S


@pytest.fixture
def desk(pool: ProcessPool, tmp_path: Path) -> Iterator[Desk]:
    """A desk which must still work when the test is over."""
    desk = Desk(pool, tmp_path)
    yield desk
    assert desk.read("good.pdf", GOOD).text == "Hello"


# Files are made when their test runs: some take a second.
Maker = Callable[[], bytes]

REFUSED_AT_UPLOAD: dict[str, tuple[Maker, type[EvaluandError], str]] = {
    "empty.pdf": (lambda: b"", CorruptFile, "upload it again"),
    "garbage.pdf": (
        lambda: b"%PDF-1.7\n" + random.Random(1).randbytes(5000),
        CorruptFile,
        "print it",
    ),
    "cut-short.pdf": (lambda: make_pdf([["x"]] * 3)[:500], CorruptFile, "upload it again"),
    "own-catalog.pdf": (lambda: write_objects([b"1 0 R", b"2 0 R"]), CorruptFile, "print it"),
    "locked.pdf": (
        lambda: make_encrypted_pdf([["x"]], password="p"),
        ProtectedFile,
        "send its password",
    ),
    "thousand.pdf": (lambda: make_pdf([["x"]] * 1000), FileTooLarge, "split it"),
    "web-page.pdf": (lambda: b"<html><body>404</body></html>", CorruptFile, "true extension"),
    "archive.docx": (lambda: zipped({"a.txt": b"x"}), CorruptFile, "true extension"),
    "bomb.docx": (
        lambda: zipped({"word/document.xml": bytes(201 * 2**20)}),
        FileTooLarge,
        "make its pictures smaller",
    ),
    "locked.docx": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        ProtectedFile,
        "save it without a password",
    ),
    "bomb.png": (lambda: png_that_claims(200_000, 200_000), FileTooLarge, "scale it down"),
    "large.png": (lambda: png_that_claims(10_000, 9_000), FileTooLarge, "scale it down"),
    "noise.jpg": (lambda: b"\xff\xd8\xff\xe0" + bytes(100), CorruptFile, "save it again"),
}

REFUSED_BY_THE_READER: dict[str, tuple[Maker, type[EvaluandError], str]] = {
    "deep-page-tree.pdf": (lambda: page_tree_of_depth(20_000), DocumentUnreadable, "print it"),
    "endless-page-tree.pdf": (
        lambda: write_objects([CATALOG, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"]),
        DocumentUnreadable,
        "print it",
    ),
    "cut-short.png": (lambda: png_that_claims(2000, 2000), CorruptFile, "save it again"),
    "no-styles.docx": (
        lambda: zipped({"word/document.xml": b"<x/>"}),
        CorruptFile,
        "save it again",
    ),
    "entities.xml": (lambda: entities_of_entities(12), CorruptFile, "export it again"),
    "deep.xml": (lambda: b"<a>" * 100_000, CorruptFile, "export it again"),
    "open-quote.csv": (lambda: b'a,"' + b"x" * 300_000, CorruptFile, "check its quotes"),
}

ENDED_FROM_OUTSIDE: dict[str, Maker] = {
    "lines.pdf": lambda: one_page(stream(b"0 0 m 9 9 l S\n" * 10_000_000, compress=True)),
    "letters.pdf": lambda: one_page(
        stream(b"BT /F 1 Tf " + b"(aaaaaaaaaaaaaaaa) Tj " * 4_000_000 + b"ET", compress=True)
    ),
    "deflated-twice.pdf": lambda: one_page(
        stream(twice_deflated(1500), entries="/Filter [/FlateDecode /FlateDecode]")
    ),
    # The parser of the standard library takes quadratic time for these.
    "sections.html": lambda: b"<![CDATA[" * 300_000,
}


@pytest.mark.parametrize("name", REFUSED_AT_UPLOAD)
def test_refused_at_upload_and_when_read(desk: Desk, name: str) -> None:
    make, error, advice = REFUSED_AT_UPLOAD[name]
    data = make()
    with pytest.raises(error, match=advice) as caught:
        desk.look(name, data)
    assert name in caught.value.message
    with pytest.raises(error, match=advice):
        desk.read(name, data)


@pytest.mark.parametrize("name", REFUSED_BY_THE_READER)
def test_looks_good_but_cannot_be_read(desk: Desk, name: str) -> None:
    make, error, advice = REFUSED_BY_THE_READER[name]
    data = make()
    assert desk.look(name, data).kind == name.rpartition(".")[2].upper().replace("PNG", "IMG")
    with pytest.raises(error, match=advice) as caught:
        desk.read(name, data)
    assert name in caught.value.message


@pytest.mark.parametrize("name", ENDED_FROM_OUTSIDE)
def test_takes_all_time_or_memory(desk: Desk, name: str) -> None:
    data = ENDED_FROM_OUTSIDE[name]()
    assert desk.look(name, data).kind is not None
    with pytest.raises(ReadingStopped, match=r"split it, or raise EVALUAND_DOCUMENT_"):
        desk.read(name, data)


class TestHarmlessOnceBounded:
    """What other readers stumble over; here the page is just empty."""

    @pytest.mark.parametrize(
        "size", ["1000000000 1000000000", "14400 0.5", "0.5 14400", "0 0", "-9 -9"]
    )
    def test_pages_of_absurd_size(self, desk: Desk, size: str) -> None:
        document = desk.read("size.pdf", one_page(stream(b"q 9 0 0 9 0 0 cm /Im Do Q"), size=size))
        assert [page.text for page in document.pages] == [""]

    def test_a_form_that_draws_itself(self, desk: Desk) -> None:
        assert desk.read("form.pdf", one_page(stream(b"/Fm Do"))).text == ""

    def test_a_false_page_count(self, desk: Desk) -> None:
        lie = make_pdf([["Hello"]]).replace(b"/Count 1", b"/Count 100000000")
        assert desk.look("lie.pdf", lie).page_count == 1

    def test_an_image_that_unpacks_to_gigabytes(self, desk: Desk) -> None:
        image = stream(
            twice_deflated(1000),
            entries="/Type /XObject /Subtype /Image /Width 60000 /Height 60000"
            " /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter [/FlateDecode /FlateDecode]",
        )
        data = one_page(stream(b"q 595 0 0 842 0 0 cm /Im Do Q"), image=image)
        assert desk.read("image.pdf", data).text == ""

    def test_a_white_scan(self, desk: Desk) -> None:
        (page,) = desk.read("white.pdf", make_scan(b"\xff" * 10_000, 100, 100)).pages
        assert (page.text, page.scanned) == ("", True)
