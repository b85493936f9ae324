from __future__ import annotations

from typing import Any

import pytest
from tests.unit.targets.baseline.paper import date, number, schema, table, text

from evaluand.targets.documents.baseline.fields import recognised
from evaluand.targets.documents.baseline.schema import (
    Leaf,
    assembled,
    item_schema,
    leaves,
    says_zero,
)
from evaluand.targets.documents.baseline.vocabulary import vocabulary


def _concept(leaf: Leaf) -> str | None:
    return (found := recognised(leaf, vocabulary().concepts)[0]) and found.id


def test_leaves_are_flat_and_keep_their_order() -> None:
    asked = schema(
        vendor={"type": "object", "properties": {"name": text()}},
        lines=table(amount=number()),
        tags={"type": "array", "items": {"type": "string"}},
        due=date(),
    )

    found = leaves(asked)

    assert [(leaf.path, leaf.shape) for leaf in found] == [
        ("vendor.name", "scalar"),
        ("lines", "table"),
        ("tags", "list"),
        ("due", "scalar"),
    ]
    assert [column.path for column in found[1].columns] == ["amount"]
    assert found[3].is_date


def test_circular_references_come_to_an_end() -> None:
    asked = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}},
        "$defs": {"A": {"$ref": "#/$defs/A"}},
    }

    assert [leaf.path for leaf in leaves(asked)] == ["a"]


def test_values_take_the_shape_of_the_schema() -> None:
    asked = schema(vendor={"type": "object", "properties": {"name": text(), "city": text()}})

    assert assembled(asked, {"vendor.name": "Acme"}.get) == {
        "vendor": {"name": "Acme", "city": None}
    }


def test_the_schema_of_rows_is_found_by_path() -> None:
    asked = schema(a={"type": "object", "properties": {"lines": table(amount=number())}})

    assert list(item_schema(asked, "a.lines")["properties"]) == ["amount"]


@pytest.mark.parametrize(
    "prose",
    ["0 when none is printed", "Zero if absent.", "If missing, use 0", "defaults to 0"],
)
def test_authors_ask_for_zero_in_several_ways(prose: str) -> None:
    assert says_zero(prose)


@pytest.mark.parametrize("prose", ["", "Discount in percent", "use 10 when absent", "the total"])
def test_other_prose_asks_for_nothing(prose: str) -> None:
    assert not says_zero(prose)


@pytest.mark.parametrize(
    ("leaf", "concept"),
    [
        (Leaf(path="invoice_number", shape="scalar"), "invoice_number"),
        (Leaf(path="invoiceNo", shape="scalar"), "invoice_number"),
        (Leaf(path="vendor.name", shape="scalar"), "vendor_name"),
        (Leaf(path="invoice.total", shape="scalar", type="number"), "total"),
        (Leaf(path="f1", shape="scalar", description="Purchase order, if any"), "purchase_order"),
        (Leaf(path="x", shape="scalar", is_date=True, title="Due date"), "due_date"),
        (Leaf(path="specimen_id", shape="scalar"), None),
        (Leaf(path="total", shape="scalar", type="boolean"), None),
        (Leaf(path="invoice_number", shape="scalar", is_date=True), None),
    ],
)
def test_fields_are_recognised_by_name_title_or_description(
    leaf: Leaf, concept: str | None
) -> None:
    assert _concept(leaf) == concept


def test_every_concept_is_recognised_by_its_own_names() -> None:
    unknown: list[Any] = []
    for concept in vocabulary().concepts.values():
        kind = "number" if concept.kind in ("money", "number", "percent") else "string"
        for name in concept.names:
            leaf = Leaf(
                path=name.replace(" ", "_"),
                shape="scalar",
                type=kind,
                is_date=concept.kind == "date",
            )
            if _concept(leaf) is None:
                unknown.append((concept.id, name))
    assert unknown == []
