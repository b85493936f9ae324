"""Columns whose heads no vocabulary knows, recognised by what stands below them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations

from evaluand.targets.documents.baseline.conventions import Conventions
from evaluand.targets.documents.baseline.dates import dates_in
from evaluand.targets.documents.baseline.fields import Query
from evaluand.targets.documents.baseline.headers import Column
from evaluand.targets.documents.baseline.rows import Row
from evaluand.targets.documents.baseline.values import numbers_in

# Quantity times price is the amount in this part of the rows: discounts and misreadings spare most.
_MOST = 0.75
# Prices are rounded before they are multiplied, amounts after; both by at most half a cent.
_ROUNDING = 0.011
_FACTORS = ("line_quantity", "line_unit_price", "line_amount")

Values = Sequence[float | None]


def completed(
    columns: Sequence[Column],
    rows: Sequence[Row],
    queries: Sequence[Query],
    conventions: Conventions,
) -> tuple[Column, ...]:
    """``columns`` with unknown ones given to the queries their values answer.

    A column of dates is the date; numbers are quantity, price or amount if they multiply so; the
    column of most words is the first text asked for.
    """
    named = [_unless_mistaken(column, at, rows, queries) for at, column in enumerate(columns)]
    free = [at for at, column in enumerate(named) if not column.known]
    taken = {column.query for column in named if column.known}
    wanted = {
        query.concept_id: number for number, query in enumerate(queries) if number not in taken
    }
    if not rows or not wanted:
        return tuple(named)
    found = dict(_factors(named, rows, queries, wanted, conventions))
    if "line_date" in wanted:
        dated = [at for at in free if at not in found and _all_dates(rows, at)]
        found |= dict.fromkeys(dated[:1], wanted["line_date"])
    texts = [number for number in wanted.values() if queries[number].kind == "text"]
    wordy = [at for at in free if at not in found and _letters(rows, at)]
    if texts and wordy:
        found[max(wordy, key=lambda at: _letters(rows, at))] = min(texts)
    return tuple(
        column if column.known and at not in found else replace(column, query=found.get(at))
        for at, column in enumerate(named)
    )


def _unless_mistaken(
    column: Column, at: int, rows: Sequence[Row], queries: Sequence[Query]
) -> Column:
    """``column``, its name forgotten if it promises numbers and most rows have words there."""
    if column.query is None or queries[column.query].kind not in ("number", "money"):
        return column
    texts = [row.text(at) for row in rows if at in row.pieces]
    wordy = sum(not any(char.isdigit() for char in text) for text in texts)
    return replace(column, query=None, known=False) if wordy > len(texts) / 2 else column


def _factors(
    columns: Sequence[Column],
    rows: Sequence[Row],
    queries: Sequence[Query],
    wanted: Mapping[str, int],
    conventions: Conventions,
) -> Iterator[tuple[int, int]]:
    """The choice of columns that lets most rows multiply, if it is most of the rows.

    Columns nobody asked for may be chosen: "No." heads positions and quantities alike.
    """
    free = [at for at, column in enumerate(columns) if column.query is None or not column.known]
    places = {
        queries[column.query].concept_id: at
        for at, column in enumerate(columns)
        if column.query is not None and at not in free
    }
    missing = [role for role in _FACTORS if role in wanted]
    values = {at: _numbers(rows, at, conventions) for at in range(len(columns))}
    best: tuple[int, tuple[int, ...]] = (0, ())
    for choice in permutations(free, len(missing)):
        trial = places | dict(zip(missing, choice, strict=True))
        if not all(role in trial for role in _FACTORS):
            return
        products = zip(*(values[trial[role]] for role in _FACTORS), strict=True)
        fitting = sum(_multiply(*product) for product in products)
        # Of two orders that multiply alike the first is kept: quantities stand before prices.
        if fitting > best[0]:
            best = (fitting, choice)
    if best[0] >= _MOST * len(rows):
        yield from ((at, wanted[role]) for role, at in zip(missing, best[1], strict=True))


def _numbers(rows: Sequence[Row], at: int, conventions: Conventions) -> Values:
    found = [next(numbers_in(row.text(at), conventions.decimal), None) for row in rows]
    return [None if number is None else number.value for number in found]


def _multiply(quantity: float | None, price: float | None, amount: float | None) -> bool:
    if quantity is None or price is None or amount is None:
        return False
    return abs(quantity * price - amount) <= _ROUNDING * max(1.0, abs(quantity) / 2)


def _all_dates(rows: Sequence[Row], at: int) -> bool:
    texts = [row.text(at) for row in rows]
    return all(any(dates_in(text)) for text in texts)


def _letters(rows: Sequence[Row], at: int) -> int:
    return sum(char.isalpha() for row in rows for char in row.text(at))
