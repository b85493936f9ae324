from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.targets.printed import document, page

from evaluand.domain.documents import Document
from evaluand.errors import DocumentUnreadable, InvalidConfig
from evaluand.targets.documents.templates.extractor import extract, freeze

INVOICE = document(
    page(
        "Acme Ltd   INVOICE",
        "Invoice No. F-4711",
        "Date 03/04/2026",
        "Item   Qty   Price   Amount",
        "Bolts, pack of 3   3   $2.50   $7.50",
        "Saw   1   $1,060.00   $1,060.00",
        "Subtotal   $1,067.50",
        "Tax (6%)   $64.05",
        "TOTAL   $1,131.55",
    )
)
TEMPLATE: dict[str, Any] = {
    "template_name": "acme",
    "keywords": ["INVOICE", "Item"],
    "fields": {
        "number": r"Invoice No\. (\S+)",
        "date": r"Date (\S+)",
        "tax_rate": r"Tax \(([\d.]+%)\)",
        "amount": r"TOTAL\s+\$([\d.,]+)",
        "static_shipping": 0,
        "shipping": {"parser": "regex", "regex": r"Shipping\s+\$([\d.,]+)", "type": "float"},
        "lines": {
            "parser": "lines",
            "start": r"Item\s+Qty.*\n",
            "end": "Subtotal",
            "line": r"^(?P<description>\S.*?)\s{3,}(?P<quantity>\d+)\s+"
            r"\$(?P<unit_price>[\d.,]+)\s+\$(?P<total>[\d.,]+)$",
            "types": {"quantity": "float", "unit_price": "float", "total": "float"},
        },
    },
    "options": {"date_formats": ["%m/%d/%Y"]},
}
NULLABLE = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "number": NULLABLE,
        "date": NULLABLE,
        "customer": NULLABLE,
        "currency": NULLABLE,
        "tax_rate": NUMBER,
        "total": NUMBER,
        "shipping": NUMBER,
        "line_items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "description": NULLABLE,
                    "sku": NULLABLE,
                    "quantity": NUMBER,
                    "unit_price": NUMBER,
                    "amount": NUMBER,
                },
            },
        },
    },
}
FIELDS = {"total": "amount", "line_items": "lines", "line_items.amount": "total"}


def config(*templates: object, **changes: Any) -> dict[str, Any]:
    engine = {"kind": "templates", "templates": list(templates), "fields": FIELDS}
    return {"schema": SCHEMA, "engine": engine, **changes}


YAML = "keywords: [a]\nfields: {n: b}\n"
# Each line stands for ten times the line before: 10 billion texts in half a kilobyte.
BOMB = "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n" + "".join(
    f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


def one_field(field: object, **more: Any) -> dict[str, Any]:
    return {"template_name": "broken", "keywords": ["INVOICE"], "fields": {"x": field}, **more}


def test_a_fitting_template_fills_the_schema() -> None:
    assert extract([INVOICE], config(TEMPLATE)).value == {
        "number": "F-4711",
        "date": "2026-03-04",
        "customer": None,
        "currency": None,
        "tax_rate": 0.06,
        "total": 1131.55,
        "shipping": 0,
        "line_items": [
            {
                "description": "Bolts, pack of 3",
                "sku": None,
                "quantity": 3.0,
                "unit_price": 2.5,
                "amount": 7.5,
            },
            {
                "description": "Saw",
                "sku": None,
                "quantity": 1.0,
                "unit_price": 1060.0,
                "amount": 1060.0,
            },
        ],
    }


def test_evidence_names_page_and_place_of_what_was_printed() -> None:
    evidence = extract([INVOICE], config(TEMPLATE)).evidence
    number = evidence["number"]
    assert (number.page, number.text, number.confidence) == (1, "F-4711", 1.0)
    words = {word.text: word.box for word in INVOICE.pages[0].words}
    assert number.box == words["F-4711"]
    assert evidence["tax_rate"].box == words["(6%)"]
    assert "shipping" not in evidence
    assert "customer" not in evidence


def test_evidence_of_equal_texts_in_a_row_are_different_places() -> None:
    evidence = extract([INVOICE], config(TEMPLATE)).evidence
    row = {name: evidence[f"line_items[1].{name}"].box for name in ("unit_price", "amount")}
    assert row["unit_price"] is not None
    assert row["amount"] is not None
    assert row["unit_price"].x1 < row["amount"].x0
    quantity = evidence["line_items[0].quantity"].box
    description = evidence["line_items[0].description"].box
    assert quantity is not None
    assert description is not None
    assert quantity.x0 > description.x1


def test_without_a_fitting_template_all_is_null() -> None:
    found = extract([document(page("A letter"))], config(TEMPLATE))
    assert found.value == dict.fromkeys(SCHEMA["properties"]) | {"line_items": []}
    assert found.evidence == {}


def test_the_schema_default_applies_to_what_a_fitting_template_did_not_find() -> None:
    schema = {"type": "object", "properties": {"discount": {**NUMBER, "default": 0}}}
    assert extract([INVOICE], config(TEMPLATE, schema=schema)).value == {"discount": 0}
    assert extract([document(page("x"))], config(TEMPLATE, schema=schema)).value == {
        "discount": None
    }


def test_without_a_schema_everything_found_is_returned_under_its_own_name() -> None:
    value = extract([INVOICE], config(TEMPLATE, schema=None)).value
    assert value["number"] == "F-4711"
    assert value["amount"] == 1131.55
    assert value["lines"][1]["total"] == 1060.0
    assert "currency" not in value


def test_templates_of_higher_priority_go_first() -> None:
    weak = {**TEMPLATE, "fields": {"number": "(INVOICE)"}, "priority": 1}
    strong = {**TEMPLATE, "priority": 9}
    assert extract([INVOICE], config(weak, strong)).value["number"] == "F-4711"


def test_a_template_whose_required_fields_are_missing_gives_way() -> None:
    strict = one_field(r"Customer (\S+)", required_fields=["x"])
    assert extract([INVOICE], config(strict, TEMPLATE)).value["number"] == "F-4711"


def test_the_first_file_a_template_fits_is_read() -> None:
    found = extract([document(page("cover sheet")), INVOICE], config(TEMPLATE))
    assert found.value["number"] == "F-4711"
    assert found.evidence["number"].file == 1


def test_an_area_limits_a_field_to_a_part_of_the_page() -> None:
    area = {"f": 1, "l": 1, "r": 72, "x": 0, "y": 30, "W": 100, "H": 100}
    left = one_field({"parser": "regex", "regex": r"\A(.*)", "area": area})
    schema = {"type": "object", "properties": {"x": NULLABLE}}
    assert extract([INVOICE], config(left, schema=schema)).value == {"x": "Acme Ltd"}


def test_nested_objects_and_currencies_are_filled_from_flat_fields() -> None:
    flat = {
        "keywords": ["INVOICE"],
        "fields": {
            "vendor_name": r"(\w+ Ltd)",
            "total": {"parser": "regex", "regex": r"TOTAL\s+\$([\d.,]+)", "type": "float"},
        },
        "options": {"currency": "USD"},
    }
    schema = {
        "type": "object",
        "properties": {
            "vendor": {"type": "object", "properties": {"name": NULLABLE, "city": NULLABLE}},
            "total": {"type": "object", "extend:type": "currency"},
        },
    }
    found = extract([INVOICE], config(flat, schema=schema))
    assert found.value == {
        "vendor": {"name": "Acme Ltd", "city": None},
        "total": {"amount": 1131.55, "iso_4217_currency_code": "USD"},
    }
    assert found.evidence["vendor.name"].text == "Acme Ltd"


def test_text_that_is_no_number_is_an_error_that_names_the_template() -> None:
    broken = one_field({"parser": "regex", "regex": "(Acme)", "type": "float"})
    with pytest.raises(DocumentUnreadable, match=r"'broken' fits 'file\.pdf'"):
        extract([INVOICE], config(broken))


def test_freezing_writes_every_template_out_in_full() -> None:
    text = json.dumps(TEMPLATE)  # JSON is YAML
    frozen = freeze(config(text, "com.amazon.aws"))
    inline, shipped = frozen["engine"]["templates"]
    assert inline == TEMPLATE
    assert shipped["template_name"] == "com.amazon.aws.yml"
    assert shipped["fields"]
    assert freeze(frozen) == frozen
    assert frozen["schema"] == SCHEMA


def test_freezing_and_extracting_leave_the_config_alone() -> None:
    given_config = config(TEMPLATE)
    before = json.dumps(given_config)
    freeze(given_config)
    extract([INVOICE], given_config)
    assert json.dumps(given_config) == before


def test_a_frozen_config_extracts_the_same() -> None:
    given_config = config(json.dumps(TEMPLATE))
    assert extract([INVOICE], freeze(given_config)) == extract([INVOICE], given_config)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("no.such.template", "no template named 'no.such.template'"),
        ("a: [", "not valid YAML"),
        (7, "must be a template object"),
        ({"fields": {"x": "y"}}, "'keywords'"),
        ({"keywords": [""], "fields": {"x": "y"}}, "'keywords'"),
        ({"keywords": ["a"]}, "'fields'"),
        (one_field("(", options={"decimal_separator": ","}), "not a regular expression"),
        (one_field("(a)(b)"), "one group only"),
        (one_field("(a+)+b"), "take forever"),
        (one_field(r"(?:\d*)*x"), "take forever"),
        (one_field({"regex": "a"}), "'parser' must be one of"),
        (one_field({"parser": "regex"}), "must be a regular expression"),
        (one_field({"parser": "regex", "regex": "a", "type": "money"}), "type 'money'"),
        (one_field({"parser": "lines", "start": "a", "line": "b"}), "'end' is missing"),
        (one_field({"parser": "static"}), "needs a 'value'"),
        (one_field("a", options={"decimal_separator": "comma"}), "one character"),
        (one_field("a", priority="high"), "'priority' must be a number"),
        (one_field("a{99999999999999999999}"), "not a regular expression"),
        (one_field("(" * 3000 + ")" * 3000), "not a regular expression"),
        (one_field({"parser": {}}), "'parser' must be one of"),
        (one_field({"parser": "regex", "regex": "a", "type": {}}), "type '{}'"),
        (one_field({"parser": "lines", "rules": [5]}), "must be an object"),
        (one_field({"parser": "lines", "rules": None}), "must be an object"),
        (
            one_field({"parser": "lines", "start": "a", "end": "b", "line": "c", "types": []}),
            "'types' must be an object",
        ),
        (f"{YAML}x: &x [*x]\n", "unfolds to more"),
        (f"{YAML}x: {'[' * 100}{']' * 100}\n", "unfolds to more"),
        (f"{YAML}x: {'[' * 3000}", "nested too deep"),
        (f"{YAML}x: 2020-99-99\n", "not valid YAML"),
        (f"{YAML}x: {'9' * 5000}\n", "not valid YAML"),
        (f'{YAML}x: "\\ud800"\n', "not valid YAML"),
        (f"{YAML}{BOMB}", "unfolds to more"),
    ],
)
def test_a_broken_template_is_refused_with_its_place_and_reason(
    template: object, said: str
) -> None:
    with pytest.raises(InvalidConfig) as caught:
        freeze(config(TEMPLATE, template))
    assert said in caught.value.message
    assert caught.value.field == "engine.templates[1]"
    assert "engine.templates[1]" in caught.value.message


@pytest.mark.parametrize(
    "broken",
    [
        {"exclude_keywords": 5},
        {"options": {"replace": [["(", "x"]]}},
        {"fields": {"n": {"parser": "regex", "regex": "(A)", "area": {"r": 0, "W": 1}}}},
    ],
)
def test_an_option_the_library_stumbles_over_is_an_error_that_names_the_template(
    broken: dict[str, Any],
) -> None:
    with pytest.raises(DocumentUnreadable, match="template 'acme'"):
        extract([INVOICE], config({**TEMPLATE, **broken}))


@pytest.mark.parametrize(
    ("engine", "field"),
    [
        (None, "engine"),
        ({}, "engine.templates"),
        ({"templates": []}, "engine.templates"),
        ({"templates": [TEMPLATE], "fields": {"a": 1}}, "engine.fields"),
        ({"templates": ["keywords: [a]\n"] * 20_000}, "engine.templates"),
    ],
)
def test_an_engine_without_templates_is_refused(engine: object, field: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        extract([INVOICE], {"engine": engine})
    assert caught.value.field == field


AMOUNTS = st.decimals(min_value=0, max_value=9_999_999, places=2)


@given(AMOUNTS)
@settings(max_examples=40, deadline=None)
def test_amounts_are_read_in_the_print_of_the_template(amount: Any) -> None:
    printed = f"{amount:,}".translate(str.maketrans(",.", ".,"))
    template = {
        "keywords": ["Summe"],
        "fields": {"x": r"Summe (\S+)"},
        "options": {"decimal_separator": ","},
    }
    schema = {"type": "object", "properties": {"x": NUMBER}}
    found = extract([_text(f"Summe {printed} EUR")], config(template, schema=schema))
    assert found.value["x"] == pytest.approx(float(amount))


@given(st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_text_gives_every_property_of_the_schema(text: str) -> None:
    found = extract([_text(f"INVOICE Item {text}")], config(TEMPLATE))
    assert found.value.keys() == SCHEMA["properties"].keys()


def _text(text: str) -> Document:
    return document(page(text))
