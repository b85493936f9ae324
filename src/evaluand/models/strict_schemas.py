"""JSON Schemas as providers accept them for answers they enforce ("strict" structured output).

Strict schemas know fewer words: every object lists all its properties, all of them required, and
nothing else; what may be missing is null instead. The answer is checked against the user's own
schema afterwards, so leaving a word out of the copy loses nothing but guidance, and the words left
out go into the description.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

# Providers take ten levels of objects; each is two or three levels of schema.
_MAX_DEPTH = 30
_KEPT = ("type", "description", "enum", "const", "title")
# Words that shape a value in a way the copy cannot express: such a schema is not made strict.
_INEXPRESSIBLE = frozenset(
    [
        "not",
        "if",
        "then",
        "else",
        "allOf",
        "patternProperties",
        "prefixItems",
        "contains",
        "propertyNames",
        "dependentSchemas",
        "dependentRequired",
        "unevaluatedProperties",
        "unevaluatedItems",
        "$dynamicRef",
    ]
)
# Words that only narrow a value; the model is told of them in prose.
_HINTED = [
    "extend:type",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
]
_DEFINITIONS = ("$defs", "definitions")


class _NotStrict(Exception):
    """The schema says something that a strict one cannot."""


def strict_copy(schema: Schema) -> dict[str, Any] | None:
    """A strict schema that admits every answer ``schema`` admits, or None if there is none.

    Properties that may be missing become nullable; see :mod:`evaluand.models.forced_nulls`.
    """
    try:
        if schema.get("type") != "object":
            return None
        copy = _strict(schema, 0)
        definitions = {
            name: _strict(node, 1)
            for keyword in _DEFINITIONS
            for name, node in (schema.get(keyword) or {}).items()
        }
    except (_NotStrict, AttributeError, TypeError):
        return None
    return {**copy, "$defs": definitions} if definitions else copy


def _strict(node: Any, depth: int) -> dict[str, Any]:
    if not isinstance(node, Mapping) or depth > _MAX_DEPTH or _INEXPRESSIBLE & node.keys():
        raise _NotStrict
    if "$ref" in node:
        return {"$ref": _reference(node["$ref"])}
    copy = {word: node[word] for word in _KEPT if word in node}
    hints = [f"{word}: {node[word]}" for word in _HINTED if word in node]
    if hints:
        told = str(node.get("description") or "").strip()
        copy["description"] = f"{told} ({'; '.join(hints)})".strip()
    options = node.get("anyOf") or node.get("oneOf")
    if options:
        return {**copy, "anyOf": [_strict(option, depth + 1) for option in options]}
    types = _types(node)
    if not types and "enum" not in node and "const" not in node:
        raise _NotStrict
    if "object" in types:
        copy |= _strict_object(node, depth)
    if "array" in types:
        copy["items"] = _strict(node.get("items"), depth + 1)
    return copy


def _strict_object(node: Schema, depth: int) -> dict[str, Any]:
    properties = node.get("properties")
    # An object that may hold anything would come back empty from a strict schema.
    if not isinstance(properties, Mapping) or node.get("additionalProperties"):
        raise _NotStrict
    required = node.get("required") or ()
    copies = {
        name: _strict(child, depth + 1) if name in required else _nullable(child, depth + 1)
        for name, child in properties.items()
    }
    return {"properties": copies, "required": list(copies), "additionalProperties": False}


def _nullable(node: Any, depth: int) -> dict[str, Any]:
    copy = _strict(node, depth)
    if "type" in copy and "const" not in copy:
        copy["type"] = list(dict.fromkeys([*_types(copy), "null"]))
        if "enum" in copy:
            copy["enum"] = list(dict.fromkeys([*copy["enum"], None]))
        return copy
    return {"anyOf": [copy, {"type": "null"}]}


def _reference(reference: Any) -> str:
    text = str(reference)
    for keyword in _DEFINITIONS:
        if text.startswith(f"#/{keyword}/"):
            return text.replace(f"#/{keyword}/", "#/$defs/", 1)
    raise _NotStrict


def _types(node: Schema) -> tuple[str, ...]:
    declared = node.get("type") or ()
    return (declared,) if isinstance(declared, str) else tuple(declared)
