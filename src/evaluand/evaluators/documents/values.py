"""Reading values along a schema when the values need not have its shape.

Outputs come from models and truths from people: an object may be a string, a list a number. Such a
value is never an error. It becomes MISSHAPEN, which is present but matches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from evaluand.evaluators.documents.schema import Array, Leaf, Record


class _Marker:
    """A value that JSON does not have; equal only to itself."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


ABSENT: Final[Any] = _Marker("ABSENT")
"""The key is not there."""

MISSHAPEN: Final[Any] = _Marker("MISSHAPEN")
"""There is a value, but not of the shape the schema gives it."""


def pick(value: Any, keys: tuple[str, ...]) -> Any:
    """The value beneath ``keys``: null beneath an object that is null, ABSENT if not there."""
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key, ABSENT)
        elif value is not None and value is not ABSENT:
            return MISSHAPEN
    return value


def cell(row: Any, leaf: Leaf) -> Any:
    """A leaf's value in a row. What is missing counts as null; a container is no scalar."""
    value = pick(row, leaf.keys)
    if value is ABSENT:
        return None
    if isinstance(value, (dict, list)) and not leaf.whole:
        return MISSHAPEN
    return value


def rows(parent: Any, array: Array) -> list[Any]:
    """The rows of an array. Null and a missing key mean none, any other value is one bad row."""
    value = pick(parent, array.keys)
    if value is None or value is ABSENT:
        return []
    return value if isinstance(value, list) else [MISSHAPEN]


def filled(record: Record, row: Any) -> Iterator[bool]:
    """For each column of ``record``: whether there is a value in the row, or in any row beneath."""
    for part in record.fields:
        if isinstance(part, Leaf):
            yield cell(row, part) is not None
        else:
            beneath = [list(filled(part.row, inner)) for inner in rows(row, part)]
            yield from (
                map(any, zip(*beneath, strict=True)) if beneath else (False for _ in part.row.names)
            )
