"""A piece of text read as a kind of value: dates, money, codes, names and the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from evaluand.targets.documents.baseline.conventions import Conventions
from evaluand.targets.documents.baseline.dates import dates_in
from evaluand.targets.documents.baseline.fields import Query
from evaluand.targets.documents.baseline.names import bare_name, is_name
from evaluand.targets.documents.baseline.text import fold
from evaluand.targets.documents.baseline.values import (
    currency_in,
    numbers_in,
    shares_in,
    truth_in,
)
from evaluand.targets.documents.baseline.vocabulary import vocabulary

# What may stand between a label and its value.
_LEAD = re.compile(
    r"^[\s:.,;#=|\u2013\u2014>*°º-]+|^\s*\([^)]{0,30}\)[\s:.]*|^\s*/\s?[^\W\d_]+\.?\s*:"
)
# Letters with this many points of 100 in common name the same option.
_SAME_OPTION = 88
# Money nearly always shows its cents or its currency; a bare integer may be anything.
_BARE_MONEY = 0.75
_LONGEST_CODE_WORD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value, its place in the text read, and how well it fits its kind (0 to 1)."""

    value: Any
    start: int
    end: int
    fit: float = 1.0


def readings(
    query: Query, text: str, conventions: Conventions, *, whole: bool = False
) -> list[Reading]:
    """Every reading of ``text`` as what ``query`` asks for, from left to right.

    ``whole`` says that all of ``text`` is the value, as in a table's cell: codes then need not
    look like codes.
    """
    kind = query.kind
    if kind == "date":
        return list(_dates(text, conventions))
    if kind in ("money", "number"):
        return list(_numbers(query, text, conventions))
    if kind == "percent":
        return list(_shares(query, text, conventions))
    if kind == "boolean":
        return _whole(text, truth_in(trimmed(text)[0]))
    if kind == "enum":
        return _option(text, query.leaf.options)
    if kind == "currency":
        return _whole(text, currency_in(text))
    if whole and kind == "code":
        return _whole(text, trimmed(text)[0] or None)
    return _wording(query, text, conventions)


def trimmed(text: str) -> tuple[str, int]:
    """``text`` without the punctuation around it, and how many characters went before."""
    start = 0
    while match := _LEAD.match(text[start:]):
        start += match.end()
    return text[start:].rstrip(" ,;:|"), start


def _whole(text: str, value: Any) -> list[Reading]:
    if value is None:
        return []
    bare, start = trimmed(text)
    return [Reading(value=value, start=start, end=start + len(bare))]


def _dates(text: str, conventions: Conventions) -> Iterator[Reading]:
    found = dates_in(text, day_first=conventions.day_first, languages=conventions.languages)
    for date in found:
        yield Reading(value=date.value.isoformat(), start=date.start, end=date.end)


def _numbers(query: Query, text: str, conventions: Conventions) -> Iterator[Reading]:
    taken = [(date.start, date.end) for date in _dates(text, conventions)]
    magnitude = query.concept is not None and query.concept.magnitude
    for number in numbers_in(text, conventions.decimal):
        if any(start < number.end and number.start < end for start, end in taken):
            continue
        value = abs(number.value) if magnitude else number.value
        money = query.kind == "money"
        bare = money and not (number.currency or number.has_cents)
        yield Reading(
            value=_typed(
                query,
                value,
                number.currency or conventions.currency,
                text[number.start : number.end],
            ),
            start=number.start,
            end=number.end,
            fit=_BARE_MONEY if bare else 1.0,
        )


def _typed(query: Query, value: float, currency: str | None, printed: str) -> Any:
    if query.leaf.shape == "money":
        return {"amount": value, "iso_4217_currency_code": currency}
    if query.leaf.type == "string":
        return printed.strip()
    if query.leaf.type == "integer":
        return round(value)
    return value


def _shares(query: Query, text: str, conventions: Conventions) -> Iterator[Reading]:
    prose = fold(f"{query.leaf.words} {query.leaf.description}")
    # "19" is wanted where the author says percent and does not say fraction.
    percent = bool(re.search(r"\bpercent|%|\bprozent", prose)) and "fraction" not in prose
    for share in shares_in(text):
        value: Any = round(share.value * 100, 8) if percent else share.value
        if query.leaf.type == "string":
            value = text[share.start : share.end]
        yield Reading(value=value, start=share.start, end=share.end)


def _option(text: str, options: tuple[str, ...]) -> list[Reading]:
    bare, start = trimmed(text)
    said = fold(bare)
    best = max(options, key=lambda option: fuzz.WRatio(said, fold(option)), default=None)
    if best is None or fuzz.WRatio(said, fold(best)) < _SAME_OPTION:
        return []
    return [Reading(value=best, start=start, end=start + len(bare))]


def _wording(query: Query, text: str, conventions: Conventions) -> list[Reading]:
    bare, start = trimmed(text)
    if query.kind == "code":
        bare = code_in(bare)
        if not bare or any(_dates(bare, conventions)):
            return []
        amount = next(numbers_in(bare, conventions.decimal), None)
        if amount and (amount.currency or (amount.has_cents and amount.end == len(bare))):
            return []
    elif not any(char.isalnum() for char in bare):
        return []
    if query.kind == "party":
        bare = bare_name(bare)
        if not is_name(bare):
            return []
    return [Reading(value=bare, start=start, end=start + len(bare))] if bare else []


def code_in(text: str) -> str:
    """The identifier ``text`` begins with: words with digits, short capitals among them."""
    words: list[str] = []
    for word in text.split(" "):
        letters = [char for char in word if char.isalpha()]
        plain = not any(char.isdigit() for char in word) and "@" not in word
        capitals = all(char.isupper() for char in letters) and len(word) <= _LONGEST_CODE_WORD
        if not word or word.startswith("(") or (plain and not (capitals and letters)):
            break
        words.append(word)
    while len(words) > 1 and words[-1] in vocabulary().currencies:
        words.pop()
    code = " ".join(words).strip(" ,;:.)")
    return code if any(char.isdigit() or char == "@" for char in code) else ""
