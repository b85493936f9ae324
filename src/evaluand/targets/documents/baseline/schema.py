"""A processor's JSON schema as a flat list of things to find, and values put back in its shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from evaluand.targets.documents.baseline.text import humanised

Node = Mapping[str, Any]
Shape = Literal["scalar", "money", "table", "list"]

# "0 when not printed", "zero if none", "defaults to 0": an author's own rule for absent numbers.
_ZERO_RULE = re.compile(
    r"(?:\b(?:0|zero)\b[^.;]{0,60}\b(?:if|when|where|unless|for|otherwise)\b"
    r"|\b(?:if|when|where)\b[^.;]{0,60}\b(?:use|return|give|write|put|is|as|then)\s(?:0|zero)\b"
    r"|\b(?:defaults?\sto|default|otherwise|else)\s?:?\s?(?:0|zero)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One thing to find. ``path`` is dotted; ``type`` is the JSON type; ``columns`` of a table."""

    path: str
    shape: Shape
    type: str = "string"
    title: str = ""
    description: str = ""
    is_date: bool = False
    options: tuple[str, ...] = ()
    columns: tuple[Leaf, ...] = ()
    default: Any = None

    @property
    def words(self) -> str:
        """The whole path as words: ``vendor.taxId`` → ``vendor tax id``."""
        return humanised(self.path)

    @property
    def name(self) -> str:
        """The last name of the path as words."""
        return humanised(self.path.rpartition(".")[2])


def leaves(schema: Node) -> list[Leaf]:
    """Everything ``schema`` asks for, in its order."""
    return list(_walk(resolved(schema, schema), schema, ""))


def resolved(node: Node, root: Node) -> Node:
    """``node`` with local references followed and ``null`` alternatives dropped."""
    # References may point to references; a circle would never end, so the steps are bounded.
    for _ in range(16):
        if "$ref" in node:
            rest = {name: value for name, value in node.items() if name != "$ref"}
            node = {**_pointed(str(node["$ref"]), root), **rest}
            continue
        choices = next((node[name] for name in ("anyOf", "oneOf", "allOf") if name in node), None)
        real = [c for c in choices or () if isinstance(c, Mapping) and c.get("type") != "null"]
        if not real:
            return node
        rest = {k: v for k, v in node.items() if k not in ("anyOf", "oneOf", "allOf")}
        node = {**real[0], **rest}
    return node


def _pointed(reference: str, root: Node) -> Node:
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step, {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def type_of(node: Node) -> str:
    """The JSON type of a resolved node, ``null`` left out; ``string`` when it says nothing."""
    declared = node.get("type")
    if isinstance(declared, list):
        declared = next((name for name in declared if name != "null"), None)
    if isinstance(declared, str):
        return declared
    return "object" if "properties" in node else "array" if "items" in node else "string"


def _walk(node: Node, root: Node, path: str) -> Iterator[Leaf]:
    for name, raw in dict(node.get("properties") or {}).items():
        child = resolved(raw if isinstance(raw, Mapping) else {}, root)
        here = f"{path}.{name}" if path else str(name)
        kind = type_of(child)
        if kind == "array":
            yield _array(child, root, here)
        elif kind == "object" and _is_money(child):
            yield _leaf(child, here, "money")
        elif kind == "object":
            yield from _walk(child, root, here)
        else:
            yield _leaf(child, here, "scalar")


def _is_money(node: Node) -> bool:
    names = set(node.get("properties") or {})
    return node.get("extend:type") == "currency" or names == {"amount", "iso_4217_currency_code"}


def _array(node: Node, root: Node, path: str) -> Leaf:
    items = node.get("items")
    item = resolved(items if isinstance(items, Mapping) else {}, root)
    if type_of(item) == "object" and not _is_money(item):
        columns = tuple(_walk(item, root, ""))
        return Leaf(path=path, shape="table", description=_text(node), columns=columns)
    leaf = _leaf(item, path, "list")
    return Leaf(
        path=path,
        shape="list",
        type=leaf.type,
        description=_text(node) or leaf.description,
        is_date=leaf.is_date,
        options=leaf.options,
    )


def _leaf(node: Node, path: str, shape: Shape) -> Leaf:
    kind = type_of(node)
    options = tuple(option for option in node.get("enum") or () if isinstance(option, str))
    default = node.get("default")
    if default is None and kind in ("number", "integer") and says_zero(_text(node)):
        default = 0
    return Leaf(
        path=path,
        shape=shape,
        type=kind,
        title=str(node.get("title") or ""),
        description=_text(node),
        is_date=node.get("extend:type") == "date" or node.get("format") in ("date", "date-time"),
        options=options,
        default=default,
    )


def _text(node: Node) -> str:
    return str(node.get("description") or node.get("extend:description") or "")


def says_zero(prose: str) -> bool:
    """Whether a description asks for 0 where the document prints nothing."""
    return bool(_ZERO_RULE.search(prose))


def assembled(schema: Node, value_of: Callable[[str], Any]) -> dict[str, Any]:
    """A value in the shape of ``schema`` with every property; ``value_of`` knows the leaves'."""

    def build(node: Node, path: str) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for name, raw in dict(node.get("properties") or {}).items():
            child = resolved(raw if isinstance(raw, Mapping) else {}, schema)
            here = f"{path}.{name}" if path else str(name)
            nested = type_of(child) == "object" and not _is_money(child)
            built[name] = build(child, here) if nested else value_of(here)
        return built

    return build(resolved(schema, schema), "")


def item_schema(schema: Node, path: str) -> Node:
    """The resolved schema of the rows of the array at ``path``, its references made local."""
    node = resolved(schema, schema)
    for name in path.split("."):
        properties = node.get("properties")
        child = properties.get(name) if isinstance(properties, Mapping) else None
        node = resolved(child if isinstance(child, Mapping) else {}, schema)
    items = node.get("items")
    item = resolved(items if isinstance(items, Mapping) else {}, schema)
    return {**item, "$defs": schema.get("$defs", {}), "definitions": schema.get("definitions", {})}
