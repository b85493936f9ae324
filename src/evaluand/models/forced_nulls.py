"""Takes back the nulls that strict schemas force on properties which may be missing.

A strict schema requires every property, so a model says null where the user's schema would have
the property left out. Against that schema such a null would be an error of the model's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

# Far beyond any schema a provider takes; what lies deeper stays as it is.
_MAX_DEPTH = 40
# References that lead to references; more than a few are a circle.
_MAX_REFERENCES = 8


def without_forced_nulls(value: Any, schema: Schema) -> Any:
    """``value`` without the nulls of properties which may be missing but not null."""
    return _pruned(value, schema, schema, 0)


def _pruned(value: Any, node: Any, root: Schema, depth: int) -> Any:
    node = _meant(node, root)
    if depth > _MAX_DEPTH:
        return value
    if isinstance(value, list):
        return [_pruned(element, node.get("items"), root, depth + 1) for element in value]
    properties = node.get("properties")
    if not isinstance(value, dict) or not isinstance(properties, Mapping):
        return value
    required = node.get("required") or ()
    return {
        name: _pruned(child, properties.get(name), root, depth + 1)
        for name, child in value.items()
        if child is not None
        or name in required
        or name not in properties
        or _admits_null(properties[name], root, 0)
    }


def _admits_null(node: Any, root: Schema, depth: int) -> bool:
    node = _followed(node, root)
    if options := list(_options(node)):
        return depth > _MAX_DEPTH or any(_admits_null(o, root, depth + 1) for o in options)
    if "enum" in node:
        return None in node["enum"]
    if "const" in node:
        return node["const"] is None
    return "type" not in node or "null" in node["type"]


def _meant(node: Any, root: Schema) -> Schema:
    """The schema behind references and behind a choice between one thing and null."""
    node = _followed(node, root)
    options = [_followed(option, root) for option in _options(node)]
    others = [option for option in options if option.get("type") != "null"]
    return others[0] if len(others) == 1 else node


def _options(node: Schema) -> Iterator[Any]:
    for word in ("anyOf", "oneOf"):
        yield from node.get(word) or ()


def _followed(node: Any, root: Schema) -> Schema:
    for _ in range(_MAX_REFERENCES):
        if not isinstance(node, Mapping):
            return {}
        if "$ref" not in node:
            return node
        keyword, _, name = str(node["$ref"]).removeprefix("#/").partition("/")
        node = (root.get(keyword) or {}).get(name)
    return {}
