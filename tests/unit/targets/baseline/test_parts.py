from __future__ import annotations

import pytest
from tests.unit.targets.baseline.paper import INVOICE, Columns, Paper

from evaluand.targets.documents.baseline.alignment import aligned
from evaluand.targets.documents.baseline.extractor import extract
from evaluand.targets.documents.baseline.fields import query
from evaluand.targets.documents.baseline.headers import best_header
from evaluand.targets.documents.baseline.labels import Lexicon, in_text, occurrences
from evaluand.targets.documents.baseline.layout import sheet
from evaluand.targets.documents.baseline.names import bare_name, is_address, is_name, is_return_line
from evaluand.targets.documents.baseline.readings import code_in
from evaluand.targets.documents.baseline.schema import Leaf, leaves
from evaluand.targets.documents.baseline.totals import is_summary
from evaluand.targets.documents.baseline.values import numbers_in
from evaluand.targets.documents.baseline.vocabulary import vocabulary

COLUMNS: Columns = [(40, "left"), (100, "left"), (380, "right"), (460, "right"), (550, "right")]


def _labels(text: str) -> list[tuple[str, list[str]]]:
    asked = [query(leaf, vocabulary().concepts) for leaf in leaves(INVOICE) if not leaf.columns]
    lexicon = Lexicon.of(asked, vocabulary().concepts)
    return [
        (
            text[span.start : span.end],
            [asked[number].leaf.path for number, worth in span.worth.items() if worth > 0.7],
        )
        for span in in_text(text, lexicon)
    ]


def test_the_longest_label_wins() -> None:
    assert _labels("Invoice date") == [("Invoice date", ["issue_date"])]
    assert _labels("Due date") == [("Due date", ["due_date"])]
    assert _labels("Sub-total") == [("Sub-total", ["subtotal"])]


def test_labels_nobody_asked_for_still_claim_their_words() -> None:
    assert _labels("Delivery date") == [("Delivery date", [])]


def test_misread_labels_are_recognised_at_the_start_of_a_text() -> None:
    assert _labels("Invo1ce number") != _labels("Invoice number")
    assert _labels("lnvoice number: 5") == [("lnvoice number", ["invoice_number"])]


def test_qualifiers_and_number_words_belong_to_the_label() -> None:
    assert _labels("Client PO") == [("Client PO", ["purchase_order"])]
    assert _labels("Purchase order nr. 5") == [("Purchase order nr", ["purchase_order"])]


def test_codes_are_no_labels() -> None:
    assert _labels("PO-71416") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("INV-2025-1037", "INV-2025-1037"),
        ("DE 815 402 377", "DE 815 402 377"),
        ("NL 8591 40 277 B01", "NL 8591 40 277 B01"),
        ("L861515 (serum)", "L861515"),
        ("2025/115 dated today", "2025/115"),
        ("75 USD", "75"),
        ("a name", ""),
        ("Please quote", ""),
    ],
)
def test_codes_end_where_words_begin(text: str, code: str) -> None:
    assert code_in(text) == code


@pytest.mark.parametrize(
    "line",
    [
        ("Subtotal", "$12.00"),
        ("zzgl. 19 % MwSt.", "504,91 €"),
        ("Annual commitment discount", "-5.00"),
        ("Total (JPY)", "¥74,319"),
    ],
)
def test_sums_end_a_table(line: tuple[str, str]) -> None:
    paper = Paper().sums(100, 300, 550, line)

    assert is_summary(sheet(paper.page()).lines[0], 2)


def test_items_are_no_sums() -> None:
    paper = Paper().row(100, COLUMNS, "LBL-4", "Shipping labels, 4 x 6", "6", "$1.00", "$6.00")

    assert not is_summary(sheet(paper.page()).lines[0], 5)


def test_words_go_below_the_heads_they_stand_under() -> None:
    paper = Paper().row(100, COLUMNS, "Item", "Description", "Qty", "Price", "Amount")
    paper.row(120, COLUMNS, "LBL-4", "Labels, 4 x 6, roll of 500", "6", "$1.00", "$6.00")
    paper.row(140, COLUMNS, "", "Gel pens, pack of 12", "", "", "$8.00")
    page = sheet(paper.page())
    table = next(leaf for leaf in leaves(INVOICE) if leaf.columns)
    asked = [query(column, vocabulary().columns) for column in table.columns]
    head = best_header(page, Lexicon.of(asked, vocabulary().columns), asked)

    assert head is not None
    paths = [asked[c.query].leaf.path for c in head.columns if c.query is not None]
    assert paths == ["sku", "description", "quantity", "unit_price", "amount"]
    kinds = [None if c.query is None else asked[c.query].kind for c in head.columns]
    full, sparse = (aligned(line, head.columns, kinds) for line in page.lines[1:])
    assert [full[position].text for position in range(5)] == [
        "LBL-4",
        "Labels, 4 x 6, roll of 500",
        "6",
        "$1.00",
        "$6.00",
    ]
    assert {position: piece.text for position, piece in sparse.items()} == {
        1: "Gel pens, pack of 12",
        4: "$8.00",
    }


def test_heads_on_two_lines_are_one() -> None:
    paper = Paper().row(100, COLUMNS, "", "", "", "Unit", "Line")
    paper.row(111, COLUMNS, "Code", "Description", "Qty", "price", "total")
    page = sheet(paper.page())
    columns = tuple(
        Leaf(path=path, shape="scalar", type="number") for path in ("unit_price", "qty")
    )
    asked = [query(column, vocabulary().columns) for column in columns]

    head = best_header(page, Lexicon.of(asked, vocabulary().columns), asked)

    assert head is not None
    assert {c.query: c.box.x1 for c in head.columns if c.query is not None} == {1: 380, 0: 460}


@pytest.mark.parametrize("text", ["Acme Tools Ltd", "Dara Okafor", "株式会社みどり製作所"])
def test_names(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize(
    "text", ["Tax invoice", "Bill to:", "info@acme.example", "5 May 2025", "$5.00", "7", "Rechnung"]
)
def test_what_is_no_name(text: str) -> None:
    assert not is_name(text)


def test_addresses_have_words_and_digits() -> None:
    assert is_address("Hafenweg 3, 21079 Hamburg")
    assert not is_address("Hamburg")
    assert not is_address("5 May 2025")
    assert is_return_line("Acme GmbH · Hafenweg 3 · 21079 Hamburg", "Acme GmbH")
    assert not is_return_line("Acme GmbH", "Acme GmbH")


def test_names_lose_honorifics_and_addresses() -> None:
    assert bare_name("青空商事株式会社 御中") == "青空商事株式会社"
    assert bare_name("Acme Tools Ltd, 2 High Street") == "Acme Tools Ltd"
    assert bare_name("Smith, Jones & Partners") == "Smith, Jones & Partners"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Total CHF inkl. 8.1 % MWST", "total"),
        ("Total ex GST", "subtotal"),
        ("Fees before tax", "subtotal"),
        ("Subtotaal excl. btw", "subtotal"),
    ],
)
def test_remarks_on_tax_belong_to_their_label(text: str, meant: str) -> None:
    assert [fields for _, fields in _labels(text)] == [[meant]]


def test_what_a_buyer_orders_is_the_buyers_order() -> None:
    assert _labels("Buyer's Order No.") == [("Buyer's Order No", ["purchase_order"])]


def test_words_that_join_names_label_only_what_they_announce() -> None:
    def announcing(text: str) -> list[bool]:
        page = sheet(Paper().put(40, 40, text).page())
        lexicon = Lexicon.of([], vocabulary().concepts)
        return [found.announces for found in occurrences(page, lexicon) if found.start == 0]

    assert announcing("Van der Meulen Advies") == [False]
    assert announcing("Van: Meulen Advies") == [True]
    assert announcing("To Meulen Advies") == [True]


def _table(*rows: tuple[str, ...], heads: tuple[str, ...]) -> dict[str, list[object]]:
    """Columns of the table with ``heads`` and ``rows``, by name."""
    paper = Paper().row(40, COLUMNS, *heads)
    for number, row in enumerate(rows):
        paper.row(60 + 16 * number, COLUMNS, *row)
    value = extract([paper.document()], {"schema": INVOICE}).value
    return {name: [item[name] for item in value["line_items"]] for name in value["line_items"][0]}


def test_columns_without_known_heads_are_known_by_what_they_hold() -> None:
    found = _table(
        ("2025-02-11", "Cover design", "7.50", "104.00", "780.00"),
        ("2025-02-19", "Proofs", "2.00", "89.90", "179.80"),
        heads=("When", "What", "How many", "Each", "Sum"),
    )
    assert found["description"] == ["Cover design", "Proofs"]
    assert found["quantity"] == [7.5, 2.0]


def test_columns_that_do_not_multiply_are_left_alone() -> None:
    found = _table(
        ("A-1", "Cover design", "9", "104.00", "780.00"),
        ("A-2", "Proofs", "9", "89.90", "179.80"),
        heads=("Code", "What", "Drawer", "Each", "Sum"),
    )
    assert found["quantity"] == [None, None]


def test_a_row_that_repeats_the_sum_of_those_above_ends_the_items() -> None:
    found = _table(
        ("A-1", "Cover design", "2", "100.00", "200.00"),
        ("A-2", "Proofs", "3", "10.00", "30.00"),
        ("", "", "", "All work", "230.00"),
        heads=("Code", "Description", "Qty", "Price", "Amount"),
    )
    assert found["amount"] == [200.0, 30.0]


def test_amounts_without_a_known_label_follow_from_the_others() -> None:
    paper = Paper().row(40, COLUMNS, "Code", "Description", "Qty", "Price", "Amount")
    paper.row(60, COLUMNS, "A-1", "Cover design", "2", "100.00", "200.00")
    paper.row(76, COLUMNS, "A-2", "Proofs", "3", "10.00", "30.00")
    pairs = ("All work", "230.00"), ("Studio levy 20%", "46.00"), ("Grand total", "276.00")
    paper.sums(120, 380, 550, *pairs)
    value = extract([paper.document()], {"schema": INVOICE}).value
    assert [value[name] for name in ("subtotal", "tax_total", "tax_rate", "total")] == [
        *(230.0, 46.0, 0.2, 276.0)
    ]


@pytest.mark.parametrize(("text", "currency"), [("Hose, 50 ft", None), ("50 Ft", "HUF")])
def test_feet_are_no_forints(text: str, currency: str | None) -> None:
    assert [number.currency for number in numbers_in(text)] == [currency]
