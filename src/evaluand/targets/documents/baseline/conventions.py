"""How a document writes: decimal separator, order of dates, languages, currency."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evaluand.targets.documents.baseline.dates import numeric_orders
from evaluand.targets.documents.baseline.layout import Sheet
from evaluand.targets.documents.baseline.text import fold
from evaluand.targets.documents.baseline.values import currency_in, numbers_in
from evaluand.targets.documents.baseline.vocabulary import vocabulary

# Amounts whose decimals cannot be mistaken for thousands: two digits behind the last separator.
_CENTS = re.compile(r"\d([.,])\d{2}(?![\d.,])")
# American state and ZIP code, the surest sign of an address in the United States.
_ZIP = re.compile(r"\b[A-Z]{2}\.? \d{5}(?:-\d{4})?\b")
# US Letter is 612 points wide; the papers of the rest of the world are not.
_LETTER_WIDTH = 612.0
_COMMA_LANGUAGES = frozenset({"de", "fr", "es", "it", "nl", "pt", "sv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """What to assume where a single value leaves it open."""

    decimal: str = "."
    day_first: bool = True
    languages: tuple[str, ...] = ("en",)
    currency: str | None = None


def conventions(pages: Sequence[Sheet]) -> Conventions:
    """The conventions a document shows by its unambiguous values, its words and its paper."""
    text = "\n".join(line.text for page in pages for line in page.lines)
    spoken = languages(text)
    currency = main_currency(text)
    return Conventions(
        decimal=_decimal(text, spoken),
        day_first=_day_first(text, spoken, currency, pages),
        languages=spoken,
        currency=currency,
    )


def languages(text: str) -> tuple[str, ...]:
    """Two-letter codes of the languages whose frequent words occur, the likeliest first."""
    words = Counter(re.findall(r"[^\W\d_]+", fold(text)))
    counts = {
        code: sum(words[word] for word in common)
        + (5 * len(re.findall(r"[\u3040-\u30ff]", text)) if code == "ja" else 0)
        for code, common in vocabulary().languages.items()
    }
    ranked = sorted(counts, key=lambda code: (-counts[code], code))
    # Any word counts: a rare language's month name must still be readable.
    return tuple(code for code in ranked if counts[code] > 0) or ("en",)


def main_currency(text: str) -> str | None:
    """The currency most amounts carry, or else the first one named anywhere."""
    beside = Counter(number.currency for number in numbers_in(text) if number.currency)
    named = {code for code in vocabulary().currencies if re.search(rf"\b{code}\b", text)}
    if not beside:
        return currency_in(text)
    best = max(beside, key=lambda code: (beside[code], code))
    # "$" and "¥" serve several currencies; a code printed anywhere says which one it is.
    others = sorted(named & _SHARED_SIGNS.get(best, frozenset()))
    return others[0] if others and best not in named else best


_SHARED_SIGNS = {
    "USD": frozenset({"CAD", "AUD", "NZD", "HKD", "SGD", "MXN"}),
    "JPY": frozenset({"CNY"}),
}


def _decimal(text: str, spoken: tuple[str, ...]) -> str:
    votes = Counter(match[1] for match in _CENTS.finditer(text))
    if votes["."] != votes[","]:
        return "." if votes["."] > votes[","] else ","
    return "," if spoken[0] in _COMMA_LANGUAGES else "."


def _day_first(
    text: str, spoken: tuple[str, ...], currency: str | None, pages: Sequence[Sheet]
) -> bool:
    orders = Counter(numeric_orders(text))
    if orders[True] != orders[False]:
        return orders[True] > orders[False]
    if spoken[0] != "en":
        return True
    american = bool(_ZIP.search(text)) or (
        currency == "USD" and any(abs(page.width - _LETTER_WIDTH) < 1 for page in pages)
    )
    return not american
