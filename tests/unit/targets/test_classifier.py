from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.targets.printed import document, page

from evaluand.domain.documents import Document, Page
from evaluand.errors import InvalidConfig
from evaluand.targets.documents.classes.classifier import classify
from evaluand.targets.documents.classes.kinds import kind_named, kinds
from evaluand.targets.documents.text.phrases import words_of, words_of_name

INVOICE = {"id": "c1", "type": "invoice", "description": "a request for payment"}
RECEIPT = {"id": "c2", "type": "receipt", "description": "proof of a payment made"}
LETTER = {"id": "c3", "type": "letter", "description": "a letter in prose"}
OTHER = {"id": "c9", "type": "other", "description": "none of the other classes"}
CONFIG = {"classifications": [INVOICE, RECEIPT, LETTER, OTHER]}

AN_INVOICE = document(
    page("INVOICE", "Invoice No. 4711", "Bill to: Somebody Ltd", "Amount due 12.00", large=(0,))
)
A_LETTER = document(
    page("Jane Roe", "Dear John,", "I am writing to thank you for the flowers.", "Yours sincerely,")
)


def test_a_title_decides() -> None:
    found = classify([AN_INVOICE], CONFIG)
    assert (found.id, found.type) == ("c1", "invoice")
    assert found.confidence > 0.7


def test_a_letter_is_known_by_its_phrases_without_a_title() -> None:
    assert classify([A_LETTER], CONFIG).type == "letter"


@pytest.mark.parametrize("title", ["RECHNUNG", "Facture", "R E C H N U N G", "Factura"])
def test_titles_in_other_languages_mean_the_same_class(title: str) -> None:
    printed = document(page("Muster GmbH", title, "12.03.2026", "Summe 12,00", large=(1,)))
    assert classify([printed], CONFIG).type == "invoice"


def test_the_mention_of_a_class_in_a_sentence_is_not_a_title() -> None:
    printed = document(
        page(
            "PURCHASE ORDER",
            "Deliver to our warehouse, required by next week.",
            "This is an order and please quote its number on the invoice that you will send us.",
            large=(0,),
        )
    )
    order = {"id": "c4", "type": "purchase_order", "description": "a buyer's order"}
    config = {"classifications": [INVOICE, order, OTHER]}
    assert classify([printed], config).type == "purchase_order"


def test_a_kind_that_is_no_class_goes_to_the_catch_all() -> None:
    recipe = document(page("Apple Pie", "Preheat the oven.", "Stir flour, butter and sugar."))
    assert classify([recipe], CONFIG).type == "other"


def test_a_document_without_any_evidence_goes_to_the_catch_all() -> None:
    assert classify([document(page("zzyx qwrt"))], CONFIG).type == "other"


def test_without_a_catch_all_the_nearest_class_is_taken() -> None:
    config = {"classifications": [INVOICE, LETTER]}
    assert classify([document(page("zzyx qwrt"))], config).type in {"invoice", "letter"}


def test_classes_nobody_has_heard_of_are_found_by_their_description() -> None:
    config = {
        "classifications": [
            {"id": "a", "type": "soil_sample", "description": "soil samples, clay and acidity"},
            {"id": "b", "type": "tide_log", "description": "heights of tides at a harbour"},
        ]
    }
    soil = document(page("Field 7", "clay 20, sand 30", "acidity of the soil samples: low"))
    tide = document(page("Harbour wall", "high tide 06:12, height 4.1 m", "low tide 12:30"))
    assert classify([soil], config).id == "a"
    assert classify([tide], config).id == "b"


def test_the_rules_add_to_the_description_of_the_type_they_name() -> None:
    classes = [
        {"id": "a", "type": "alpha", "description": ""},
        {"id": "b", "type": "beta", "description": ""},
    ]
    rules = "Everything about sheep and wool is alpha. Motor cars and engines are beta."
    config = {"classifications": classes, "classificationRules": rules}
    assert classify([document(page("engines of motor cars"))], config).id == "b"
    assert classify([document(page("wool of a sheep"))], config).id == "a"


def test_text_without_geometry_is_classified_too() -> None:
    plain = Page(number=1, width=0.0, height=0.0, text="INVOICE\nBill to: A\nAmount due: 5")
    found = classify([Document(name="a.txt", kind="TXT", pages=(plain,), paged=False)], CONFIG)
    assert found.type == "invoice"


def test_several_files_are_taken_as_one_document() -> None:
    blank = document(page(""))
    assert classify([blank, AN_INVOICE], CONFIG).type == "invoice"


def test_a_document_without_pages_is_no_error() -> None:
    assert classify([], CONFIG).type == "other"


@given(st.permutations([INVOICE, RECEIPT, LETTER, OTHER]))
@settings(max_examples=10, deadline=None)
def test_the_order_of_the_classes_does_not_matter(classes: list[dict[str, str]]) -> None:
    found = classify([AN_INVOICE], {"classifications": classes})
    assert found == classify([AN_INVOICE], CONFIG)


@given(st.lists(st.text(max_size=30), max_size=6))
@settings(max_examples=30, deadline=None)
def test_any_text_gets_one_of_the_classes_with_a_confidence(lines: list[str]) -> None:
    found = classify([document(page(*lines))], CONFIG)
    assert found.id in {"c1", "c2", "c3", "c9"}
    assert 0.25 <= found.confidence <= 1.0


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({}, "classifications"),
        ({"classifications": []}, "classifications"),
        ({"classifications": "invoice"}, "classifications"),
        ({"classifications": [INVOICE, {"id": "x"}]}, "classifications[1]"),
        ({"classifications": [{"id": " ", "type": "invoice"}]}, "classifications[0]"),
    ],
)
def test_a_config_without_usable_classes_is_refused(config: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        classify([AN_INVOICE], config)
    assert caught.value.field == field
    assert field in caught.value.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Purchase Orders: PO-4711", ["purchase", "order", "po"]),
        ("I N V O I C E 12", ["invoice"]),
        ("J. R. R. Tolkien", ["j", "r", "r", "tolkien"]),
        ("address of the boss", ["address", "of", "the", "boss"]),
        ("", []),
    ],
)
def test_words_are_what_can_be_compared(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize("name", ["purchase_order", "purchaseOrder", "PURCHASE-ORDER"])
def test_names_in_all_spellings_are_the_same_words(name: str) -> None:
    assert words_of_name(name) == ["purchase", "order"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("supplier_invoice", "invoice"),
        ("contract_invoice", "invoice"),
        ("credit note", "credit note"),
        ("Lebenslauf", "resume"),
        ("income_statement", "financial statement"),
        ("statement", "bank statement"),
    ],
)
def test_a_class_is_linked_to_the_kind_its_name_means(name: str, kind: str) -> None:
    found = kind_named(words_of_name(name))
    assert found is not None
    assert found.name == kind


def test_an_unknown_name_is_linked_to_nothing() -> None:
    assert kind_named(["soil", "sample"]) is None


def test_no_two_kinds_have_a_name_in_common() -> None:
    # A shared name would make the link depend on the order of the table.
    shared = {
        (one.name, two.name): one.names & two.names
        for one, two in itertools.combinations(kinds(), 2)
        if one.names & two.names
    }
    assert shared == {}


def test_kinds_without_a_class_count_as_the_wider_kind_they_are_a_case_of() -> None:
    bill = document(
        page(
            "Northmere Energy",
            "Your electricity bill",
            "Meter reading 48112",
            "812 kWh",
            "Tariff 2",
        )
    )
    utility = {"id": "c4", "type": "utility_bill", "description": "a bill for electricity"}
    assert classify([bill], CONFIG).type == "invoice"
    classes = {"classifications": [*CONFIG["classifications"], utility]}
    assert classify([bill], classes).type == "utility_bill"


def test_a_letter_is_known_by_the_lines_it_begins_and_ends_with() -> None:
    said = ("He worked for us with care and skill.", "We would gladly employ him again.")
    framed = document(page("To whom it may concern", *said, "Kind regards", "Petra Halvorsen"))
    assert classify([framed], CONFIG).type == "letter"
    assert classify([document(page(*said))], CONFIG).type == "other"
