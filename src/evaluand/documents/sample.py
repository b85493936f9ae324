"""What the bytes of a file say of it, without reading all of it."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from evaluand.errors import CorruptFile

# PDF readers accept the signature anywhere in the first 1,024 bytes; markup may begin with a
# licence in a comment. The rest is room.
HEAD_BYTES = 4096
ZIP_SIGNATURE = b"PK\x03\x04"
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Sample:
    """The first bytes of a file and, for archives, the names of what is inside."""

    path: Path
    head: bytes

    @classmethod
    def of(cls, path: Path, name: str) -> Sample:
        """A sample of the file at ``path``. Raises CorruptFile when it is empty."""
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if not head:
            raise CorruptFile(f"'{name}' is empty (0 bytes): upload it again")
        return cls(path, head)

    @cached_property
    def members(self) -> frozenset[str]:
        """Names inside a ZIP archive; empty for other files and broken archives."""
        if not self.head.startswith(ZIP_SIGNATURE):
            return frozenset()
        try:
            with zipfile.ZipFile(self.path) as archive:
                return frozenset(archive.namelist())
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return frozenset()

    def has_ole_stream(self, stream: str) -> bool:
        """Whether this is an old Office container that holds ``stream``.

        Its directory may lie anywhere, so all bytes are searched: names are stored in UTF-16.
        """
        return self.head.startswith(OLE_SIGNATURE) and (
            stream.encode("utf-16-le") in self.path.read_bytes()
        )

    @property
    def looks_like_text(self) -> bool:
        """Text in a usual encoding: no NUL (UTF-16 needs its mark), hardly a control byte."""
        if self.head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return True
        controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in self.head)
        return b"\x00" not in self.head and controls * 100 <= len(self.head)

    @property
    def impression(self) -> str:
        """What the file looks like, in words for its owner."""
        if self.head.startswith(ZIP_SIGNATURE):
            return "a ZIP archive"
        if self.head.startswith(OLE_SIGNATURE):
            return "a file of an old Office program"
        if self.looks_like_text:
            lines = self.head[:60].decode("latin-1").strip().splitlines() or [""]
            return f"text beginning with '{lines[0][:40]}'"
        return f"binary data beginning with the bytes {self.head[:8].hex(' ')}"

    @property
    def markup(self) -> bytes:
        """The first bytes in lower case without a byte order mark and leading blanks."""
        return self.head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
