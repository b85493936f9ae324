"""XML: one line per element, indented by depth, its name and its text two blanks apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evaluand.documents import plain
from evaluand.documents.registry import Format, Source
from evaluand.domain.documents import Page
from evaluand.errors import CorruptFile, MissingExtra


def read(source: Source) -> tuple[Page, ...]:
    try:
        from lxml import etree  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra.named("documents", "reading XML files") from error
    # No entity is expanded and nothing is fetched: neither bombs nor other files get in.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(source.path.read_bytes(), parser)
    except etree.XMLSyntaxError as error:
        raise CorruptFile(
            f"'{source.name}' is not well-formed XML ({error}): export it again"
        ) from error
    return (plain.page("\n".join(_lines(root, 0))),)


def _lines(element: Any, depth: int) -> Iterator[str]:
    if not isinstance(element.tag, str):  # comments, processing instructions, entities
        return
    parts = [_local(element.tag), " ".join((element.text or "").split())]
    parts += [f"{_local(key)} {value}" for key, value in element.attrib.items()]
    yield "  " * depth + "  ".join(part for part in parts if part)
    for child in element:
        yield from _lines(child, depth + 1)
        if tail := " ".join((child.tail or "").split()):
            yield "  " * (depth + 1) + tail


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


FORMAT = Format(
    kind="XML",
    extensions=frozenset({"xml"}),
    content_types=frozenset({"application/xml", "text/xml"}),
    recognises=lambda sample: sample.markup.startswith(b"<?xml") and b"<html" not in sample.markup,
    probe=lambda source: None,
    read=read,
    paged=False,
    textual=True,
)
