"""The file formats that can be told apart, found by looking into ``documents.formats``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from evaluand.documents import formats
from evaluand.documents.limits import ReadingLimits
from evaluand.documents.sample import Sample
from evaluand.domain.documents import FileKind, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to be read: where it lies, what its owner calls it, and what reading may cost."""

    path: Path
    name: str
    limits: ReadingLimits
    password: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How one kind of file is recognised, looked at and read.

    ``textual`` kinds are plain text to the eye: their name may say more than their bytes.
    ``recognises`` looks at the bytes and is None for kinds without a signature (plain text, CSV):
    those go by extension or content type. ``probe`` gives the page count, or None where the kind
    has no pages; it raises CorruptFile or ProtectedFile. ``read`` gives the pages. Both import
    their libraries when called, so that the registry stays light.
    """

    kind: FileKind
    extensions: frozenset[str]
    content_types: frozenset[str]
    recognises: Callable[[Sample], bool] | None
    probe: Callable[[Source], int | None]
    read: Callable[[Source], tuple[Page, ...]]
    paged: bool
    textual: bool


@cache
def all_formats() -> Mapping[FileKind, Format]:
    """Every format, by kind."""
    found: dict[FileKind, Format] = {}
    for module in pkgutil.iter_modules(formats.__path__):
        format_: Format = importlib.import_module(f"{formats.__name__}.{module.name}").FORMAT
        found[format_.kind] = format_
    return MappingProxyType(found)
