"""Read a file into pages, words and lines. Runs inside a child process (see engine.pool)."""

from __future__ import annotations

from pathlib import Path

from evaluand.documents.kinds import detect
from evaluand.documents.limits import ReadingLimits
from evaluand.documents.registry import Source
from evaluand.documents.sample import Sample
from evaluand.domain.documents import Document
from evaluand.errors import UnsupportedFile

__all__ = ["ReadingLimits", "read"]


def read(path: Path, *, name: str, limits: ReadingLimits, password: str | None = None) -> Document:
    """The document in the file at ``path``; ``name`` is what its owner calls it.

    Raises CorruptFile, ProtectedFile, UnsupportedFile and FileTooLarge for faults of the file,
    DocumentUnreadable when a library gives up on it, MissingExtra without the documents extra.
    Time and memory are bounded from outside, by the process pool.
    """
    limits.check_bytes(path.stat().st_size, name)
    format_ = detect(Sample.of(path, name), name=name, content_type=None)
    if format_ is None:
        raise UnsupportedFile(
            f"'{name}' is of a kind that cannot be read: give it as PDF, image, DOCX or text"
        )
    source = Source(path=path, name=name, limits=limits, password=password)
    pages = format_.read(source)
    limits.check_characters(sum(len(page.text) for page in pages), name)
    return Document(name=name, kind=format_.kind, pages=pages, paged=format_.paged)
