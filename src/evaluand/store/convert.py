"""Between domain values and the JSON that columns hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from evaluand.domain.model import Author, ItemContent, Snapshot

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """A domain value as plain JSON data; times as RFC 3339 texts."""
    return msgspec.to_builtins(value)


def from_json(kind: type[T], data: Any) -> T:
    """The domain value behind JSON data made by :func:`to_json`."""
    return msgspec.convert(data, kind)


def author(data: Any) -> Author | None:
    """The author in a column, if one was recorded."""
    return None if data is None else from_json(Author, data)


def content(data: Any) -> ItemContent:
    """An item's content."""
    return from_json(ItemContent, data)


def snapshot(data: Any) -> Snapshot:
    """A run's frozen snapshot."""
    return from_json(Snapshot, data)


def touched(entity: T, at: datetime) -> T:
    """The entity with ``updated_at`` moved to ``at``."""
    return replace(entity, updated_at=at)  # type: ignore[type-var]
