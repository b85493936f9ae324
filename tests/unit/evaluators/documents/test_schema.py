"""Which fields a schema has and what they are called."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from evaluand.errors import InvalidConfig
from evaluand.evaluators.documents import leaf_fields
from evaluand.evaluators.documents.schema import Array, Leaf, record_of

TEXT = {"type": ["string", "null"]}


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def listing(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


INVOICE = of(
    number=TEXT,
    vendor=of(name=TEXT, address=of(city=TEXT)),
    line_items=listing(of(description=TEXT, amount={"type": ["number", "null"]})),
    tags=listing(TEXT),
)


def test_objects_and_rows_are_flattened_in_the_schemas_order() -> None:
    assert leaf_fields(INVOICE) == (
        "number",
        "vendor.name",
        "vendor.address.city",
        "line_items.description",
        "line_items.amount",
        "tags",
    )


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        (of(total=of(amount=TEXT, iso_4217_currency_code=TEXT)), 2),
        (of(rows=listing(of(tags=listing(TEXT), inner=listing(of(a=TEXT, b=TEXT))))), 3),
        (of(grid=listing(listing({"type": "number"}))), 1),
        (of(anything={}), 1),
        (of(free={"type": "object"}), 1),
        (of(closed=of()), 0),
        (of(rows=listing(of())), 0),
        (of(rows={"type": "array"}), 1),
        (of(kind={"enum": ["a", None]}), 1),
        ({"properties": {"a": TEXT}}, 1),
        (of(a={"type": [{}]}, b={"type": {}}, c={"anyOf": 5}, d=True, e={"oneOf": [1]}), 5),
        (of(rows={"oneOf": [{"type": "null", "title": "none"}, listing(of(a=TEXT, b=TEXT))]}), 2),
        ({}, 0),
        ({"type": "array", "items": TEXT}, 0),
    ],
)
def test_shapes(schema: dict[str, Any], names: int) -> None:
    assert len(leaf_fields(schema)) == names


def test_what_pydantic_writes_is_understood() -> None:
    class Money(BaseModel):
        amount: float | None
        code: str | None

    class Row(BaseModel):
        price: Money | None = None
        note: str | None = None

    class Invoice(BaseModel):
        total: Money | None
        rows: list[Row] | None = None
        tags: list[str] = []
        either: int | str | None = None

    assert leaf_fields(Invoice.model_json_schema()) == (
        "total.amount",
        "total.code",
        "rows.price.amount",
        "rows.price.code",
        "rows.note",
        "tags",
        "either",
    )


def test_a_schema_that_contains_itself_ends_in_a_field_compared_as_a_whole() -> None:
    schema = of(tree={"$ref": "#/$defs/Node"}) | {
        "$defs": {"Node": of(name=TEXT, left={"$ref": "#/$defs/Node"})}
    }
    assert leaf_fields(schema) == ("tree.name", "tree.left")
    name, left = record_of(schema).fields
    assert isinstance(name, Leaf)
    assert isinstance(left, Leaf)
    assert (name.whole, left.whole) == (False, True)
    assert leaf_fields(of(all={"$ref": "#"})) == ("all",)


@pytest.mark.parametrize("reference", ["https://example.org/schema.json", "#/$defs/Nothing", "#x"])
def test_references_that_lead_nowhere_are_compared_as_a_whole(reference: str) -> None:
    (field,) = record_of(of(a={"$ref": reference})).fields
    assert isinstance(field, Leaf)
    assert field.whole


def test_pointers_are_decoded_and_siblings_kept() -> None:
    schema = of(a={"$ref": "#/$defs/x~1y%20z", "description": "said twice"}) | {
        "$defs": {"x/y z": of(b=TEXT)}
    }
    assert leaf_fields(schema) == ("a.b",)


def test_alternatives_of_unlike_shape_are_compared_as_a_whole() -> None:
    (mixed,) = record_of(of(a={"anyOf": [of(b=TEXT), TEXT, {"type": "null"}]})).fields
    (typed,) = record_of(of(a={"type": ["object", "string"]})).fields
    assert isinstance(mixed, Leaf)
    assert isinstance(typed, Leaf)
    assert mixed.whole
    assert typed.whole


def test_few_lines_cannot_unfold_to_millions() -> None:
    levels = {
        f"L{n}": of(a={"$ref": f"#/$defs/L{n + 1}"}, b={"$ref": f"#/$defs/L{n + 1}"})
        for n in range(20)
    }
    schema = of(top={"$ref": "#/$defs/L0"}) | {"$defs": levels | {"L20": TEXT}}
    with pytest.raises(InvalidConfig, match="unfolds to more than"):
        leaf_fields(schema)


def test_deep_nesting_is_cut() -> None:
    schema: dict[str, Any] = TEXT
    for _ in range(60):
        schema = of(a=schema)
    (name,) = leaf_fields(schema)
    assert 10 < name.count(".") < 20


def test_two_fields_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidConfig, match=r"both named 'a\.b'"):
        leaf_fields(of(**{"a.b": TEXT, "a": of(b=TEXT)}))


@pytest.mark.parametrize(
    ("excluded", "left"),
    [
        ("number", 5),
        ("vendor", 4),
        ("vendor.address", 5),
        ("line_items", 4),
        ("line_items.amount", 5),
        ("tags", 5),
        ("vend", 6),
        ("unknown.field", 6),
    ],
)
def test_excluding_covers_all_beneath(excluded: str, left: int) -> None:
    names = record_of(INVOICE, exclude=[excluded]).names
    assert len(names) == left
    assert excluded not in names


def test_fuzzy_covers_all_beneath() -> None:
    *_, rows, tags = record_of(INVOICE, fuzzy=["line_items"]).fields
    assert isinstance(rows, Array)
    assert isinstance(tags, Array)
    assert [leaf.fuzzy for leaf in rows.row.fields if isinstance(leaf, Leaf)] == [True, True]
    assert [leaf.fuzzy for leaf in tags.row.fields if isinstance(leaf, Leaf)] == [False]
