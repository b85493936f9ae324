"""Plain text. Form feeds part pages, as in the output of pdftotext."""

from __future__ import annotations

from evaluand.documents import plain
from evaluand.documents.registry import Format, Source
from evaluand.domain.documents import Page


def read(source: Source) -> tuple[Page, ...]:
    texts = plain.load(source).rstrip("\f\n").split("\f")
    source.limits.check_pages(len(texts), source.name)
    return tuple(plain.page(text, number) for number, text in enumerate(texts, start=1))


FORMAT = Format(
    kind="TXT",
    extensions=frozenset({"txt", "text", "md", "log"}),
    content_types=frozenset({"text/plain", "text/markdown"}),
    recognises=None,
    probe=lambda source: None,
    read=read,
    paged=False,
    textual=True,
)
