"""Forms with files, in the same bytes every time: a repeated question must be recognised."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass

# The built-in table only: what a machine has installed must not change the bytes.
_TYPES = mimetypes.MimeTypes(filenames=())
_DIGEST_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a form; with a ``filename`` it is a file."""

    name: str
    data: bytes
    content_type: str
    filename: str | None = None


def content_type_of(filename: str) -> str:
    """The type that a file's name promises."""
    return _TYPES.guess_type(filename, strict=False)[0] or "application/octet-stream"


def encode(parts: Sequence[Part]) -> tuple[str, bytes]:
    """Content type and body of a ``multipart/form-data`` request.

    The boundary is a digest of the contents, which therefore cannot contain it.
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(_head(part) + part.data)
    boundary = f"form-{digest.hexdigest()[:_DIGEST_DIGITS]}"
    line = f"--{boundary}".encode()
    pieces = [b"%s\r\n%s\r\n%s\r\n" % (line, _head(part), part.data) for part in parts]
    return f"multipart/form-data; boundary={boundary}", b"".join([*pieces, line + b"--\r\n"])


def _head(part: Part) -> bytes:
    disposition = f'form-data; name="{_quoted(part.name)}"'
    if part.filename is not None:
        disposition += f'; filename="{_quoted(part.filename)}"'
    text = f"Content-Disposition: {disposition}\r\nContent-Type: {part.content_type}\r\n"
    return text.encode("utf-8", "replace")


def _quoted(text: str) -> str:
    """Names as browsers send them: a quote or a line end would forge the header."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
