"""Numbers, shares and money as documents print them, whatever the country.

A number is read in three steps: a pattern finds it with its sign and currency, a rule decides which
separator is the decimal one, price-parser turns it into a decimal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from evaluand.targets.documents.baseline.text import fold, narrow
from evaluand.targets.documents.baseline.vocabulary import vocabulary

_BLANKS = " \u00a0\u2009\u202f"
_APOSTROPHES = "'\u2019\u02bc`\u00b4"
_MINUS = "-\u2212\u2013"
_GROUPED = rf"\d{{1,3}}(?:[.,{_APOSTROPHES}{_BLANKS}]\d{{3}})+"
# What glues digits into a name. Ideographs do not: 5個 is five of something, 合計500 a total.
_WORD = r"A-Za-z0-9_À-ɏ"
# Indian grouping (12,34,567.00) has pairs before the last three digits.
_LAKH = r"\d{1,2}(?:,\d{2})+,\d{3}"
# Signs such as "Fr." or "Rs." are this short; "euros" and "yen" in prose are longer words.
_SHORT_SIGN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A printed number: its value, its currency if one stands beside it, and its place."""

    value: float
    start: int
    end: int
    digits: str
    currency: str | None = None

    @property
    def has_cents(self) -> bool:
        """Whether two decimals are printed, the usual look of money."""
        return bool(re.search(r"[.,]\d{2}$", self.digits))


@lru_cache(maxsize=1)
def _signs() -> dict[str, str]:
    """Currency signs and codes, folded, to ISO 4217 codes."""
    pairs = {fold(sign): code for code, signs in vocabulary().currencies.items() for sign in signs}
    return pairs | {fold(code): code for code in vocabulary().currencies}


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    printed = {sign for code, signs in vocabulary().currencies.items() for sign in (code, *signs)}
    ordered = sorted(printed, key=lambda sign: (-len(sign), sign))
    money = "|".join(_spelling(sign) for sign in ordered)
    return re.compile(
        rf"""(?P<open>\()?
        (?P<before>(?<![\w.])[{_MINUS}]\s?)?
        (?:(?<![^\W\d_])(?P<lead>{money})\.?\s{{0,3}})?
        (?P<inner>(?<![\w.])[{_MINUS}]\s?)?
        (?<![{_WORD}.,/:])(?<![{_WORD}][-_])
        (?P<digits>(?:{_LAKH}|{_GROUPED}|\d+)(?:[.,]\d{{1,6}})?)
        (?P<dashes>[.,][{_MINUS}—]{{1,2}})?
        (?:\s{{0,2}}(?P<trail>{money})(?![{_WORD}]))?
        (?!\s?[%‰])(?![{_WORD}]|[-/][{_WORD}]|[.,:{_APOSTROPHES}]\d)
        (?P<after>[{_MINUS}](?![\w\s]))?
        (?P<close>\))?""",
        re.VERBOSE,
    )


def _spelling(sign: str) -> str:
    """A pattern for a currency's sign. Codes and words come in any case; a short sign of letters
    does not, or feet (ft) would be forints (Ft)."""
    exact = len(sign) <= _SHORT_SIGN and sign not in vocabulary().currencies
    return re.escape(sign) if exact else f"(?i:{re.escape(sign)})"


def decimal_separator(digits: str, usual: str) -> str:
    """Which of ``.`` and ``,`` is the decimal separator in ``digits``.

    ``usual`` settles the one open case: a single separator with three digits behind it (1,234).
    """
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return usual
    sign = digits[last]
    other = "," if sign == "." else "."
    if digits.count(sign) > 1:
        return other
    if other in digits or any(mark in digits for mark in _APOSTROPHES + _BLANKS):
        return sign
    behind = len(digits) - last - 1
    if behind != 3 or digits.startswith("0"):
        return sign
    return usual


def numeric(digits: str, usual: str = ".") -> float:
    """The value of printed ``digits``, thousands separators of any kind allowed."""
    from price_parser.parser import parse_number

    separator = decimal_separator(digits, usual)
    bare = re.sub(rf"[{_APOSTROPHES}{_BLANKS}]", "", digits)
    value = parse_number(bare, decimal_separator=separator)
    return float(value) if value is not None else float(bare)


def numbers_in(text: str, usual: str = ".") -> Iterator[Number]:
    """Every number of ``text`` that is not part of a word, a date or a percentage."""
    for match in _pattern().finditer(narrow(text)):
        value = numeric(match["digits"], usual)
        enclosed = match["open"] and match["close"]
        if match["before"] or match["inner"] or match["after"] or enclosed:
            value = -value
        sign = match["lead"] or match["trail"]
        start = match.start() + (1 if match["open"] and not enclosed else 0)
        yield Number(
            value=value,
            start=start,
            end=match.end() - (1 if match["close"] and not enclosed else 0),
            digits=match["digits"],
            currency=_signs().get(fold(sign)) if sign else None,
        )


_SHARE = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:[.,]\d{1,4})?)\s?(?:%|\uff05|(?:percent|per cent|Prozent)\b)"
)


def shares_in(text: str) -> Iterator[Number]:
    """Percentages as fractions: ``7,7 %`` is 0.077."""
    for match in _SHARE.finditer(narrow(text)):
        digits = match[1]
        # Percentages have no thousands, so whatever separator there is marks decimals.
        value = round(float(digits.replace(",", ".")) / 100, 10)
        yield Number(value=value, start=match.start(), end=match.end(), digits=digits)


def currency_in(text: str) -> str | None:
    """The currency a text names first, by code, sign or word."""
    found = _currency_pattern().search(narrow(text))
    return _signs().get(fold(found.group())) if found else None


@lru_cache(maxsize=1)
def _currency_pattern() -> re.Pattern[str]:
    codes = "|".join(rf"\b{code}\b" for code in vocabulary().currencies)
    signs = [
        rf"(?<![^\W\d_]){re.escape(sign)}(?![^\W\d_])"
        for sign in sorted(
            (sign for signs in vocabulary().currencies.values() for sign in signs),
            key=lambda sign: (-len(sign), sign),
        )
    ]
    return re.compile("|".join([codes, *signs]))


def truth_in(text: str) -> bool | None:
    """Yes or no, as a word or a ticked box; None when the text is neither."""
    word = fold(text).strip(" .:")
    if word in vocabulary().yes:
        return True
    return False if word in vocabulary().no else None
