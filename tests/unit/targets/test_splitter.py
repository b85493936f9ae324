from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.targets.printed import document, page

from evaluand.domain.documents import Page, Split
from evaluand.errors import InvalidConfig
from evaluand.targets.documents.splits.breaks import ClassView, clues_between
from evaluand.targets.documents.splits.clues import clues_of
from evaluand.targets.documents.splits.identifiers import find_identifier, identifier_tokens
from evaluand.targets.documents.splits.splitter import split
from evaluand.targets.documents.text.lines import lines_of

CONFIG = {
    "splitClassifications": [
        {
            "id": "inv",
            "type": "invoice",
            "description": "a request for payment",
            "identifierKey": "invoice_number",
        },
        {"id": "con", "type": "contract", "description": "an agreement between parties"},
        {"id": "let", "type": "letter", "description": "a letter in prose"},
        {"id": "oth", "type": "other", "description": "none of the other classes"},
    ]
}

FILLER = tuple(f"Item {number}   of the usual sort   {number}.00" for number in range(30))
INVOICE_1 = page("INVOICE", "Invoice No. F-4711", "Bill to: A Ltd", *FILLER, large=(0,))
INVOICE_2 = page("Invoice F-4711 (continued)", *FILLER[:5], "Amount due 400.00")
LETTER = page("Jane Roe", "Dear John,", "I am writing about the open day.", "Yours sincerely,")


def spans(parts: tuple[Split, ...]) -> list[tuple[str, int, int]]:
    return [(part.classification_id, part.start_page, part.end_page) for part in parts]


def test_parts_are_found_and_named() -> None:
    parts = split([document(INVOICE_1, INVOICE_2, LETTER)], CONFIG)
    assert spans(parts) == [("inv", 1, 2), ("let", 3, 3)]
    assert [part.type for part in parts] == ["invoice", "letter"]
    assert parts[0].identifier == "F-4711"
    assert parts[0].observation == "the file begins"
    assert "salutation" in parts[1].observation


def test_two_documents_of_one_class_are_parted_by_their_numbers() -> None:
    second = page("INVOICE", "Invoice No. F-9000", "Bill to: A Ltd", *FILLER, large=(0,))
    parts = split([document(INVOICE_1, second)], CONFIG)
    assert spans(parts) == [("inv", 1, 1), ("inv", 2, 2)]
    assert [part.identifier for part in parts] == ["F-4711", "F-9000"]


@pytest.mark.parametrize(
    "feet",
    [
        ("Page 1 of 2", "Page 2 of 2", "Page 1 of 1"),
        ("Seite 1", "Seite 2", "Seite 1"),
        ("1/2", "2/2", "1/1"),
        ("Sheet 1", "Sheet 2", "Sheet 1"),
    ],
)
def test_printed_page_numbers_keep_a_document_together(feet: tuple[str, str, str]) -> None:
    pages = [page("Some text about nothing.", *FILLER[:8], foot=foot) for foot in feet]
    assert [(p.start_page, p.end_page) for p in split([document(*pages)], CONFIG)] == [
        (1, 2),
        (3, 3),
    ]


def test_numbered_clauses_that_go_on_are_one_contract() -> None:
    first = page("SERVICE AGREEMENT", "The parties agree:", "1. Term", "2. Price", large=(0,))
    second = page("3. Liability", "The supplier shall be liable.", "4. Governing law")
    assert spans(split([document(first, second)], CONFIG)) == [("con", 1, 2)]


def test_a_change_of_paper_and_kind_is_a_break() -> None:
    receipt_sized = dataclasses.replace(LETTER, width=220.0)
    parts = split([document(INVOICE_1, INVOICE_2, receipt_sized, INVOICE_1)], CONFIG)
    assert spans(parts) == [("inv", 1, 2), ("let", 3, 3), ("inv", 4, 4)]


def test_a_new_file_begins_a_new_part_and_pages_count_on() -> None:
    parts = split([document(INVOICE_1), document(INVOICE_2), document(LETTER)], CONFIG)
    assert [(part.start_page, part.end_page) for part in parts] == [(1, 1), (2, 2), (3, 3)]


def test_nothing_has_no_parts() -> None:
    assert split([], CONFIG) == ()
    assert split([document()], CONFIG) == ()


@given(st.lists(st.sampled_from([INVOICE_1, INVOICE_2, LETTER, page("")]), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_parts_are_contiguous_and_cover_every_page(pages: list[Page]) -> None:
    parts = split([document(*pages)], CONFIG)
    covered = [n for part in parts for n in range(part.start_page, part.end_page + 1)]
    assert covered == list(range(1, len(pages) + 1))


@pytest.mark.parametrize("config", [{}, {"splitClassifications": [{"type": "invoice"}]}])
def test_a_config_without_usable_classes_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(InvalidConfig, match="splitClassifications"):
        split([document(LETTER)], config)


@pytest.mark.parametrize(
    ("foot", "number", "total"),
    [
        ("Page 2 of 3", 2, 3),
        ("AG-965 - Page 1 of 2", 1, 2),
        ("Seite 2 von 4", 2, 4),
        ("Página 3 de 9", 3, 9),
        ("- 7 -", 7, None),
        ("2 / 5", 2, 5),
        ("Jane Roe - curriculum vitae - 1", 1, None),
        ("Registered in England 00815", None, None),
    ],
)
def test_page_numbers_are_read(foot: str, number: int | None, total: int | None) -> None:
    clues = clues_of(page("A title", "Some text.", foot=foot))
    assert (clues.number, clues.total) == (number, total)


def test_a_footer_is_the_same_when_only_its_page_number_differs() -> None:
    one = clues_of(page("Alpha text", foot="Annual accounts - page 1"))
    two = clues_of(page("Beta text", foot="Annual accounts - page 2"))
    assert one.running & two.running == {"annual accounts"}


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("No. F-49156", {"F-49156"}),
        ("Account   7583 7974", {"7583 7974"}),
        ("Invoice ref. 2025/115", {"2025/115"}),
        ("on 2025-08-21 or 03/12/2026", set()),
        ("Total $1,208.90", set()),
        ("418 Tamarack Ave, Dayton, OH 45402", set()),
        ("Olive oil 500ml", set()),
        ("write to a123@mail.example", set()),
    ],
)
def test_identifiers_are_told_from_dates_amounts_and_addresses(text: str, tokens: set[str]) -> None:
    assert identifier_tokens(lines_of(page(text))) == tokens


def test_the_number_behind_the_words_of_the_key_is_the_identifier() -> None:
    lines = lines_of(page("Customer No. K-10001", "Invoice F-20002", "Order No. B-30003"))
    assert find_identifier([lines], "invoice_number") == "F-20002"


def test_without_a_number_there_is_no_identifier() -> None:
    assert find_identifier([lines_of(LETTER)], None) is None
    assert find_identifier([], None) is None


def _slip(day: int) -> Page:
    return page(
        "QuayPark",
        "Harbour Street 12",
        f"Entry 0{day}.05.2025",
        "Approved",
        f"Ticket {day}",
    )


def test_a_form_filled_in_again_begins_a_document() -> None:
    before, again = clues_of(_slip(1)), clues_of(_slip(2))
    view = ClassView(title=0.0, sure_class=None)
    reasons = [clue.reason for clue in clues_between(before, again, view, view)]
    assert "the same form begins again" in reasons
    assert "header or footer are the same" not in reasons


def test_a_letterhead_on_every_page_is_no_form_filled_in_again() -> None:
    head = ("QuayPark", "Harbour Street 12", "Telephone 0800 5511", "Account 4711")
    before, after = (
        clues_of(page(*head, *(f"{word} number {n}" for n in range(12)))) for word in ("One", "Two")
    )
    view = ClassView(title=0.0, sure_class=None)
    reasons = [clue.reason for clue in clues_between(before, after, view, view)]
    assert "the same form begins again" not in reasons
    assert "header or footer are the same" in reasons
