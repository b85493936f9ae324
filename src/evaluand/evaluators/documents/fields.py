"""Field by field: one extracted document against what was expected of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluand.evaluators.documents.interface import Json, Tally
from evaluand.evaluators.documents.rows import Cells, ComparedArray, compare_array, compare_leaf
from evaluand.evaluators.documents.schema import Array, Leaf, Record, record_of
from evaluand.evaluators.documents.values import ABSENT, cell, filled, pick, rows

_NAMED_FIELDS = 5
"""Fields an explanation names before it says how many more there are: one line on a page."""


def structure(schema: Json, options: Mapping[str, Any]) -> Record:
    """The fields of ``schema`` that a run with these options scores. Raises InvalidConfig."""
    return record_of(
        schema if isinstance(schema, dict) else None,
        exclude=options.get("excludeFields") or (),
        fuzzy=options.get("fuzzyMatchFields") or (),
    )


def score_extraction(
    schema: Json, expected: Json, extracted: Json | None, options: Mapping[str, Any] | None = None
) -> Tally:
    """The tally of one item: ``failed``, ``fields`` by name, ``arrays`` by name; the credit of all
    expected fields as ``part``, their number as ``whole``.

    A field has ``expected`` and ``present`` (0 or 1), ``credit`` (0 to 1) and its ``cells`` with
    those ``wrong``, ``invented`` or ``missing``; a scalar is one cell, a column has one a row. An
    array has its ``accuracy``, its row counts, and for each extracted row the index of the
    expected row it was compared with. ``extracted`` is None if the extractor failed: nothing is
    credited then, not even a null for a null.
    """
    record = structure(schema, options or {})
    failed = extracted is None
    present = dict(zip(record.names, filled(record, extracted), strict=True))
    fields: dict[str, Any] = {}
    arrays: dict[str, Any] = {}
    for part in record.fields:
        if pick(expected, part.keys) is ABSENT:
            names = (part.name,) if isinstance(part, Leaf) else part.row.names
            fields |= {name: _field(None, present[name]) for name in names}
        elif isinstance(part, Leaf):
            column = compare_leaf(cell(expected, part), cell(extracted, part), part)
            fields[part.name] = _field(
                _uncredited(column) if failed else column, present[part.name]
            )
        else:
            compared = _compare_expected(part, expected, extracted)
            columns = [_uncredited(column) if failed else column for column in compared.columns]
            for name, column in zip(part.row.names, columns, strict=True):
                fields[name] = _field(column, present[name])
            arrays[part.name] = _array(compared, 0.0 if failed else compared.accuracy)
    return {
        "failed": failed,
        "part": sum(field["credit"] for field in fields.values()),
        "whole": sum(field["expected"] for field in fields.values()),
        "fields": fields,
        "arrays": arrays,
    }


def explain(tally: Tally) -> str:
    """One line on what went wrong with an item, for people."""
    credit, expected = tally["part"], tally["whole"]
    if tally["failed"]:
        return f"The extractor gave no output; {expected} fields were expected."
    if not expected:
        return "Nothing is expected of this item."
    parts = [f"{credit:g} of {expected} fields right"]
    for fault in ("wrong", "invented", "missing"):
        names = [name for name, field in tally["fields"].items() if field[fault]]
        if names:
            more = len(names) - _NAMED_FIELDS
            rest = f" and {more} more" if more > 0 else ""
            parts.append(f"{fault}: {', '.join(names[:_NAMED_FIELDS])}{rest}")
    return "; ".join(parts) + "."


def _compare_expected(array: Array, expected: Json, extracted: Json | None) -> ComparedArray:
    return compare_array(array, rows(expected, array), rows(extracted, array))


def _uncredited(column: Cells) -> Cells:
    """A column of a failed item: cells with an expected value are missing, none is right."""
    return column._replace(credit=0.0)


def _field(column: Cells | None, present: bool) -> dict[str, Any]:
    """A field's tally; ``column`` is None where nothing was expected."""
    expected = column is not None
    column = column or Cells(0.0, 0)
    return {"expected": int(expected), "present": int(present), **column._asdict()}


def _array(compared: ComparedArray, accuracy: float) -> dict[str, Any]:
    return {
        "accuracy": accuracy,
        "expected_rows": compared.expected_rows,
        "extracted_rows": len(compared.pairing),
        "pairing": compared.pairing,
        "exact": compared.exact,
    }
