"""Dates as documents print them: numeric in any order, with month names, Japanese, ISO."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from evaluand.targets.documents.baseline.text import narrow

_YEAR_FIRST = r"(?P<y1>(?:19|20)\d\d)\s?[-/.年]\s?(?P<m1>\d{1,2})\s?[-/.月]\s?(?P<d1>\d{1,2})日?"
_ERA = r"(?:令和|R)\s?(?P<era>\d{1,2}|元)[年.]\s?(?P<m2>\d{1,2})[月.]\s?(?P<d2>\d{1,2})日?"
_YEAR_LAST = r"(?P<a>\d{1,2})\s?(?P<sep>[-/.])\s?(?P<b>\d{1,2})\s?(?P=sep)\s?(?P<y3>\d{4}|\d\d)"
_MONTH = r"[^\W\d_]{3,12}"
_NAMED = (
    rf"\d{{1,2}}(?:st|nd|rd|th|er|º|°|\.)?[\s-]?(?:of\s|de\s)?{_MONTH}\.?,?[\s-]?"
    r"(?:de\s|del\s)?(?:\d{4}|['\u2019]?\d\d)"
    rf"|{_MONTH}\.?\s?\d{{1,2}}(?:st|nd|rd|th)?\s?,?\s?\d{{4}}"
    r"|(?:19|20)\d\d[\s-][^\W\d_]{3,9}[\s-]\d{1,2}"
)
_DATE = re.compile(
    rf"(?<![\w.,/-])(?:{_YEAR_FIRST}|{_ERA}|{_YEAR_LAST}|(?P<named>{_NAMED}))(?![\w%]|[-/.,]\d)",
    re.IGNORECASE,
)
# The Reiwa era began in 2019, which was its first year.
_REIWA = 2018
# Two-digit years: business papers are about the recent past or the near future.
_PIVOT = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A printed date and its place in the text."""

    value: date
    start: int
    end: int


def dates_in(
    text: str, *, day_first: bool = True, languages: tuple[str, ...] = ("en",)
) -> Iterator[Dated]:
    """Every date of ``text``. ``day_first`` settles forms like 04/05/2025."""
    for match in _DATE.finditer(narrow(text)):
        value = _resolved(match, day_first, languages)
        if value is not None:
            yield Dated(value=value, start=match.start(), end=match.end())


def numeric_orders(text: str) -> Iterator[bool]:
    """For each numeric date that can be read one way only: whether its day stands first."""
    for match in _DATE.finditer(narrow(text)):
        if match["a"] and (int(match["a"]) > 12) != (int(match["b"]) > 12):
            yield int(match["a"]) > 12


def _resolved(match: re.Match[str], day_first: bool, languages: tuple[str, ...]) -> date | None:
    if match["y1"]:
        return _valid(match["y1"], match["m1"], match["d1"])
    if match["era"]:
        year = _REIWA + (1 if match["era"] == "元" else int(match["era"]))
        return _valid(str(year), match["m2"], match["d2"])
    if match["a"]:
        return _ordered(match, day_first)
    return named_date(match["named"], languages)


def _ordered(match: re.Match[str], day_first: bool) -> date | None:
    first, second, year = match["a"], match["b"], match["y3"]
    # Points are used between day, month and year, never in the American order.
    if day_first or match["sep"] == ".":
        return _valid(year, second, first) or _valid(year, first, second)
    return _valid(year, first, second) or _valid(year, second, first)


def _valid(year: str, month: str, day: str) -> date | None:
    full = int(year)
    if len(year) == 2:
        full += 1900 if full >= _PIVOT else 2000
    try:
        return date(full, int(month), int(day))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def named_date(text: str, languages: tuple[str, ...]) -> date | None:
    """A date with its month as a word, in one of ``languages`` (two-letter codes)."""
    import dateparser  # type: ignore[import-untyped]

    found = dateparser.parse(
        text.replace("\u2019", "").replace("'", ""),
        languages=list(dict.fromkeys((*languages, "en"))),
        settings={"REQUIRE_PARTS": ["day", "month", "year"], "DATE_ORDER": "DMY"},
    )
    return found.date() if found else None
