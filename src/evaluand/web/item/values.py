"""Finding values in answers of any shape, and telling whether two of them are the same."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
# Amounts survive a round trip through binary; the metrics use the same tolerance.
_TOLERANCE = 1e-9


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final[Any] = _Absent()
"""There is no such member, which is not the same as null."""


def member(value: Any, name: str) -> Any:
    """The value under a field's dotted name; member names may hold dots themselves."""
    if not isinstance(value, Mapping):
        return ABSENT
    if name in value:
        return value[name]
    for place, character in enumerate(name):
        if character == "." and name[:place] in value:
            found = member(value[name[:place]], name[place + 1 :])
            if found is not ABSENT:
                return found
    return ABSENT


def up_to_list(value: Any, name: str) -> str:
    """The field's name, cut where it enters a list: what is in there is shown as a whole."""
    for place, character in enumerate(name):
        if character == "." and isinstance(member(value, name[:place]), list):
            return name[:place]
    return name


def at_path(value: Any, path: str) -> Any:
    """The value at a path such as ``lines[0].amount``; ABSENT when there is none."""
    for index, name in _STEP.findall(path):
        if index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        elif name and isinstance(value, Mapping) and name in value:
            value = value[name]
        else:
            return ABSENT
    return value


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: ``true`` is not 1, "60" is not 60."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        try:
            return math.isclose(one, other, rel_tol=_TOLERANCE)
        except OverflowError:  # an integer beyond the range of floats
            return one == other
    return type(one) is type(other) and bool(one == other)
