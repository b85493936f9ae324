"""Tables past the budget: bounded time, the same answer every time."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from tests.unit.evaluators.documents.tables import TEXT, array_of, columns, compare

XYZ = array_of(columns("x", "y", "z"))
NESTED = array_of(
    {"type": "object", "properties": {"x": TEXT, "tags": {"type": "array", "items": TEXT}}}
)


def test_long_tables_mostly_alike_are_paired_by_identity_first() -> None:
    rows = [{"x": f"item {n}", "y": n, "z": n % 7} for n in range(3_000)]
    shuffled = random.Random(1).sample(rows, len(rows))
    shuffled[:40] = [row | {"y": -1} for row in shuffled[:40]]
    found = compare(XYZ, expected=rows, extracted=shuffled)
    assert [column.credit for column in found.columns] == pytest.approx([1, 1 - 40 / 3_000, 1])
    assert not found.exact


def test_very_long_tables_of_unlike_rows_take_bounded_time() -> None:
    rng = random.Random(2)

    def rows() -> list[dict[str, Any]]:
        return [{"x": rng.randrange(9), "y": rng.random(), "z": "const"} for _ in range(5_000)]

    expected, extracted = rows(), rows()
    start = time.process_time()
    found = compare(XYZ, expected=expected, extracted=extracted)
    assert time.process_time() - start < 30
    assert compare(XYZ, expected=expected, extracted=extracted) == found
    assert found.columns[2].credit == 1
    assert 0.9 < found.columns[0].credit < 1


def test_heavily_nested_tables_take_bounded_time() -> None:
    rng = random.Random(3)

    def rows() -> list[dict[str, Any]]:
        return [
            {"x": str(n), "tags": [str(rng.randrange(50)) for _ in range(40)]} for n in range(60)
        ]

    start = time.process_time()
    found = compare(NESTED, expected=rows(), extracted=rows())
    assert time.process_time() - start < 30
    assert not found.exact
    assert found.columns[0].credit == 1


def test_many_rows_against_few_do_not_take_memory_by_the_square_of_the_many() -> None:
    many = [{"x": str(n), "y": "", "z": None} for n in range(20_000)]
    found = compare(XYZ, expected=many[:50], extracted=many)
    assert found.columns[0].credit == 50 / 20_000
    assert found.pairing[:51] == [*range(50), None]
    apart = compare(XYZ, expected=[row | {"y": "-"} for row in many[:50]], extracted=many)
    assert apart.columns[1].credit == 0
    assert not apart.exact
