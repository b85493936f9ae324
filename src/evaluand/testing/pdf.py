"""A tiny PDF writer for tests: lines of text in base-14 fonts, and objects written by hand."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

A4 = (595.0, 842.0)
# One inch from the left edge, one from the top.
MARGIN = 72.0
# Line to line, in letter sizes: the usual setting of printed letters.
LEADING = 1.4


class Text(NamedTuple):
    """A line of text: where it begins, in points from the page's top left corner, and its size."""

    text: str
    x: float = MARGIN
    top: float = MARGIN
    size: float = 10.0
    font: str = "Helvetica"


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfPage:
    """A page of text. ``rotate`` is the quarter turn for display, in degrees clockwise."""

    texts: Sequence[Text]
    width: float = A4[0]
    height: float = A4[1]
    rotate: int = 0


def make_pdf(pages: Sequence[Sequence[str | Text] | PdfPage]) -> bytes:
    """A PDF with a page for each list of lines.

    Plain strings are set one below the other from the upper left corner; a ``Text`` stands where
    it says. Characters must be in Windows-1252, the encoding of the base-14 fonts here.
    """
    return write_objects(page_objects([_page(page) for page in pages]))


def _page(page: Sequence[str | Text] | PdfPage) -> PdfPage:
    if isinstance(page, PdfPage):
        return page
    top = MARGIN
    texts: list[Text] = []
    for line in page:
        text = line if isinstance(line, Text) else Text(line, top=top)
        texts.append(text)
        top = text.top + LEADING * text.size
    return PdfPage(texts=texts)


def page_objects(pages: Sequence[PdfPage]) -> list[bytes]:
    """The objects of a document; the first is the catalog."""
    fonts = sorted({text.font for page in pages for text in page.texts})
    font_entries = " ".join(f"/F{i} {3 + i} 0 R" for i in range(len(fonts)))
    first = 3 + len(fonts)
    kids = " ".join(f"{first + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
    ]
    objects += [
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>".encode()
        for font in fonts
    ]
    for index, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.width:g} {page.height:g}]"
            f" /Rotate {page.rotate} /Resources << /Font << {font_entries} >> >>"
            f" /Contents {first + 2 * index + 1} 0 R >>".encode()
        )
        objects.append(stream(_content(page, fonts)))
    return objects


def _content(page: PdfPage, fonts: Sequence[str]) -> bytes:
    parts = []
    for text in page.texts:
        # Text stands on its baseline, about 0.8 of its size below its top.
        y = page.height - text.top - 0.8 * text.size
        escaped = text.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        parts.append(
            f"BT /F{fonts.index(text.font)} {text.size:g} Tf"
            f" {text.x:g} {y:g} Td ({escaped}) Tj ET".encode("cp1252")
        )
    return b"\n".join(parts)


def stream(data: bytes, *, entries: str = "", compress: bool = False) -> bytes:
    """A stream object; ``entries`` are added to its dictionary."""
    if compress:
        data, entries = zlib.compress(data, 9), f"{entries} /Filter /FlateDecode"
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries.encode(), data)


def image_object(grey: bytes, width: int, height: int) -> bytes:
    """An image of 8 bit grey pixels, row by row from the top."""
    return stream(
        grey,
        entries=f"/Type /XObject /Subtype /Image /Width {width} /Height {height}"
        " /ColorSpace /DeviceGray /BitsPerComponent 8",
        compress=True,
    )


def make_scan(grey: bytes, width: int, height: int, *, size: tuple[float, float] = A4) -> bytes:
    """A PDF of one page without text, filled by an image: what a scanner makes."""
    return write_objects(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]:g} {size[1]:g}]"
            " /Resources << /XObject << /Im 5 0 R >> >> /Contents 4 0 R >>".encode(),
            stream(f"q {size[0]:g} 0 0 {size[1]:g} 0 0 cm /Im Do Q".encode()),
            image_object(grey, width, height),
        ]
    )


# The 32 bytes that fill short passwords, from the PDF standard (ISO 32000-1, 7.6.3.3).
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def make_encrypted_pdf(pages: Sequence[Sequence[str | Text]], *, password: str) -> bytes:
    """The same as :func:`make_pdf` under 40 bit RC4, the oldest and simplest encryption.

    Algorithms 1 to 4 of ISO 32000-1, 7.6. Only streams are encrypted: there are no strings.
    """
    user = (password.encode("latin-1") + _PADDING)[:32]
    owner_entry = _rc4(_md5(user)[:5], user)
    permissions = (0xFFFFFFFC).to_bytes(4, "little")
    file_id = bytes(16)
    key = _md5(user + owner_entry + permissions + file_id)[:5]
    objects = page_objects([_page(page) for page in pages])
    encrypted = [_encrypt(body, number, key) for number, body in enumerate(objects, start=1)]
    encrypted.append(
        f"<< /Filter /Standard /V 1 /R 2 /O <{owner_entry.hex()}>"
        f" /U <{_rc4(key, _PADDING).hex()}> /P -4 >>".encode()
    )
    trailer = f"/Encrypt {len(encrypted)} 0 R /ID [<{file_id.hex()}> <{file_id.hex()}>]"
    return write_objects(encrypted, trailer=trailer)


def _encrypt(body: bytes, number: int, key: bytes) -> bytes:
    head, mark, rest = body.partition(b"stream\n")
    data, end, tail = rest.rpartition(b"\nendstream")
    object_key = _md5(key + number.to_bytes(3, "little") + bytes(2))[:10]
    return head + mark + _rc4(object_key, data) + end + tail if mark else body


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def write_objects(objects: Sequence[bytes], *, trailer: str = "") -> bytes:
    """A PDF file of numbered objects; the first must be the catalog."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer.encode())
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)
