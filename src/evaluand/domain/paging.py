"""Key-set paging: a page, and the cursor that says after which row the next one begins."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from evaluand.errors import InvalidRequest

T = TypeVar("T")

# The greatest number a database column can hold; a cursor beyond it was not issued here.
_INT64 = 1 << 63


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """Which page is wanted: size, order, and the row it starts after."""

    size: int
    sort: Literal["created_at", "updated_at"] = "updated_at"
    descending: bool = True
    after: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One page of rows. ``next`` is None on the last one, so no page is empty but the first."""

    rows: tuple[T, ...]
    next: tuple[int, ...] | None = None


def encode_cursor(after: tuple[int, ...]) -> str:
    """An opaque text for a cursor."""
    return base64.urlsafe_b64encode(json.dumps(after, separators=(",", ":")).encode()).decode()


def decode_cursor(text: str) -> tuple[int, ...]:
    """The cursor behind ``text``. Raises InvalidRequest for anything not made here."""
    try:
        values = json.loads(base64.b64decode(text.encode(), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        values = None
    if (
        not isinstance(values, list)
        or not 2 <= len(values) <= 4
        or not all(type(value) is int and -_INT64 <= value < _INT64 for value in values)
    ):
        raise InvalidRequest(
            "The page token cannot be read. Send it exactly as the previous page gave it.",
            field="nextPageToken",
        )
    return tuple(values)
