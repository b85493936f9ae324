from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.documents import plain
from evaluand.documents.formats.csv import delimiter_of
from evaluand.documents.formats.html import visible_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_finds_out_the_encoding(encoding: str) -> None:
    assert plain.decode("Grüße für 5 €".encode(encoding)) == "Grüße für 5 €"


def test_big_endian_text_needs_its_mark() -> None:
    assert plain.decode(codecs.BOM_UTF16_BE + "Öl".encode("utf-16-be")) == "Öl"


@given(st.binary())
def test_any_bytes_become_text(data: bytes) -> None:
    plain.decode(data).encode("utf-8", errors="surrogatepass")


def test_tables_have_aligned_columns() -> None:
    table = plain.align([["Item", "Qty"], ["Gel pens,\nblack", "5"], ["Total"]])
    assert table == "Item             Qty\nGel pens, black  5\nTotal"


def test_long_cells_do_not_push_columns_away() -> None:
    first, second = plain.align([["x" * 200, "1"], ["y", "2"]]).splitlines()
    assert first.endswith("x  1")
    assert second.index("2") == plain.WIDEST_COLUMN + 2


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a,b\n1,2", ","),
        ("a;b\n1,5;2,5", ";"),
        ("a\tb\n1\t2", "\t"),
        ("Report\n\na|b\n1|2", "|"),
        ("one column", ","),
    ],
)
def test_the_delimiter_is_what_the_lines_agree_on(text: str, mark: str) -> None:
    assert delimiter_of(text) == mark


def test_html_shows_what_a_reader_sees() -> None:
    markup = """<!doctype html><html><head><title>Bill</title><style>p {}</style></head>
    <body><h1>Invoice</h1><p>No. <b>42</b> &amp; more</p><script>alert(1)</script>
    <table><tr><th>Item</th><th>Price</th></tr><tr><td>Gel
    pens</td><td>3 &euro;</td></tr></table></body></html>"""
    assert visible_text(markup).splitlines() == [
        "Bill",
        "Invoice",
        "No. 42 & more",
        "Item  Price",
        "Gel pens  3 €",
    ]


@pytest.mark.parametrize("markup", ["", "<", "</script>text", "<p>open", "a<b c<d"])
def test_broken_html_is_read_as_far_as_it_goes(markup: str) -> None:
    assert "<p>" not in visible_text(markup)


def test_a_stray_end_does_not_hide_text() -> None:
    assert visible_text("</style><p>seen</p>") == "seen"
