"""The rows of an item's page: what was expected, what came, and what the metric says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from evaluand.domain.model import Json, Score
from evaluand.web import formats
from evaluand.web.item.spots import Spot
from evaluand.web.item.values import ABSENT, member, same, up_to_list


class Verdict(StrEnum):
    """What became of a value. Each has a word and a mark of its own beside its colour."""

    RIGHT = "right"
    WRONG = "wrong"
    INVENTED = "invented"
    MISSING = "missing"
    SAME = "same"
    DIFFERS = "differs"
    UNASKED = "not asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One value; None where there is none on that side."""

    name: str
    expected: str | None
    extracted: str | None
    verdict: Verdict
    spot: Spot | None = None


def field_rows(score: Score, expected: Any, extracted: Any, spots: Mapping[str, Spot]) -> list[Row]:
    """The fields of an extraction, but for the lists that have a table of their own."""
    lists = tuple(score.detail.get("arrays", {}))
    rows: dict[str, Row] = {}
    for name, tally in score.detail.get("fields", {}).items():
        if name in lists or name.startswith(tuple(f"{each}." for each in lists)):
            continue
        shown = up_to_list(extracted, name)
        rows[shown] = Row(
            name=shown,
            expected=_text(member(expected, shown)),
            extracted=_text(member(extracted, shown)),
            verdict=_verdict(tally),
            spot=spots.get(shown),
        )
    return list(rows.values())


def plain_rows(expected: Json | None, output: Json | None) -> list[Row]:
    """Named values side by side, compared as they are written."""
    names = dict.fromkeys([*(expected or {}), *(output or {})])
    return [
        _plain(name, member(expected, name), member(output, name), bool(expected), bool(output))
        for name in names
    ]


def class_rows(score: Score | None, expected: Json | None, output: Json | None) -> list[Row]:
    """The class, and how sure the classifier was of it."""
    right = score is not None and score.detail.get("part") == 1
    found = Row(
        name="class",
        expected=_class(expected),
        extracted=_class(output),
        verdict=_judged(expected, output, right=right),
    )
    sure = (output or {}).get("confidence")
    if not isinstance(sure, (int, float)):
        return [found]
    told = Row(
        name="confidence", expected=None, extracted=formats.share(sure), verdict=Verdict.UNASKED
    )
    return [found, told]


def split_rows(expected: Json | None, output: Json | None) -> list[Row]:
    """Splits by their pages, each beside the one over the same pages."""
    truth, produced = _splits(expected), _splits(output)
    return [
        Row(
            name=f"page {start}" if start == end else f"pages {start} to {end}",
            expected=None if truth.get((start, end)) is None else str(truth[start, end]),
            extracted=None if produced.get((start, end)) is None else str(produced[start, end]),
            verdict=_judged(
                truth.get((start, end)) if expected else None,
                produced.get((start, end)),
                right=truth.get((start, end)) == produced.get((start, end)),
                asked=bool(expected),
            ),
        )
        for start, end in sorted({*truth, *produced})
    ]


def _splits(answer: Json | None) -> dict[tuple[int, int], str]:
    listed = (answer or {}).get("splits")
    found: dict[tuple[int, int], str] = {}
    for split in listed if isinstance(listed, list) else []:
        if not isinstance(split, Mapping):
            continue
        start, end = split.get("startPage"), split.get("endPage")
        if type(start) is int and type(end) is int:
            found[start, end] = str(split.get("type") or split.get("classificationId"))
    return found


def _class(answer: Json | None) -> str | None:
    if answer is None:
        return None
    kind, public_id = answer.get("type"), answer.get("id")
    return str(kind) if kind == public_id or public_id is None else f"{kind} ({public_id})"


def _judged(expected: Any, found: Any, *, right: bool, asked: bool = True) -> Verdict:
    if not asked:
        return Verdict.UNASKED
    if expected is None:
        return Verdict.INVENTED if found is not None else Verdict.UNASKED
    if found is None:
        return Verdict.MISSING
    return Verdict.RIGHT if right else Verdict.WRONG


def _plain(name: str, expected: Any, found: Any, asked: bool, answered: bool) -> Row:
    verdict = Verdict.SAME if same(expected, found) else Verdict.DIFFERS
    if not asked or not answered or expected is ABSENT:
        verdict = Verdict.UNASKED
    return Row(name=name, expected=_text(expected), extracted=_text(found), verdict=verdict)


def _verdict(tally: Mapping[str, Any]) -> Verdict:
    if not tally["expected"]:
        return Verdict.UNASKED
    for fault in (Verdict.WRONG, Verdict.INVENTED, Verdict.MISSING):
        if tally[fault.value]:
            return fault
    return Verdict.RIGHT


def _text(value: Any) -> str | None:
    return None if value is ABSENT or value is None else formats.value(value)
