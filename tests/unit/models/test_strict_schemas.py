"""Strict copies of schemas, and taking back the nulls they force."""

from __future__ import annotations

from typing import Any, Literal

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from evaluand.models.forced_nulls import without_forced_nulls
from evaluand.models.strict_schemas import strict_copy

TEXT = {"type": "string"}


def schema(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


class Line(BaseModel):
    amount: float | None = None
    kind: Literal["goods", "freight"] | None = None


class Invoice(BaseModel):
    number: str | None
    paid: bool = False
    lines: list[Line] = []
    first: Line | None = None


def test_every_property_is_required_and_nothing_else_allowed() -> None:
    copy = strict_copy(schema(a=TEXT, b=schema(c={"type": ["number", "null"]})))

    assert copy is not None
    assert copy["required"] == ["a", "b"]
    assert copy["additionalProperties"] is False
    assert copy["properties"]["a"]["type"] == ["string", "null"]
    assert copy["properties"]["b"]["properties"]["c"]["type"] == ["number", "null"]


def test_required_properties_keep_their_type() -> None:
    copy = strict_copy(schema(("a",), a=TEXT))

    assert copy is not None
    assert copy["properties"]["a"] == TEXT


def test_words_that_strict_schemas_do_not_know_become_hints() -> None:
    copy = strict_copy(
        schema(("d",), d={**TEXT, "description": "Due", "format": "date", "extend:type": "date"})
    )

    assert copy is not None
    described = copy["properties"]["d"]
    assert described.keys() == {"type", "description"}
    assert described["description"] == "Due (extend:type: date; format: date)"


def test_pydantic_schemas_become_strict() -> None:
    copy = strict_copy(Invoice.model_json_schema())

    assert copy is not None
    assert copy["$defs"]["Line"]["required"] == ["amount", "kind"]
    assert copy["properties"]["lines"]["items"] == {"$ref": "#/$defs/Line"}
    answer = {"number": None, "paid": None, "lines": [{"amount": 1, "kind": None}], "first": None}
    assert jsonschema_rs.is_valid(copy, answer)


def test_older_definitions_move() -> None:
    old = schema(a={"$ref": "#/definitions/x"}) | {"definitions": {"x": TEXT}}

    copy = strict_copy(old)

    assert copy is not None
    assert copy["$defs"] == {"x": TEXT}
    assert copy["properties"]["a"]["anyOf"][0] == {"$ref": "#/$defs/x"}


@pytest.mark.parametrize(
    "loose",
    [
        {"type": "array", "items": TEXT},
        schema(a={}),
        schema(a={"type": "object"}),
        schema(a=True),
        schema(a={"type": "object", "properties": {}, "additionalProperties": TEXT}),
        schema(a={"type": "array"}),
        schema(a={"allOf": [TEXT, {"minLength": 2}]}),
        schema(a={"type": "object", "patternProperties": {"x": TEXT}}),
        schema(a={"$ref": "https://elsewhere/schema"}),
        schema(a={"anyOf": 3}),
        {"type": "object", "properties": [1]},
        {"type": "object", "properties": {"a": TEXT}, "$defs": 3},
    ],
)
def test_what_cannot_be_said_strictly_is_not_made_strict(loose: dict[str, Any]) -> None:
    assert strict_copy(loose) is None


def test_a_bottomless_schema_is_not_made_strict() -> None:
    deep: dict[str, Any] = TEXT
    for _ in range(200):
        deep = schema(a=deep)

    assert strict_copy(deep) is None


def test_forced_nulls_are_taken_back_and_true_ones_kept() -> None:
    own = schema(
        ("needed",),
        needed=TEXT,
        maybe=TEXT,
        nullable={"type": ["string", "null"]},
        rows={"items": schema(x=TEXT)},
    )
    answer = {"needed": None, "maybe": None, "nullable": None, "rows": [{"x": None}], "more": None}

    assert without_forced_nulls(answer, own) == {
        "needed": None,
        "nullable": None,
        "rows": [{}],
        "more": None,
    }


def test_forced_nulls_are_found_behind_references_and_choices() -> None:
    own = Invoice.model_json_schema()
    answer = {"number": None, "paid": None, "first": {"amount": None, "kind": None}}

    taken = without_forced_nulls(answer, own)

    assert taken == {"number": None, "first": {"amount": None, "kind": None}}
    assert Invoice.model_validate(taken)


def test_circular_references_end() -> None:
    own = schema(a={"$ref": "#/$defs/a"}) | {"$defs": {"a": {"$ref": "#/$defs/a"}}}

    assert without_forced_nulls({"a": None}, own) == {"a": None}


SCALARS = st.sampled_from(["string", "number", "integer", "boolean"])
FIELDS = st.builds(
    lambda kind, null: {"type": [kind, "null"] if null else kind}, SCALARS, st.booleans()
)
NAMES = st.sampled_from("abcd")


@st.composite
def schemas(draw: st.DrawFn, depth: int = 0) -> dict[str, Any]:
    fields = (
        FIELDS
        if depth > 1
        else st.one_of(
            FIELDS,
            schemas(depth + 1),
            schemas(depth + 1).map(lambda item: {"type": "array", "items": item}),
        )
    )
    properties = draw(st.dictionaries(NAMES, fields, max_size=3))
    required = (
        draw(st.lists(st.sampled_from(sorted(properties)), unique=True)) if properties else []
    )
    return schema(tuple(required), **properties)


def emptiest(node: dict[str, Any]) -> Any:
    """The answer of a model that finds nothing: null wherever it may say so."""
    types = node["type"] if isinstance(node["type"], list) else [node["type"]]
    if "null" in types:
        return None
    if "object" in types:
        return {name: emptiest(child) for name, child in node["properties"].items()}
    return {"array": [], "string": "", "boolean": False}.get(types[0], 0)


@given(schemas())
def test_answers_to_the_strict_copy_fit_the_schema_once_nulls_are_taken_back(
    own: dict[str, Any],
) -> None:
    copy = strict_copy(own)
    assert copy is not None
    answer = emptiest(copy)

    assert jsonschema_rs.is_valid(copy, answer)
    assert jsonschema_rs.is_valid(own, without_forced_nulls(answer, own))
