from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.documents.layout import (
    Placed,
    by_direction,
    group_lines,
    lay_out,
    lay_out_blocks,
    place,
    place_on_baseline,
)
from evaluand.domain.documents import Box

SIZE = 10.0
# Letters of equal width, as wide as those of Helvetica on average.
LETTER = 5.0


def word(text: str, x: float, baseline: float, *, size: float = SIZE) -> Placed:
    width = len(text) * LETTER * size / SIZE
    box = Box(x, baseline - size, x + width, baseline)
    return place_on_baseline(text, box, foot=(x, baseline), size=size, quarter=0)


def phrase(text: str, x: float, baseline: float) -> list[Placed]:
    """Words one blank apart."""
    words = []
    for part in text.split():
        words.append(word(part, x, baseline))
        x += (len(part) + 0.5) * LETTER
    return words


def test_words_of_a_phrase_are_one_blank_apart() -> None:
    assert lay_out(phrase("Gel pens, black", 50, 100))[0] == "Gel pens, black"


def test_columns_are_at_least_two_blanks_apart_and_stand_one_below_the_other() -> None:
    rows = [("Gel pens", "5", "42.20"), ("Toner cartridge", "12", "130.01")]
    words = [
        placed
        for line, row in enumerate(rows)
        for column, cell in enumerate(row)
        for placed in phrase(cell, 50 + 150 * column, 100 + 14 * line)
    ]
    first, second = lay_out(words)[0].splitlines()
    assert first.split("  ")[0] == "Gel pens"
    assert first.index("5") == second.index("12")
    assert first.index("42.20") == second.index("130.01")


def test_a_smaller_label_stands_on_the_line_of_its_value() -> None:
    text, _ = lay_out([word("Total", 50, 100, size=7), word("408.49", 300, 101.5, size=10)])
    assert text.split() == ["Total", "408.49"]
    assert "\n" not in text


def test_a_large_title_does_not_swallow_the_lines_beside_it() -> None:
    lines = [word(name, 50, 90 + 12 * i) for i, name in enumerate(["Street", "Town", "Country"])]
    grouped = group_lines([word("INVOICE", 400, 102, size=30), *lines])
    assert [[w.text for w in line] for line in grouped] == [
        ["Street"],
        ["Town", "INVOICE"],
        ["Country"],
    ]


def test_wide_gaps_between_lines_become_an_empty_line() -> None:
    assert lay_out([word("above", 50, 100), word("below", 50, 140)])[0] == "above\n\nbelow"


def test_a_page_without_words_is_empty() -> None:
    assert lay_out([]) == ("", ())
    assert lay_out_blocks([]) == ("", ())


def test_words_come_in_the_order_they_are_read() -> None:
    _, words = lay_out([word("c", 50, 120), word("b", 90, 100), word("a", 50, 100)])
    assert [w.text for w in words] == ["a", "b", "c"]


def test_tiny_letters_do_not_make_endless_lines() -> None:
    text, _ = lay_out([word("a", 0, 10, size=0.01), word("b", 10_000, 10, size=0.01)])
    assert len(text) < 300


def test_turned_text_reads_like_upright_text() -> None:
    upright = [word("Item", 50, 100), word("Amount", 300, 100), word("Pens", 50, 114)]
    expected, _ = lay_out(upright)
    for quarter in range(4):
        turn = quarter * math.pi / 2
        turned = []
        for w in upright:
            begin, end = rotated((w.x0, w.baseline), turn), rotated((w.x1, w.baseline), turn)
            turned.append(place(w.text, w.box, begin=begin, end=end, size=w.size, angle=turn))
        assert lay_out(turned)[0] == expected


def rotated(point: tuple[float, float], turn: float) -> tuple[float, float]:
    x, y = point
    return x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)


def test_boxes_are_as_high_as_the_letters_whatever_the_font_says() -> None:
    placed = place_on_baseline("x", Box(10, 0, 20, 500), foot=(10, 100), size=10, quarter=0)
    assert placed.box == pytest.approx(Box(10, 92.1, 20, 102.1))
    turned = place_on_baseline("x", Box(0, 10, 500, 20), foot=(100, 10), size=10, quarter=1)
    assert turned.box == pytest.approx(Box(97.9, 10, 107.9, 20))


def test_the_direction_of_most_letters_comes_first() -> None:
    blocks = by_direction([(1, word("margin", 5, 5)), (0, word("the whole letter", 50, 100))])
    assert [block[0].text for block in blocks] == ["the whole letter", "margin"]


coordinates = st.floats(min_value=0, max_value=2000)
words = st.lists(
    st.builds(
        lambda text, x, y, size: word(text, x, y, size=size),
        st.text(alphabet="abcXYZ019.,-", min_size=1, max_size=12),
        coordinates,
        coordinates,
        st.floats(min_value=0.5, max_value=200),
    ),
    max_size=30,
)


@given(words)
def test_no_word_is_lost_and_none_is_glued_to_another(page: list[Placed]) -> None:
    text, ordered = lay_out(page)
    assert sorted(text.split()) == sorted(w.text for w in page)
    assert text.split() == [w.text for w in ordered]
