"""The fields of a JSON Schema: which leaves it has, how they are named, and how they nest.

Objects are flattened with dots, ``vendor.name``. An array of objects gives one field per leaf of
its items, ``line_items.amount``; an array of scalars is one field. What cannot be flattened, such
as an object without declared properties or a schema that contains itself, is a single field and
compared as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from evaluand.errors import InvalidConfig

FieldPath = str
"""Property names joined by dots, without array indices."""

_MAX_DEPTH = 16
"""Levels of nesting that are flattened. Extend allows five; pydantic models rarely pass eight."""

_MAX_NODES = 10_000
"""Subschemas looked at. References can name each other so that few lines unfold to millions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A field without fields. ``keys`` lead to it from the row (or the document) it stands in."""

    name: FieldPath
    keys: tuple[str, ...]
    fuzzy: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """A list of rows that are paired by content before they are compared."""

    name: FieldPath
    keys: tuple[str, ...]
    row: Record


@dataclass(frozen=True, slots=True)
class Record:
    """What stands in a document or in one row, in the schema's order.

    ``names`` are the leaves in that order, those of nested arrays included: the columns. Rows must
    be compared ``one_by_one`` if a part of them is not a scalar.
    """

    fields: tuple[Leaf | Array, ...]
    names: tuple[FieldPath, ...] = field(init=False)
    one_by_one: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(_names(self.fields)))
        costly = any(isinstance(part, Array) or part.whole for part in self.fields)
        object.__setattr__(self, "one_by_one", costly)


def leaf_fields(schema: Mapping[str, Any]) -> tuple[FieldPath, ...]:
    """The names of all fields of ``schema``, in its order.

    Raises InvalidConfig if it unfolds to too many fields or two fields get the same name.
    """
    return record_of(schema).names


def record_of(
    schema: Mapping[str, Any] | None,
    exclude: Iterable[FieldPath] = (),
    fuzzy: Iterable[FieldPath] = (),
) -> Record:
    """The structure of ``schema`` without the excluded fields, its fuzzy ones marked.

    Naming an object or an array covers all fields beneath it. Raises InvalidConfig as above.
    """
    return _record_of(json.dumps(schema or {}), frozenset(exclude), frozenset(fuzzy))


@lru_cache(maxsize=256)  # A run scores all its items with one schema; a few runs go on at a time.
def _record_of(schema: str, exclude: frozenset[str], fuzzy: frozenset[str]) -> Record:
    root = json.loads(schema)
    record = Record(tuple(_Unfolding(root, exclude, fuzzy).properties(root)))
    doubled = {name for name in record.names if record.names.count(name) > 1}
    if doubled:
        raise InvalidConfig(
            f"two fields of the schema are both named {min(doubled)!r}: a property name with a dot "
            "reads like a nested field; rename one of them",
            field="config.schema",
        )
    return record


def _names(fields: tuple[Leaf | Array, ...]) -> Iterator[FieldPath]:
    for part in fields:
        if isinstance(part, Array):
            yield from part.row.names
        else:
            yield part.name


class _Unfolding:
    """One walk through a schema; counts what it has seen."""

    def __init__(self, root: Any, exclude: frozenset[str], fuzzy: frozenset[str]) -> None:
        self._root = root
        self._exclude = exclude
        self._fuzzy = fuzzy
        self._nodes = 0

    def properties(self, root: Any) -> Iterator[Leaf | Array]:
        """The fields of the document itself: nothing, unless the root is an object."""
        node, trail = self._resolve(root, frozenset({"#"}))
        if node is not None and isinstance(node.get("properties"), dict):
            for key, child in node["properties"].items():
                yield from self._unfold(child, key, (key,), trail, 1)

    def _unfold(
        self, schema: Any, name: str, keys: tuple[str, ...], trail: frozenset[str], depth: int
    ) -> Iterator[Leaf | Array]:
        self._count()
        if _covered(name, self._exclude):
            return
        node, trail = self._resolve(schema, trail)
        kind = "whole" if node is None or depth > _MAX_DEPTH else _kind(node)
        if kind == "object" and node is not None:
            for key, child in node["properties"].items():
                yield from self._unfold(child, f"{name}.{key}", (*keys, key), trail, depth + 1)
        elif kind == "array" and node is not None:
            row = Record(tuple(self._unfold(node.get("items"), name, (), trail, depth + 1)))
            if row.fields:
                yield Array(name=name, keys=keys, row=row)
        else:
            fuzzy = _covered(name, self._fuzzy)
            yield Leaf(name=name, keys=keys, fuzzy=fuzzy, whole=kind == "whole")

    def _resolve(
        self, schema: Any, trail: frozenset[str]
    ) -> tuple[dict[str, Any] | None, frozenset[str]]:
        """The schema with references and single alternatives replaced; None if that is impossible.

        ``trail`` holds the references being unfolded: meeting one again means that the schema
        contains itself.
        """
        node = schema if isinstance(schema, dict) else {}
        while True:
            self._count()
            if isinstance(reference := node.get("$ref"), str):
                target = None if reference in trail else _lookup(self._root, reference)
                if not isinstance(target, dict):
                    return None, trail
                trail |= {reference}
                node = {**target, **_without(node, "$ref")}
                continue
            keyword = next((word for word in ("anyOf", "oneOf", "allOf") if word in node), None)
            if keyword is None:
                return node, trail
            options = _schemas(node[keyword])
            if len(options) != 1:
                return _alternatives(options, node), trail
            node = {**options[0], **_without(node, keyword)}

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise InvalidConfig(
                f"the schema unfolds to more than {_MAX_NODES} parts; make it smaller, or give "
                "deeply shared parts as objects without properties to compare them as a whole",
                field="config.schema",
            )


def _alternatives(options: list[dict[str, Any]], node: dict[str, Any]) -> dict[str, Any] | None:
    """Several alternatives: a scalar if all are scalars, otherwise not to be flattened."""
    scalar = bool(options) and all(_kind(option) == "scalar" for option in options)
    return {"type": "string"} if scalar else None


def _kind(node: dict[str, Any]) -> str:
    """What to make of a resolved schema: object, array, scalar, or whole if it can be anything."""
    declared = node.get("type")
    named = declared if isinstance(declared, list) else [declared]
    types = {name for name in named if isinstance(name, str)} - {"null"}
    if not types:
        if isinstance(node.get("properties"), dict):
            return "object"
        if "items" in node:
            return "array"
        return "scalar" if "enum" in node or "const" in node else "whole"
    if types == {"object"}:
        return "object" if isinstance(node.get("properties"), dict) else "whole"
    if types == {"array"}:
        return "array"
    return "whole" if types & {"object", "array"} else "scalar"


def _lookup(root: Any, reference: str) -> Any:
    """The schema a local JSON pointer names, None if there is none."""
    if not reference.startswith("#"):
        return None
    node = root
    for token in unquote(reference[1:]).split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        node = node.get(key) if isinstance(node, dict) else None
    return node


def _schemas(value: Any) -> list[dict[str, Any]]:
    """The alternatives of a keyword, null apart: every field may be null."""
    options = value if isinstance(value, list) else []
    return [item for item in options if isinstance(item, dict) and item.get("type") != "null"]


def _without(node: dict[str, Any], keyword: str) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != keyword}


def _covered(name: str, chosen: frozenset[str]) -> bool:
    """Whether ``name`` or something it lies beneath is among ``chosen``."""
    if not chosen:
        return False
    if name in chosen:
        return True
    return any(name.startswith(f"{other}.") for other in chosen)
