from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.targets.baseline.paper import (
    INVOICE,
    Columns,
    Paper,
    date,
    number,
    schema,
    table,
    text,
    text_document,
)
from tests.unit.targets.baseline.papers import PAPERS

from evaluand.domain.documents import Box, Document, Page, Word
from evaluand.targets.documents.baseline.extractor import extract


def _value(document: Document, asked: dict[str, Any], **config: Any) -> dict[str, Any]:
    return extract([document], {"schema": asked, **config}).value


@pytest.mark.parametrize("design", PAPERS)
def test_reads_every_field_of_invoices_of_all_designs(design: str) -> None:
    document, truth = PAPERS[design]()

    value = _value(document, INVOICE)

    assert value == {**dict.fromkeys(INVOICE["properties"]), **truth}


def test_the_same_input_gives_the_same_output() -> None:
    document, _ = PAPERS["american"]()

    assert extract([document], {"schema": INVOICE}) == extract([document], {"schema": INVOICE})


def test_every_value_has_evidence_that_shows_it() -> None:
    document, _ = PAPERS["swiss"]()

    found = extract([document], {"schema": INVOICE})

    due = found.evidence["due_date"]
    assert (due.page, due.text) == (1, "16.03.2025")
    assert due.box is not None
    assert due.box.top == 246
    amount = found.evidence["line_items[1].amount"]
    assert amount.text == "1'800.00"
    assert amount.box is not None
    assert amount.box.x1 == 550
    scalars = {name for name, value in found.value.items() if value not in (None, [])}
    assert scalars - {"line_items"} <= set(found.evidence)
    assert all(0 < evidence.confidence <= 1 for evidence in found.evidence.values())


def test_an_empty_document_states_nothing() -> None:
    empty = Document(name="empty.pdf", kind="PDF", pages=())

    found = extract([empty], {"schema": INVOICE})

    assert found.value == {**dict.fromkeys(INVOICE["properties"]), "line_items": []}
    assert found.evidence == {}


def test_without_a_schema_nothing_is_extracted() -> None:
    assert extract([], {}).value == {}


def test_a_total_is_not_taken_from_the_subtotal() -> None:
    paper = Paper().sums(100, 40, 300, ("Subtotal", "$80.00"))

    assert _value(paper.document(), schema(total=number())) == {"total": None}


def test_a_date_is_not_taken_from_another_date() -> None:
    paper = Paper().put(40, 600, "Delivery date: 5 May 2025")

    assert _value(paper.document(), schema(due_date=date())) == {"due_date": None}


def test_what_was_paid_keeps_the_total_from_counting_as_due() -> None:
    open_bill = Paper().sums(100, 40, 300, ("Total", "$80.00"))
    paid_bill = Paper().sums(100, 40, 300, ("Total", "$80.00"), ("Amount paid", "$80.00"))
    asked = schema(amount_due=number())

    assert _value(open_bill.document(), asked) == {"amount_due": 80.0}
    assert _value(paid_bill.document(), asked) == {"amount_due": None}


def test_unknown_fields_are_found_by_their_own_words() -> None:
    paper = Paper().put(40, 100, "Vessel").put(140, 100, "MV Skylark")
    paper.put(40, 120, "Gross tonnage: 1,250").put(40, 140, "Berth no. B-12")
    asked = schema(vessel_name=text(), gross_tonnage=number(), berth_number=text())

    assert _value(paper.document(), asked) == {
        "vessel_name": "MV Skylark",
        "gross_tonnage": 1250.0,
        "berth_number": "B-12",
    }


def test_a_description_may_name_the_label() -> None:
    paper = Paper().put(40, 100, "Zollnummer: 77-3")

    assert _value(paper.document(), schema(x1=text('The code printed as "Zollnummer"'))) == {
        "x1": "77-3"
    }


@pytest.mark.parametrize(
    ("described", "config", "expected"),
    [
        (number("0 when none is printed"), {}, 0),
        ({**number(), "default": 7}, {}, 7),
        (number(), {"extractionRules": "Use 0 for discount_total if it is missing."}, 0),
        (number("a reduction"), {"extractionRules": "Dates are ISO."}, None),
    ],
)
def test_only_the_author_can_fill_what_is_not_printed(
    described: dict[str, Any], config: dict[str, Any], expected: object
) -> None:
    paper = Paper().put(40, 100, "Nothing here")

    assert _value(paper.document(), schema(discount_total=described), **config) == {
        "discount_total": expected
    }


def test_nested_objects_money_enums_and_booleans_keep_their_shape() -> None:
    money = {
        "type": "object",
        "extend:type": "currency",
        "properties": {
            "amount": {"type": ["number", "null"]},
            "iso_4217_currency_code": {"type": ["string", "null"]},
        },
    }
    asked = schema(
        statement={
            "type": "object",
            "properties": {"opening_balance": money, "closing_balance": money},
        },
        express={"type": ["boolean", "null"]},
        status={"type": ["string", "null"], "enum": ["in transit", "delivered", None]},
    )
    paper = Paper().put(40, 100, "Opening balance £20.50").put(40, 120, "Express: yes")
    paper.put(40, 140, "Status: Delivered")

    found = extract([paper.document()], {"schema": asked})

    assert found.value == {
        "statement": {
            "opening_balance": {"amount": 20.5, "iso_4217_currency_code": "GBP"},
            "closing_balance": {"amount": None, "iso_4217_currency_code": None},
        },
        "express": True,
        "status": "delivered",
    }
    assert "statement.opening_balance.amount" in found.evidence


def test_a_period_has_a_start_and_an_end() -> None:
    paper = Paper().put(40, 100, "Period 1 May 2025 to 31 May 2025")

    assert _value(paper.document(), schema(period_start=date(), period_end=date())) == {
        "period_start": "2025-05-01",
        "period_end": "2025-05-31",
    }


def test_lists_are_split_at_their_separators() -> None:
    tags = {"type": "array", "items": {"type": "string"}}

    found = extract([text_document("Tags: red, green; blue")], {"schema": schema(tags=tags)})

    assert found.value == {"tags": ["red", "green", "blue"]}
    assert found.evidence["tags[1]"].text == "green"


def test_plain_text_is_read_by_its_lines_and_has_no_boxes() -> None:
    document = text_document(
        "Invoice no: 77-1\n\nDescription  Quantity  Amount\nBolts  5  $10.00\n"
        "Very long nuts and washers  12  $24.00\n\nTotal: $34.00\n"
    )

    found = extract([document], {"schema": INVOICE})

    assert found.value["invoice_number"] == "77-1"
    assert [row["quantity"] for row in found.value["line_items"]] == [5.0, 12.0]
    assert found.value["total"] == 34.0
    assert all(evidence.box is None for evidence in found.evidence.values())


def test_several_documents_count_as_one() -> None:
    first = Paper().put(40, 100, "Invoice no. A-1").document()
    second = Paper().sums(100, 40, 300, ("Total", "$80.00")).document()

    found = extract([first, second], {"schema": INVOICE})

    assert (found.value["invoice_number"], found.value["total"]) == ("A-1", 80.0)
    assert found.evidence["total"].file == 1


def test_tables_go_on_over_pages() -> None:
    columns: Columns = [(40, "left"), (400, "right"), (550, "right")]
    first, second = Paper(), Paper()
    for paper, start in ((first, 1), (second, 21)):
        paper.row(100, columns, "Description", "Qty", "Amount")
        for item in range(start, start + 20):
            paper.row(
                100 + 14 * (item - start + 1), columns, f"Part {item}", str(item), f"{item}.00"
            )
    second.sums(420, 400, 550, ("Total", "820.00"))
    document = Document(name="a.pdf", kind="PDF", pages=(first.page(1), second.page(2)))

    rows = _value(document, INVOICE)["line_items"]

    assert [row["quantity"] for row in rows] == [float(item) for item in range(1, 41)]


def test_a_side_panel_beside_the_table_is_kept_apart() -> None:
    columns: Columns = [(200, "left"), (400, "right"), (550, "right")]
    paper = Paper().row(100, columns, "Description", "Qty", "Amount")
    paper.row(120, columns, "Banner", "3", "£274.53").row(140, columns, "Leaflets", "2", "£8.00")
    paper.put(40, 100, "Invoice").put(40, 114, "A76992").put(40, 139, "Due by")
    paper.put(40, 153, "20 May 2025")

    value = _value(paper.document(), INVOICE)

    assert [row["description"] for row in value["line_items"]] == ["Banner", "Leaflets"]
    assert value["invoice_number"] == "A76992"
    assert value["due_date"] == "2025-05-20"


def test_a_receipt_lists_its_items_without_a_head() -> None:
    paper = Paper(280, 600).put(140, 20, "CORNER SHOP LTD", 14, "centre")
    paper.put(20, 60, "MILK 2L").put(260, 60, "2.99", align="right")
    paper.put(20, 74, "APPLES").put(20, 88, "3 x 0.50").put(260, 88, "1.50", align="right")
    paper.put(20, 110, "TOTAL").put(260, 110, "$4.49", align="right")
    asked = schema(
        merchant=text(),
        total=number(),
        items=table(name=text(), quantity=number(), unit_price=number(), amount=number()),
    )

    assert _value(paper.document(), asked) == {
        "merchant": "CORNER SHOP LTD",
        "total": 4.49,
        "items": [
            {"name": "MILK 2L", "quantity": None, "unit_price": 2.99, "amount": 2.99},
            {"name": "APPLES", "quantity": 3.0, "unit_price": 0.5, "amount": 1.5},
        ],
    }


@pytest.mark.parametrize("degrees", [-1.5, 0.7, 2.0])
def test_skewed_scans_are_read_like_straight_pages(degrees: float) -> None:
    document, truth = PAPERS["american"]()
    page = document.pages[0]
    slope = math.tan(math.radians(degrees))
    words = tuple(_lowered(word, slope) for word in page.words)
    scan: Page = replace(page, words=words, scanned=True)

    value = _value(replace(document, pages=(scan,)), INVOICE)

    assert value["line_items"] == truth["line_items"]
    assert value["amount_due"] == truth["amount_due"]


def _lowered(word: Word, slope: float) -> Word:
    x0, top, x1, bottom = word.box
    fall = slope * (x0 + x1) / 2
    return Word(text=word.text, box=Box(x0, top + fall, x1, bottom + fall))


def test_schemas_made_by_pydantic_are_understood() -> None:
    asked = {
        "type": "object",
        "properties": {
            "invoice_number": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "line_items": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
        },
        "$defs": {
            "Line": {
                "type": "object",
                "properties": {
                    "description": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                    "amount": {"anyOf": [{"type": "number"}, {"type": "null"}]},
                },
            }
        },
    }
    columns: Columns = [(40, "left"), (550, "right")]
    paper = Paper().put(40, 60, "Invoice no. 5-1").row(100, columns, "Description", "Amount")
    paper.row(114, columns, "Banner", "£4.00")

    assert _value(paper.document(), asked) == {
        "invoice_number": "5-1",
        "line_items": [{"description": "Banner", "amount": 4.0}],
    }
