from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.targets.documents.baseline.dates import dates_in, numeric_orders

ALL = ("en", "de", "fr", "es", "it", "nl")
DAYS = st.dates(min_value=date(1975, 1, 1), max_value=date(2060, 12, 31))
GERMAN = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]


def _dates(text: str, *, day_first: bool = True) -> list[str]:
    return [found.value.isoformat() for found in dates_in(text, day_first=day_first, languages=ALL)]


@pytest.mark.parametrize(
    "printed",
    [
        "2025-03-12",
        "12.03.2025",
        "12.3.25",
        "12 March 2025",
        "12-Mar-2025",
        "March 12, 2025",
        "Mar 12th, 2025",
        "12. März 2025",
        "12 mars 2025",
        "12 de marzo de 2025",
        "12 marzo 2025",
        "12 maart 2025",
        "2025年3月12日",
        "令和7年3月12日",
        "12 Mar '25",
    ],
)
def test_dates_are_read_in_many_forms(printed: str) -> None:
    assert _dates(printed) == ["2025-03-12"]


def test_the_order_of_day_and_month_is_a_convention() -> None:
    assert _dates("04/05/2025") == ["2025-05-04"]
    assert _dates("04/05/2025", day_first=False) == ["2025-04-05"]


def test_points_are_never_american() -> None:
    assert _dates("04.05.2025", day_first=False) == ["2025-05-04"]


def test_an_impossible_month_turns_the_order_round() -> None:
    assert _dates("08/21/2025") == ["2025-08-21"]


@pytest.mark.parametrize("text", ["1,234.56", "Rev 3.2.1", "99/99/2025", "192.168.1.10", "May"])
def test_other_numbers_are_no_dates(text: str) -> None:
    assert _dates(text) == []


def test_several_dates_come_in_order_with_their_places() -> None:
    text = "Period 1 May 2025 to 31 May 2025"

    found = list(dates_in(text))

    assert [text[one.start : one.end] for one in found] == ["1 May 2025", "31 May 2025"]


def test_only_clear_dates_vote_on_the_order() -> None:
    assert list(numeric_orders("04/05/2025 21/05/2025 05/21/2025 2025-01-01")) == [True, False]


@given(DAYS)
def test_dates_survive_printing(day: date) -> None:
    german = f"{day.day}. {GERMAN[day.month - 1]} {day.year}"
    for printed in (
        day.isoformat(),
        f"{day:%d.%m.%Y}",
        f"{day:%d/%m/%Y}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%B} {day.day}, {day.year}",
        german,
    ):
        assert _dates(printed) == [day.isoformat()]
    assert _dates(f"{day:%m/%d/%Y}", day_first=False) == [day.isoformat()]


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    for found in dates_in(text, languages=ALL):
        assert 0 <= found.start < found.end <= len(text)
