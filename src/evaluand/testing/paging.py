"""Walks through lists as a client does, and holds each page to what pages promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from evaluand.domain.paging import Page, PageRequest, decode_cursor, encode_cursor

T = TypeVar("T")

# More pages than any test has rows: a cursor that stands still must not hang the suite.
_MOST_PAGES = 1_000


def walk(read: Callable[[PageRequest], Page[T]], size: int, **order: Any) -> list[T]:
    """All rows, page by page, the cursors taken through their texts.

    Raises AssertionError for a page that is too long, or empty though another led to it.
    """
    rows: list[T] = []
    after: tuple[int, ...] | None = None
    for _ in range(_MOST_PAGES):
        page = read(PageRequest(size=size, after=after, **order))
        if len(page.rows) > size:
            raise AssertionError(f"a page has {len(page.rows)} rows, not the {size} asked for")
        if not page.rows and after is not None:
            raise AssertionError("the last page is empty")
        rows.extend(page.rows)
        if page.next is None:
            return rows
        after = decode_cursor(encode_cursor(page.next))
    raise AssertionError(f"the list does not end within {_MOST_PAGES} pages")
