"""What a template found, brought into the shape of a schema."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from evaluand.targets.documents.templates.config import SUPPLIED_BY_THE_LIBRARY

_ROW_NAMES = {"description": "name", "unit_price": "price_unit", "tax_rate": "line_tax_percent"}
"""invoice2data renames these columns of its ``lines``; a schema asks for the plain names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One value a template found: converted, and as printed (None if the template supplied it)."""

    value: Any
    printed: str | None = None


@dataclass(slots=True, kw_only=True)
class Shaper:
    """Brings findings into the shape of a schema and notes the printed text of each leaf.

    ``names`` says which template field fills a schema property, both as dotted paths without
    indices; other properties are filled by the field of the same name. ``decimal`` is the decimal
    mark of the document's numbers. ``printed`` maps paths such as ``line_items[0].amount``.
    """

    names: Mapping[str, str]
    decimal: str = "."
    printed: dict[str, str] = field(default_factory=dict)

    def shape(self, schema: Mapping[str, Any] | None, tree: Mapping[str, Any]) -> dict[str, Any]:
        """The value with every property of ``schema`` present: null or [] when nothing was found,
        or the property's ``default``. Dates are ISO strings; a printed percentage is a fraction
        where a number is asked for. Without a schema, everything found under its own name.
        """
        if not schema:
            schema = {"properties": {n: _schema_of(part) for n, part in tree.items()}}
        return self._object(schema, tree, "", "")

    def _object(
        self, schema: Mapping[str, Any], tree: Mapping[str, Any], path: str, plain: str
    ) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, part in schema.get("properties", {}).items():
            here, bare = _join(path, name), _join(plain, name)
            found = _take(tree, name, self.names.get(bare))
            result[name] = self._value(part, found, tree, (name, here, bare))
        return result

    def _value(
        self, schema: Mapping[str, Any], found: Any, tree: Mapping[str, Any], at: tuple[str, ...]
    ) -> Any:
        name, path, plain = at
        kind = _kind(schema)
        if kind == "object":
            if schema.get("extend:type") == "currency" and isinstance(found, Found):
                return self._money(found, tree, path)
            inner = found if isinstance(found, Mapping) else _with_prefix(tree, name)
            return self._object(schema, inner, path, plain)
        if kind == "array":
            rows = found if isinstance(found, list) else [found] if found else []
            items = schema.get("items", {})
            return [
                self._value(items, row, tree, (name, f"{path}[{index}]", plain))
                for index, row in enumerate(rows)
            ]
        if isinstance(found, list):
            found = found[0] if found else None
        value = self._leaf(kind, found, path) if isinstance(found, Found) else None
        return schema.get("default") if value is None else value

    def _leaf(self, kind: str, found: Found, path: str) -> Any:
        value = _converted(kind, found, self.decimal)
        if value is not None and found.printed:
            self.printed[path] = found.printed
        return value

    def _money(self, found: Found, tree: Mapping[str, Any], path: str) -> dict[str, Any]:
        amount = self._leaf("number", found, f"{path}.amount")
        code = tree.get("currency")
        known = code.value if amount is not None and isinstance(code, Found) else None
        return {"amount": amount, "iso_4217_currency_code": known}


def empty(schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """The value for a document that no template knows: all null or [], defaults left out."""
    return {name: _nothing(part) for name, part in (schema or {}).get("properties", {}).items()}


def merged(values: Mapping[str, Any], printed: Mapping[str, Any]) -> dict[str, Any]:
    """Converted values and their printed forms, two runs of one template, as one tree."""
    return {
        name: _merge(value, printed.get(name))
        for name, value in values.items()
        if name not in SUPPLIED_BY_THE_LIBRARY and value is not None
    }


def _merge(value: Any, printed: Any) -> Any:
    if isinstance(value, list) and value:
        texts = printed if isinstance(printed, list) else [printed]
        # Without conversions equal amounts are told apart by their print; then they do not pair.
        pairs = zip(value, texts, strict=True) if len(texts) == len(value) else None
        return [_merge(one, text) for one, text in pairs or ((one, None) for one in value)]
    if isinstance(value, Mapping):
        return merged(value, printed if isinstance(printed, Mapping) else {})
    first = printed[0] if isinstance(printed, list) and printed else printed
    return Found(value=value, printed=_tidy(first) if isinstance(first, str) else None)


def _take(tree: Mapping[str, Any], name: str, renamed: str | None) -> Any:
    for candidate in (renamed, renamed and renamed.rpartition(".")[2], name, _ROW_NAMES.get(name)):
        if candidate and candidate in tree:
            return tree[candidate]
    return None


def _with_prefix(tree: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Template fields are flat: ``vendor.name`` or ``vendor_name`` fill ``name`` of ``vendor``."""
    return {
        key[len(name) + 1 :]: value
        for key, value in tree.items()
        if key.startswith((f"{name}.", f"{name}_"))
    }


def _converted(kind: str, found: Found, decimal: str) -> Any:
    value = found.value
    if isinstance(value, datetime):
        return (value.date() if value.time() == time.min else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if kind in {"number", "integer"}:
        number = _number(value, decimal)
        return int(number) if kind == "integer" and number is not None else number
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if kind == "string" and not isinstance(value, str):
        return found.printed if found.printed else str(value)
    return _tidy(value) if isinstance(value, str) else value


_NOT_OF_NUMBER = re.compile(r"[^\d.,%+()-]")


def _number(value: Any, decimal: str) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return value
    text = _NOT_OF_NUMBER.sub("", str(value))
    negative = text.startswith(("-", "(")) or text.rstrip("%").endswith("-")
    digits = text.strip("%+-()").replace("," if decimal == "." else ".", "")
    try:
        number = Decimal(digits.replace(decimal, "."))
    except InvalidOperation:
        return None
    number = -number if negative else number
    return float(number / 100 if text.endswith("%") else number)


def _kind(schema: Mapping[str, Any]) -> str:
    named = schema.get("type")
    kinds = named if isinstance(named, Sequence) and not isinstance(named, str) else [named]
    return next((str(kind) for kind in kinds if kind and kind != "null"), "any")


def _schema_of(part: Any) -> dict[str, Any]:
    if isinstance(part, list):
        return {"type": "array", "items": _schema_of(part[0]) if part else {}}
    if isinstance(part, Mapping):
        return {"type": "object", "properties": {n: _schema_of(inner) for n, inner in part.items()}}
    return {}


def _nothing(schema: Mapping[str, Any]) -> Any:
    kind = _kind(schema)
    return empty(schema) if kind == "object" else [] if kind == "array" else None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _tidy(text: str) -> str:
    return " ".join(text.split())
