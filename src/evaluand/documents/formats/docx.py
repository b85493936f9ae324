"""DOCX: paragraphs and tables in order, with the first header and footer around them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any

from evaluand.documents import plain
from evaluand.documents.registry import Format, Source
from evaluand.documents.sample import Sample
from evaluand.domain.documents import Page
from evaluand.errors import CorruptFile, FileTooLarge, MissingExtra, ProtectedFile

# An honest document unpacks to a few times its size; its XML takes ten times that as a tree.
MAX_UNPACKED_BYTES = 200 * 2**20
PROPERTIES = "docProps/app.xml"


def recognises(sample: Sample) -> bool:
    # An encrypted Office file is an old container around the real one.
    return "word/document.xml" in sample.members or sample.has_ole_stream("EncryptedPackage")


def probe(source: Source) -> int | None:
    with _archive(source) as archive:
        if PROPERTIES not in archive.namelist():
            return None
        properties = _member(archive, PROPERTIES, source)
    pages = re.search(rb"<(?:\w+:)?Pages>\s*(\d{1,6})\s*<", properties)
    return int(pages[1]) if pages and int(pages[1]) > 0 else None


def _archive(source: Source) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(source.path)
    except zipfile.BadZipFile as error:
        if Sample.of(source.path, source.name).has_ole_stream("EncryptedPackage"):
            raise ProtectedFile(
                f"'{source.name}' is encrypted: save it without a password and upload it again",
                field="password",
            ) from error
        raise _corrupt(source, error) from error
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        archive.close()
        raise FileTooLarge(
            f"'{source.name}' unpacks to {unpacked / 2**20:,.0f} MB, more than the"
            f" {MAX_UNPACKED_BYTES / 2**20:,.0f} MB allowed: make its pictures smaller"
        )
    return archive


def _member(archive: zipfile.ZipFile, name: str, source: Source) -> bytes:
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise _corrupt(source, error) from error


def _corrupt(source: Source, error: Exception) -> CorruptFile:
    return CorruptFile(
        f"'{source.name}' is a broken DOCX file ({error}): open it in its program, save it again"
        " and upload that"
    )


def read(source: Source) -> tuple[Page, ...]:
    try:
        import docx
    except ImportError as error:
        raise MissingExtra.named("documents", "reading DOCX files") from error
    _archive(source).close()
    try:
        text = "\n".join(_blocks(docx.Document(str(source.path))))
    except MemoryError:
        raise
    except Exception as error:  # the library lets through whatever its own parts raise
        raise _corrupt(source, error) from error
    texts = [part.strip("\n") for part in re.split(r"\f\s*", text)]
    return tuple(plain.page(part, number) for number, part in enumerate(texts, start=1))


def _blocks(document: Any) -> Iterator[str]:
    section = document.sections[0] if len(document.sections) else None
    if section is not None:
        yield from _content(section.header)
    yield from _content(document)
    if section is not None:
        yield from _content(section.footer)


def _content(container: Any) -> Iterator[str]:
    from docx.table import Table

    for block in container.iter_inner_content():
        if isinstance(block, Table):
            yield plain.align([_cells(row) for row in block.rows])
        else:
            yield paragraph_text(block._p)


def _cells(row: Any) -> list[str]:
    """The cells of a row, each once: a cell that spans columns is listed once per column."""
    texts: list[str] = []
    seen: set[Any] = set()
    for cell in row.cells:
        if cell._tc not in seen:
            seen.add(cell._tc)
            texts.append(" ".join(paragraph_text(p._p) for p in cell.paragraphs))
    return texts


def paragraph_text(paragraph: Any) -> str:
    """Text of a paragraph, text boxes included; form feeds where a page ended when it was saved."""
    parts: list[str] = []
    for element in paragraph.iter():
        name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        if name == "t" and not _is_fallback(element):
            parts.append(element.text or "")
        elif name == "tab" and element.getparent().tag.endswith("}r"):
            parts.append("  ")
        elif name == "lastRenderedPageBreak" or (name == "br" and _is_page_break(element)):
            parts.append("\f")
        elif name in ("br", "cr"):
            parts.append("\n")
    return "".join(parts)


def _is_fallback(element: Any) -> bool:
    """Text boxes are stored twice: for new programs, and as a fallback for old ones."""
    return any(parent.tag.endswith("}Fallback") for parent in element.iterancestors())


def _is_page_break(element: Any) -> bool:
    return any(key.endswith("}type") and value == "page" for key, value in element.attrib.items())


FORMAT = Format(
    kind="DOCX",
    extensions=frozenset({"docx", "docm"}),
    content_types=frozenset(
        {"application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
    ),
    recognises=recognises,
    probe=probe,
    read=read,
    paged=True,
    textual=False,
)
