"""The rules for an extractor's JSON Schema: those of JSON Schema itself, and Extend's.

Fields are nullable, because a document may not say; objects and arrays are not, because an empty
one says the same. Pydantic's way to say "or null" (``anyOf``) and its references into ``$defs``
count as what they stand for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import jsonschema_rs

from evaluand.errors import InvalidConfig

Node = Mapping[str, Any]

# Extend's limit, counted in objects that lie in one another.
_LEVELS = 5
# Subschemas looked at: references that name each other can unfold a few lines to millions.
_NODES = 10_000
_CONTAINERS = frozenset({"object", "array"})
_CURRENCY = ("amount", "iso_4217_currency_code")
# What a field with an ``extend:type`` must be in JSON.
_SPECIAL = {"date": "string", "currency": "object", "signature": "object"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the walk stands: the path, how deep, and the references being unfolded."""

    path: str
    level: int = 0
    trail: frozenset[str] = frozenset()
    may_be_required: bool = False

    def child(self, steps: str, *, deeper: int = 0) -> _Place:
        return replace(self, path=f"{self.path}.{steps}", level=self.level + deeper)


def broken(rule: str, path: str) -> InvalidConfig:
    """The error for a broken rule at a place of the configuration."""
    return InvalidConfig(f"{rule} Path: {path}", field=f"config.{path}")


def check_schema(schema: Any) -> None:
    """Raises InvalidConfig when an extractor cannot work with ``schema``."""
    root = schema if isinstance(schema, dict) else {}
    if root.get("type") != "object":
        raise broken('The schema must be an object: "type": "object" at its root.', "schema")
    _check_language(root)
    _Walk(root).object(root, _Place(path="schema"))


def _check_language(schema: dict[str, Any]) -> None:
    foreign: list[str] = []

    def refuse(address: str) -> NoReturn:
        # A schema must not make the server fetch anything.
        foreign.append(address)
        raise ValueError(address)

    try:
        jsonschema_rs.Draft202012Validator(schema, retriever=refuse)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        if foreign:
            rule = f"References must point into the schema itself, not to {foreign[0]}."
            raise broken(rule, "schema") from error
        steps = ["schema", *map(str, getattr(error, "instance_path", ()))]
        problem = getattr(error, "message", str(error))
        raise broken(f"This is no valid JSON Schema: {problem}.", ".".join(steps)) from error


class _Walk:
    """One walk through a schema, counting what it has seen."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._seen = 0

    def object(self, node: Node, place: _Place) -> None:
        """Checks the properties of an object."""
        for name, child in dict(node.get("properties") or {}).items():
            self._field(child, place.child(f"properties.{name}", deeper=1))

    def _field(self, node: Any, place: _Place) -> None:
        self._count(place)
        if not isinstance(node, dict):
            raise broken("A field must be described by an object with a 'type'.", place.path)
        if isinstance(node.get("$ref"), str):
            self._reference(node, place)
            return
        if place.level > _LEVELS:
            raise broken(f"Fields may lie at most {_LEVELS} levels deep.", place.path)
        choices = next((word for word in ("anyOf", "oneOf", "allOf") if node.get(word)), None)
        if choices is not None:
            self._choices(node, choices, place)
            return
        self._typed(node, place)

    def _reference(self, node: dict[str, Any], place: _Place) -> None:
        reference = node["$ref"]
        if reference in place.trail:
            raise broken("A schema must not contain itself.", place.path)
        target = _lookup(self._root, reference)
        if not isinstance(target, dict):
            raise broken(f"The reference {reference!r} leads nowhere.", place.path)
        beside = {key: value for key, value in node.items() if key != "$ref"}
        path = "schema" + reference[1:].replace("/", ".")
        self._field(
            {**target, **beside}, replace(place, path=path, trail=place.trail | {reference})
        )

    def _choices(self, node: dict[str, Any], word: str, place: _Place) -> None:
        options = list(enumerate(node[word]))
        real = [(i, option) for i, option in options if not _is_null(option)]
        nullable = len(real) < len(options)
        for index, option in real:
            here = place.child(f"{word}[{index}]")
            if nullable and self._container(option) is not None:
                raise broken(_NOT_NULLABLE.format(self._container(option)), place.path)
            required = place.may_be_required or nullable or word == "allOf"
            self._field(option, replace(here, may_be_required=required))

    def _container(self, option: Any) -> str | None:
        # References may name references, in a circle even: the steps are bounded.
        for _ in range(_LEVELS):
            if isinstance(option, dict) and isinstance(option.get("$ref"), str):
                option = _lookup(self._root, option["$ref"])
        types = _types(option) if isinstance(option, dict) else frozenset()
        return next(iter(sorted(types & _CONTAINERS)), None)

    def _typed(self, node: dict[str, Any], place: _Place) -> None:
        types = _types(node)
        if not types:
            raise broken("A field needs a 'type'.", place.path)
        _check_special(node, types, place.path)
        container = next(iter(sorted(types & _CONTAINERS)), None)
        if container is None:
            _check_primitive(node, types, place)
        elif "null" in types:
            raise broken(_NOT_NULLABLE.format(container), place.path)
        elif container == "object":
            self.object(node, replace(place, may_be_required=False))
        else:
            self._array(node, place)

    def _array(self, node: dict[str, Any], place: _Place) -> None:
        if "items" not in node:
            raise broken("An array needs 'items' that say what it holds.", place.path)
        # An element that is not there is no element: only fields need to be nullable.
        self._field(node["items"], replace(place.child("items"), may_be_required=True))

    def _count(self, place: _Place) -> None:
        self._seen += 1
        if self._seen > _NODES:
            raise broken(f"The schema unfolds to more than {_NODES} fields.", place.path)


_NOT_NULLABLE = (
    'Objects and arrays must not be nullable: leave "null" out of this {}; what a document does '
    "not say is an object of nulls or an empty array."
)


def _types(node: Node) -> frozenset[str]:
    declared = node.get("type")
    if isinstance(declared, str):
        return frozenset({declared})
    if isinstance(declared, list):
        return frozenset(declared)
    if "enum" in node:
        return frozenset("null" if value is None else "string" for value in node["enum"])
    if "const" in node:
        return frozenset({"string"})
    if isinstance(node.get("properties"), dict):
        return frozenset({"object"})
    return frozenset({"array"}) if "items" in node else frozenset()


def _is_null(option: Any) -> bool:
    return isinstance(option, dict) and option.get("type") == "null"


def _check_primitive(node: Node, types: frozenset[str], place: _Place) -> None:
    if "enum" in node:
        odd = [value for value in node["enum"] if not isinstance(value, str | None)]
        if odd:
            raise broken(
                f"An enum holds strings and null only, not {odd[0]!r}.", f"{place.path}.enum"
            )
    if "null" not in types and not place.may_be_required:
        name = next(iter(sorted(types)))
        raise broken(
            f'Primitive fields must be nullable: use "type": ["{name}", "null"].', place.path
        )


def _check_special(node: Node, types: frozenset[str], path: str) -> None:
    special = node.get("extend:type")
    if special is None:
        return
    needed = _SPECIAL.get(special) if isinstance(special, str) else None
    if needed is None:
        known = ", ".join(sorted(_SPECIAL))
        raise broken(f"'extend:type' must be one of {known}.", path)
    if needed not in types:
        raise broken(f"A field with 'extend:type' {special} must be of type {needed}.", path)
    missing = [name for name in _CURRENCY if name not in (node.get("properties") or {})]
    if special == "currency" and missing:
        raise broken(f"A currency needs the properties {' and '.join(_CURRENCY)}.", path)


def _lookup(root: Node, reference: str) -> Any:
    """What a local JSON pointer names; None if there is nothing."""
    found: Any = root
    for step in _steps(reference):
        if isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            found = found.get(step) if isinstance(found, dict) else None
    return found


def _steps(reference: str) -> Iterator[str]:
    if reference.startswith("#/"):
        for token in reference[2:].split("/"):
            yield token.replace("~1", "/").replace("~0", "~")
