"""Extend's metrics computed once more, naively, from child runs and items alone.

Small on purpose: rows are paired by trying every order, so a mistake in the server's assignment
cannot hide here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import permutations
from typing import Any

Json = Any
_ABSENT = object()


def extraction(schema: Json, pairs: list[tuple[Json, Json]]) -> dict[str, dict[str, float]]:
    """Counts by field for (expected value, extracted value or None) pairs."""
    fields = {
        name: dict.fromkeys(("countTotal", "countPresent", "countExpected", "countAccurate"), 0.0)
        for name, *_ in _leaves(schema)
    }
    for expected, extracted in pairs:
        for name, outer, inner in _leaves(schema):
            counts = fields[name]
            counts["countTotal"] += 1
            truth, found = _get(expected, outer), _get(extracted, outer)
            if inner is None:
                counts["countPresent"] += found is not _ABSENT and found is not None
                if truth is not _ABSENT:
                    counts["countExpected"] += 1
                    counts["countAccurate"] += extracted is not None and _same(truth, found)
                continue
            rows = found if isinstance(found, list) else []
            counts["countPresent"] += any(row.get(inner) is not None for row in rows)
            if truth is not _ABSENT:
                counts["countExpected"] += 1
                if extracted is not None:
                    columns = [n for _, o, n in _leaves(schema) if o == outer and n]
                    counts["countAccurate"] += _column(truth or [], rows, columns, inner)
    return fields


def accuracy(fields: dict[str, dict[str, float]]) -> float:
    """Credit over expectations, of all fields together."""
    expected = sum(counts["countExpected"] for counts in fields.values())
    return sum(counts["countAccurate"] for counts in fields.values()) / expected


def classification(pairs: list[tuple[Json, Json]]) -> dict[str, Counter[str]]:
    """Counts by class type for (expected, predicted or None) pairs."""
    classes: dict[str, Counter[str]] = {}
    for expected, predicted in pairs:
        classes.setdefault(expected["type"], Counter())["countExpected"] += 1
        if predicted:
            classes.setdefault(predicted["type"], Counter())["countPredicted"] += 1
            right = predicted["id"] == expected["id"]
            classes[expected["type"]]["countCorrect"] += right
    return classes


def splitting(pairs: list[tuple[Json, Json]]) -> tuple[int, int, int]:
    """Splits expected, predicted and correct for (expected, predicted or None) pairs."""
    sums = [0, 0, 0]
    for expected, predicted in pairs:
        truth, found = _splits(expected), _splits(predicted)
        for place, count in enumerate((truth, found, truth & found)):
            sums[place] += count.total()
    return sums[0], sums[1], sums[2]


def _splits(answer: Json) -> Counter[tuple[str, int, int]]:
    splits = (answer or {}).get("splits", [])
    return Counter((s["classificationId"], s["startPage"], s["endPage"]) for s in splits)


def _leaves(schema: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Json, str | None]]:
    for key, child in schema["properties"].items():
        here = (*path, key)
        if child.get("type") == "object":
            yield from _leaves(child, here)
        elif child.get("type") == "array":
            for column in child["items"]["properties"]:
                yield ".".join((*here, column)), here, column
        else:
            yield ".".join(here), here, None


def _get(value: Json, path: tuple[str, ...]) -> Json:
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return _ABSENT
        value = value[key]
    return value


def _same(expected: Json, found: Json) -> bool:
    found = None if found is _ABSENT else found
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return abs(expected - found) <= 1e-9 * max(abs(expected), abs(found))
    return type(expected) is type(found) and expected == found


def _column(truth: list[Json], found: list[Json], columns: list[str], wanted: str) -> float:
    size = max(len(truth), len(found))
    if size == 0:
        return 1.0
    blank: list[Json] = [None]
    truth, found = truth + blank * (size - len(truth)), found + blank * (size - len(found))

    def matches(row: Json, other: Json) -> list[bool]:
        if row is None or other is None:
            return [False] * len(columns)
        return [_same(row.get(name), other.get(name)) for name in columns]

    best = max(
        permutations(range(size)),
        key=lambda order: sum(sum(matches(truth[i], found[j])) for i, j in enumerate(order)),
    )
    place = columns.index(wanted)
    return sum(matches(truth[i], found[j])[place] for i, j in enumerate(best)) / size
