from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.targets.baseline.paper import Paper, text_document

from evaluand.domain.documents import Box, Page, Word
from evaluand.targets.documents.baseline.conventions import conventions
from evaluand.targets.documents.baseline.layout import sheet, sheets, skew
from evaluand.targets.documents.baseline.text import fold, humanised, key, tokens


def test_words_that_stand_together_make_a_cell() -> None:
    paper = Paper().put(40, 100, "Invoice no.").put(200, 101, "A-17").put(40, 120, "Date")

    lines = sheet(paper.page()).lines

    assert [[cell.text for cell in line.cells] for line in lines] == [
        ["Invoice no.", "A-17"],
        ["Date"],
    ]


def test_a_part_of_a_cell_has_the_box_of_its_words() -> None:
    (line,) = sheet(Paper().put(40, 100, "Due May 7").page()).lines
    cell = line.cells[0]

    assert cell.part(4, 7).x0 == 40 + 15 + 3
    assert cell.part(0, 9) == cell.box


def test_plain_text_is_put_on_a_grid() -> None:
    (page,) = sheets([text_document("Name   Amount\n\nBolts\t5")])

    assert not page.placed
    assert [[cell.text for cell in line.cells] for line in page.lines] == [
        ["Name", "Amount"],
        ["Bolts", "5"],
    ]


@given(st.floats(min_value=-2.5, max_value=2.5))
def test_skew_is_found(degrees: float) -> None:
    slope = math.tan(math.radians(degrees))
    words = [
        Word(text="words", box=Box(x, y + slope * (x + 15), x + 30, y + slope * (x + 15) + 10))
        for y in range(100, 700, 18)
        for x in range(40, 540, 50)
    ]

    # The search goes in steps of a tenth of a degree.
    assert skew(words) == pytest.approx(slope, abs=math.radians(0.15))


@pytest.mark.parametrize(
    ("lines", "decimal", "day_first", "currency"),
    [
        (["Rechnung über 1.144,60 €", "Datum 04.05.2025"], ",", True, "EUR"),
        (["Invoice for $1,144.60", "Dayton, OH 45402"], ".", False, "USD"),
        (["Invoice for £5.00", "due 04/05/2025"], ".", True, "GBP"),
        (["Invoice dated 21/05/2025", "Dayton, OH 45402", "$5.00"], ".", True, "USD"),
        (["Invoice in CAD", "Total $5.00"], ".", True, "CAD"),
        (["nothing"], ".", True, None),
    ],
)
def test_documents_show_their_conventions(
    lines: list[str], decimal: str, day_first: bool, currency: str | None
) -> None:
    found = conventions(sheets([text_document("\n".join(lines))]))

    assert (found.decimal, found.day_first, found.currency) == (decimal, day_first, currency)


def test_american_paper_speaks_for_american_dates() -> None:
    pages = [Paper(width, 792).put(40, 40, "Total $5.00").page() for width in (612, 595)]

    assert [conventions([sheet(page)]).day_first for page in pages] == [False, True]


@pytest.mark.parametrize(
    ("printed", "canonical"),
    [
        ("P.O. Number:", "p o number"),
        ("Échéance", "echeance"),
        ("N° de facture", "no de facture"),
        ("Straße #", "strasse #"),
        ("請求番号:", "請求番号"),
        ("12/5", ""),
    ],
)
def test_labels_have_one_canonical_spelling(printed: str, canonical: str) -> None:
    assert key(printed) == canonical


@given(st.text(max_size=40))
def test_canonical_spelling_is_stable(text: str) -> None:
    assert key(key(text)) == key(text)
    assert all(text[one.start : one.end] for one in tokens(text))


def test_names_become_words() -> None:
    assert humanised("invoiceNumber") == "invoice number"
    assert humanised("vendor.tax_id") == "vendor tax id"
    assert fold("ÄÖß") == "aoss"


def test_pages_without_words_have_no_lines() -> None:
    assert sheet(Page(number=1, width=595, height=842, text="")).lines == ()
