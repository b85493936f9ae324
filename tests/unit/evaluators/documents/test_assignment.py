"""The best pairing against trying all of them, ties included."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluand.evaluators.documents.assignment import Pairing, best_pairing

tables = st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(0, 2), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


def by_trying_all(table: np.ndarray) -> Pairing:
    """The greatest total; among equals the smallest list, "no partner" being the last index."""
    extracted, expected = table.shape
    size = max(extracted, expected)
    square = np.zeros((size, size))
    square[:extracted, :expected] = table
    lists = {
        tuple(min(j, expected) for j in order[:extracted]): sum(
            square[i, j] for i, j in enumerate(order)
        )
        for order in permutations(range(size))
    }
    best = max(lists.values())
    smallest = min(order for order, total in lists.items() if total > best - 1e-9)
    return [None if j == expected else j for j in smallest]


@given(tables)
@settings(max_examples=250, deadline=None)
def test_it_is_the_first_of_the_best(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=float)
    assert best_pairing(table) == by_trying_all(table)


@given(tables)
@settings(max_examples=100, deadline=None)
def test_fractions_tie_as_well(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=float) / 3
    assert best_pairing(table) == by_trying_all(table)


@pytest.mark.parametrize(
    ("extracted", "expected", "pairing"),
    [(0, 3, []), (2, 0, [None, None]), (3, 2, [0, 1, None]), (2, 3, [0, 1])],
)
def test_without_any_match_order_decides(extracted: int, expected: int, pairing: Pairing) -> None:
    assert best_pairing(np.zeros((extracted, expected))) == pairing


def test_long_tables_full_of_ties_keep_document_order() -> None:
    """Rows of two kinds, the expected ones reversed: of each kind the first takes the first."""
    kinds = np.arange(200) % 2
    table = (kinds[:, None] == kinds[::-1][None, :]).astype(float)
    found = best_pairing(table)
    assert found == [index + 1 if index % 2 == 0 else index - 1 for index in range(200)]


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_the_order_of_extracted_rows_does_not_change_the_total(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 4, size=(40, 30)).astype(float)
    order = rng.permutation(40)

    def total(similarity: np.ndarray) -> float:
        pairs = enumerate(best_pairing(similarity))
        return float(sum(similarity[i, j] for i, j in pairs if j is not None))

    assert total(table) == total(table[order])
