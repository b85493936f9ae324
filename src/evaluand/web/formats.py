"""Numbers, times and values as people read them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

# A page must stay a page, whatever a target answers with.
_LONGEST_VALUE = 4_000
_CENT = 0.01
# Up to here every whole number is a float of its own.
_EXACT = 2**53
NOTHING = "-"


def count(number: float) -> str:
    """A whole number with thousands apart; credit may be broken and shows two decimals at most."""
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def share(value: float | None) -> str:
    """A number from 0 to 1 in percent."""
    return NOTHING if value is None else f"{value * 100:.1f} %"


def score(value: float | None) -> str:
    """The value of a metric, so that columns of them align."""
    return NOTHING if value is None else f"{value:.3f}"


def money(usd: float) -> str:
    """An amount in US dollars; small ones keep their leading digits."""
    if usd == 0:
        return "$0"
    return f"${usd:,.2f}" if usd >= _CENT else f"${usd:.2g}"


def duration(seconds: float | None) -> str:
    """A span of time in one or two units."""
    if seconds is None:
        return NOTHING
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def moment(at: datetime) -> str:
    """A time to the minute, in UTC: who looks may sit anywhere."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def size(number: int) -> str:
    """A number of bytes in the unit that fits."""
    if number < 1_000:
        return f"{number} B"
    return f"{number / 1e3:.0f} KB" if number < 1_000_000 else f"{number / 1e6:.1f} MB"


def value(data: Any) -> str:
    """A JSON value as text: strings as they are, everything else as JSON."""
    if isinstance(data, float) and data.is_integer() and abs(data) < _EXACT:
        data = int(data)  # an amount of 12.0 is printed as 12
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    if len(text) <= _LONGEST_VALUE:
        return text
    return f"{text[:_LONGEST_VALUE]}… ({len(text) - _LONGEST_VALUE:,} more characters)"
