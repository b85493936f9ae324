"""What endpoints answer: an object, perhaps wrapped, that becomes a document processor's output."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from evaluand.domain.model import Json, TargetKind
from evaluand.targets.documents.class_list import classes_of
from evaluand.targets.documents.outputs import (
    classification_output,
    extraction_output,
    pages_may_overlap,
    splits_output,
)
from evaluand.targets.documents.schema_check import mismatch

# Endpoints wrap their answer under one of these names, or do not wrap it.
_WRAPPERS = ("output", "value")


def output_of(kind: TargetKind, config: Json, reply: Any, pages: int | None) -> Json:
    """The output that ``reply`` stands for, bare or wrapped as ``output`` or ``value``.

    Raises BadReply when it does not fit the schema or the classes of ``config``.
    """
    if not isinstance(reply, dict):
        raise mismatch("", f"a JSON object was expected, not {type(reply).__name__}")
    if kind is TargetKind.EXTRACTOR:
        schema = config["schema"]
        value, evidence = _unwrapped(reply, schema.get("properties") or {})
        _check_meant(value, schema)
        return extraction_output(value, schema, evidence)
    if kind is TargetKind.CLASSIFIER:
        value, _ = _unwrapped(reply, ("id", "type"))
        return classification_output(value, classes_of(kind, config))
    value, _ = _unwrapped(reply, ("splits",))
    return splits_output(
        value,
        classes_of(kind, config),
        pages=pages,
        complete=False,
        overlapping=pages_may_overlap(config),
    )


def _unwrapped(reply: Mapping[str, Any], own_names: Collection[str]) -> tuple[Any, Any]:
    """The answer out of its wrappers, and the evidence beside it.

    A wrapper's name that the answer itself may bear is none.
    """
    value: Any = reply
    evidence: Any = None
    for name in _WRAPPERS:
        if isinstance(value, dict) and isinstance(value.get(name), dict) and name not in own_names:
            evidence = value.get("evidence")
            value = value[name]
    return value, evidence


def _check_meant(value: Any, schema: Mapping[str, Any]) -> None:
    """Most schemas admit any object; one like ``{"error": ...}`` is no extraction all the same."""
    known = schema.get("properties") or {}
    if isinstance(value, dict) and value and known and not value.keys() & known.keys():
        raise mismatch("", f"none of its fields is there, but '{min(value)[:40]}'")
