"""Arrays of a schema, and rows to put into them."""

from __future__ import annotations

from typing import Any

from evaluand.evaluators.documents.rows import ComparedArray, compare_array
from evaluand.evaluators.documents.schema import Array, record_of

TEXT = {"type": ["string", "null"]}


def array_of(items: dict[str, Any], **marks: Any) -> Array:
    schema = {"type": "object", "properties": {"rows": {"type": "array", "items": items}}}
    (array,) = record_of(schema, **marks).fields
    assert isinstance(array, Array)
    return array


def columns(*names: str) -> dict[str, Any]:
    return {"type": "object", "properties": dict.fromkeys(names, TEXT)}


def table(*rows: tuple[Any, ...], names: str = "xyz") -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=False)) for row in rows]


def compare(array: Array, *, expected: Any, extracted: Any) -> ComparedArray:
    return compare_array(array, expected, extracted)
