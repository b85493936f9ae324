from __future__ import annotations

import math

import pytest

from evaluand.documents.layout import Point, by_direction, lay_out_blocks
from evaluand.documents.ocr import (
    RecognisedLine,
    certainty,
    in_reading_order,
    placed_words,
)

HEIGHT = 20.0


def line(text: str, x: float, y: float, *, slope: float = 0.0) -> RecognisedLine:
    """A line of letters 10 pixels wide whose upper left corner is at (x, y)."""
    dx, dy = math.cos(slope), math.sin(slope)
    length = 10 * len(text)

    def corner(along: float, across: float) -> Point:
        return x + along * dx - across * dy, y + along * dy + across * dx

    corners = corner(0, 0), corner(length, 0), corner(length, HEIGHT), corner(0, HEIGHT)
    return RecognisedLine(text=text, certainty=0.9, corners=corners)


def test_words_share_the_box_of_their_line_by_letters() -> None:
    (_, first), (_, second) = placed_words([line("Net total", 0, 0)], scale=2.0)
    assert (first.text, second.text) == ("Net", "total")
    assert (first.box.x0, first.box.x1) == pytest.approx((0, 15))
    assert (second.box.x0, second.box.x1) == pytest.approx((20, 45))
    assert (first.box.top, first.box.bottom) == pytest.approx((0, 10))


def test_the_same_word_twice_has_two_places() -> None:
    (_, first), (_, second) = placed_words([line("10 10", 0, 0)], scale=1.0)
    assert first.box.x1 < second.box.x0


def test_scale_turns_pixels_into_points() -> None:
    ((_, word),) = placed_words([line("x", 100, 200)], scale=200 / 72)
    assert word.box.x0 == pytest.approx(36)
    assert word.box.top == pytest.approx(72)


@pytest.mark.parametrize("degrees", [-4.0, -1.0, 0.0, 2.5, 4.0])
def test_skewed_rows_stay_rows(degrees: float) -> None:
    slope = math.radians(degrees)
    rows = [("Item", "Amount"), ("Pens", "42.20"), ("Toner", "130.01")]
    lines = [
        # On a skewed page, what stands 800 pixels to the right stands lower or higher too.
        line(text, 800 * column - 30 * row * slope, 30 * row + 800 * column * slope, slope=slope)
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    ]
    text, _ = lay_out_blocks(by_direction(placed_words(lines, scale=2.0)))
    assert [tuple(printed.split()) for printed in text.splitlines()] == rows


def test_tall_boxes_are_read_downwards() -> None:
    corners = [[10, 0], [30, 0], [30, 100], [10, 100]]
    assert in_reading_order(corners)[0] == (30, 0)
    turned = RecognisedLine(text="down", certainty=1, corners=in_reading_order(corners))
    assert turned.quarter == 1
    ((direction, word),) = placed_words([turned], scale=1.0)
    assert direction == 1
    assert word.box == pytest.approx((10, 0, 30, 100))


def test_flat_boxes_are_read_to_the_right() -> None:
    corners = [[0.0, 0.0], [100.0, 0.0], [100.0, 20.0], [0.0, 20.0]]
    assert in_reading_order(corners)[0] == (0, 0)


def test_certainty_counts_letters() -> None:
    sure = RecognisedLine(text="abc", certainty=1.0, corners=line("abc", 0, 0).corners)
    unsure = RecognisedLine(text="d", certainty=0.6, corners=line("d", 0, 0).corners)
    assert certainty([sure, unsure]) == pytest.approx(0.9)
    assert certainty([]) == 0.0


def test_a_page_without_lines_has_no_words() -> None:
    assert placed_words([], scale=1.0) == []
