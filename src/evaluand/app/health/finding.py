"""What a check has found."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

SYNCHRONISE = "Synchronise the clock (NTP)."

# Keys, signed links and the order of rows are off by as much as the clock.
CLOCK_SKEW_S = 60.0


class State(StrEnum):
    """How bad it is: nothing to do, worth knowing, or in the way."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(NamedTuple):
    """What one check found, and what to do about it."""

    check: str
    state: State
    found: str
    fix: str = ""
