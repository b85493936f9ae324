"""The cheap look at a file when it is uploaded. Safe only inside the pool: files may be hostile."""

from __future__ import annotations

from pathlib import Path

from evaluand.documents.kinds import detect
from evaluand.documents.limits import ReadingLimits
from evaluand.documents.registry import Source
from evaluand.documents.sample import Sample
from evaluand.domain.documents import FileFacts


def probe(
    path: Path,
    *,
    name: str,
    content_type: str | None,
    password: str | None = None,
    limits: ReadingLimits | None = None,
) -> FileFacts:
    """Kind and page count of the file at ``path``; the kind is None when nothing is known of it.

    Raises CorruptFile for an empty, broken or misnamed file, ProtectedFile for an encrypted one
    without the right password, FileTooLarge past the limits. The page count of a DOCX is what its
    author's program wrote into it, and None when it wrote nothing.
    """
    limits = limits or ReadingLimits()
    limits.check_bytes(path.stat().st_size, name)
    format_ = detect(Sample.of(path, name), name=name, content_type=content_type)
    if format_ is None:
        return FileFacts(kind=None, page_count=None)
    source = Source(path=path, name=name, limits=limits, password=password)
    return FileFacts(kind=format_.kind, page_count=format_.probe(source))
