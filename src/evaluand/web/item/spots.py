"""Where on the pages the extracted values stand, as the target's evidence tells it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluand.domain.documents import Box
from evaluand.domain.model import Json
from evaluand.web import formats
from evaluand.web.item.values import ABSENT, at_path

# Air around a box, in points, so that its line does not cross the letters.
_MARGIN = 1.5
# What is told beside a box is a line, not a paragraph.
_LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A value's place. ``number`` names it in the page; ``box`` is in points with some air."""

    number: int
    path: str
    value: str
    confidence: float | None
    file: int
    page: int | None
    box: Box | None

    @property
    def label(self) -> str:
        """Field and value in one line."""
        text = f"{self.path}: {self.value}"
        return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"


def spots(output: Json | None) -> dict[str, Spot]:
    """All evidence in an output by its path. What is not of the right shape is left out."""
    evidence = (output or {}).get("evidence")
    if not isinstance(evidence, Mapping):
        return {}
    value = (output or {}).get("value")
    return {
        path: _spot(number, path, told, value)
        for number, (path, told) in enumerate(evidence.items(), 1)
        if isinstance(told, Mapping)
    }


def _spot(number: int, path: str, told: Mapping[str, Any], value: Any) -> Spot:
    found = at_path(value, path)
    page, file = told.get("page"), told.get("file", 0)
    return Spot(
        number=number,
        path=path,
        value=formats.value(told.get("text") or "" if found is ABSENT else found),
        confidence=_number(told.get("confidence")),
        file=file if type(file) is int else 0,
        page=page if type(page) is int else None,
        box=_box(told.get("box")),
    )


def _box(told: Any) -> Box | None:
    sides = [_number(side) for side in told] if isinstance(told, (list, tuple)) else []
    known = [side for side in sides if side is not None]
    if not len(known) == len(sides) == 4:
        return None
    x0, top, x1, bottom = known
    if x1 < x0 or bottom < top:
        return None
    return Box(x0 - _MARGIN, top - _MARGIN, x1 + _MARGIN, bottom + _MARGIN)


def _number(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and math.isfinite(value) else None
