"""What may be expected of an item, by the kind of its target. Only the shape is checked.

Fields and classes that the configuration does not know are welcome: it may move on after the truth
was written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evaluand.domain.model import Json, TargetKind
from evaluand.errors import InvalidRequest

_SPLIT_TEXTS = ("classificationId", "type")
_SPLIT_PAGES = ("startPage", "endPage")


def check_expected(kind: TargetKind, expected: Json | None, field: str) -> None:
    """Raises InvalidRequest when ``expected`` has not the shape that items of ``kind`` need."""
    check = _CHECKS.get(kind)
    if check is not None:
        check(expected, field)


def _extraction(expected: Any, field: str) -> None:
    if not isinstance(expected, dict) or not isinstance(expected.get("value"), dict):
        raise InvalidRequest(
            f"{field} must be {{'value': {{…}}}}, an object with every property of the schema.",
            field=field,
        )


def _classification(expected: Any, field: str) -> None:
    texts = isinstance(expected, dict) and all(
        isinstance(expected.get(name), str) and expected[name] for name in ("id", "type")
    )
    if not texts:
        raise InvalidRequest(
            f"{field} must be {{'id': …, 'type': …}}, both from the classifier's classifications.",
            field=field,
        )


def _splits(expected: Any, field: str) -> None:
    splits = expected.get("splits") if isinstance(expected, dict) else None
    if not isinstance(splits, list):
        raise InvalidRequest(f"{field} must be {{'splits': […]}}.", field=field)
    for place, split in enumerate(splits):
        _split(split, f"{field}.splits[{place}]")


def _split(split: Any, field: str) -> None:
    texts = isinstance(split, dict) and all(isinstance(split.get(n), str) for n in _SPLIT_TEXTS)
    pages = [split.get(name) for name in _SPLIT_PAGES] if texts else []
    if not texts or not all(type(page) is int for page in pages):
        raise InvalidRequest(
            f"{field} must have the texts 'classificationId' and 'type' and the whole numbers "
            "'startPage' and 'endPage'.",
            field=field,
        )
    if not 1 <= pages[0] <= pages[1]:
        raise InvalidRequest(
            f"{field}: pages count from 1 and 'startPage' is not after 'endPage'.", field=field
        )


_CHECKS: dict[TargetKind, Callable[[Any, str], None]] = {
    TargetKind.EXTRACTOR: _extraction,
    TargetKind.CLASSIFIER: _classification,
    TargetKind.SPLITTER: _splits,
}
