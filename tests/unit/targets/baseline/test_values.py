from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.targets.documents.baseline.values import (
    currency_in,
    decimal_separator,
    numbers_in,
    numeric,
    shares_in,
    truth_in,
)

# Grouping and decimal separators: American and Japanese, German, Swiss, French, Indian blanks.
STYLES = [(",", "."), (".", ","), ("'", "."), ("\u2019", "."), ("\u202f", ","), (" ", ",")]


@pytest.mark.parametrize(
    ("printed", "value", "currency"),
    [
        ("$1,234.50", 1234.5, "USD"),
        ("1.144,60 €", 1144.6, "EUR"),
        ("CHF 1\u2019234.50", 1234.5, "CHF"),
        ("SFr. 1'000.-", 1000.0, "CHF"),
        ("1 234,56 €", 1234.56, "EUR"),
        ("¥3,625", 3625.0, "JPY"),
        ("\uff14\uff0c\uff15\uff10\uff10円", 4500.0, "JPY"),
        ("INR 12,34,567.00", 1234567.0, "INR"),
        ("EUR -530.54", -530.54, "EUR"),
        ("-$5.00", -5.0, "USD"),
        ("5.00-", -5.0, None),
        ("(123.45)", -123.45, None),
        ("A$3,648.98", 3648.98, "AUD"),
        ("0.125", 0.125, None),
        ("5個", 5.0, None),
    ],
)
def test_numbers_are_read_as_printed(printed: str, value: float, currency: str | None) -> None:
    (number,) = numbers_in(printed)

    assert (number.value, number.currency) == (value, currency)
    assert printed[number.start : number.end] == printed.rstrip("個")


@pytest.mark.parametrize("text", ["78X", "DT-4471", "2025-03-01", "3.2.1", "19 %", "10:30", ""])
def test_parts_of_names_dates_and_shares_are_no_numbers(text: str) -> None:
    assert list(numbers_in(text)) == []


def test_the_usual_separator_settles_what_one_number_leaves_open() -> None:
    assert numeric("1,234", usual=".") == 1234.0
    assert numeric("1,234", usual=",") == 1.234
    assert numeric("1.234", usual=",") == 1234.0


@pytest.mark.parametrize(
    ("digits", "separator"), [("1,5", ","), ("1.234,5", ","), ("1,234,567", "."), ("0,125", ",")]
)
def test_clear_separators_need_no_custom(digits: str, separator: str) -> None:
    assert decimal_separator(digits, ".") == separator
    assert decimal_separator(digits, ",") == separator


@given(
    cents=st.integers(min_value=0, max_value=10**11),
    style=st.sampled_from(STYLES),
    usual=st.sampled_from(".,"),
)
def test_amounts_with_cents_survive_printing_in_every_style(
    cents: int, style: tuple[str, str], usual: str
) -> None:
    group, decimal = style
    whole, rest = divmod(cents, 100)
    printed = f"{whole:,}".replace(",", group) + f"{decimal}{rest:02d}"

    (number,) = numbers_in(printed, usual)

    assert number.value == float(f"{whole}.{rest:02d}")
    assert number.has_cents


@given(st.integers(min_value=0, max_value=10**9))
def test_whole_amounts_survive_with_a_currency_on_either_side(amount: int) -> None:
    for printed in (f"¥{amount:,}", f"{amount:,}円", f"JPY {amount}"):
        (number,) = numbers_in(printed)
        assert (number.value, number.currency) == (float(amount), "JPY")


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    for number in numbers_in(text):
        assert 0 <= number.start < number.end <= len(text)


@pytest.mark.parametrize(
    ("printed", "share"),
    [("VAT @ 20%", 0.2), ("zzgl. 19 % MwSt.", 0.19), ("7,7 %", 0.077), ("8.25%", 0.0825)],
)
def test_percentages_are_fractions(printed: str, share: float) -> None:
    (found,) = shares_in(printed)

    assert found.value == share


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("payable in US dollars", "USD"),
        ("TOTAL (JPY)", "JPY"),
        ("Fr. 20.-", "CHF"),
        ("CA$ 5", "CAD"),
        ("no money", None),
    ],
)
def test_currencies_are_named_in_several_ways(text: str, code: str | None) -> None:
    assert currency_in(text) == code


@pytest.mark.parametrize(
    ("text", "truth"), [("Yes", True), ("☒", True), ("Nein.", False), ("perhaps", None)]
)
def test_yes_and_no_have_many_faces(text: str, truth: bool | None) -> None:
    assert truth_in(text) is truth
