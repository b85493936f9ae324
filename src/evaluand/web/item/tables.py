"""The lists of an extraction: expected and extracted rows in the pairing the metric found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evaluand.domain.model import Score
from evaluand.web import formats
from evaluand.web.item.rows import Verdict
from evaluand.web.item.spots import Spot
from evaluand.web.item.values import ABSENT, member, same, up_to_list

# A page with more rows than this helps nobody; the rest is counted.
_MOST_ROWS = 200
_FAULTS = ("wrong", "invented", "missing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value of a list's row; None where there is none."""

    expected: str | None
    extracted: str | None
    verdict: Verdict
    spot: Spot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of a list. ``verdict`` is invented or missing for rows that have no partner."""

    label: str
    verdict: Verdict
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A list, expected rows in their order, then the invented ones.

    ``lenient`` says that values which differ as written may have been counted as right.
    """

    name: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    left_out: int
    accuracy: float
    lenient: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """An expected and an extracted row, with the latter's index; ABSENT where there is none."""

    expected: Any
    extracted: Any
    index: int | None


def tables(score: Score, expected: Any, extracted: Any, spots: Mapping[str, Spot]) -> list[Table]:
    """All lists of the item that were measured."""
    return [
        _table(name, tally, score, _rows(expected, name), _rows(extracted, name), spots)
        for name, tally in score.detail.get("arrays", {}).items()
    ]


def _table(
    name: str,
    tally: Mapping[str, Any],
    score: Score,
    expected: Sequence[Any],
    extracted: Sequence[Any],
    spots: Mapping[str, Spot],
) -> Table:
    pairs = list(_pairs(tally["pairing"], expected, extracted))
    measured = {
        field[len(name) + 1 :]: counts
        for field, counts in score.detail["fields"].items()
        if field == name or field.startswith(f"{name}.")
    }
    columns = _columns(measured, [*expected, *extracted])
    lenient = [_is_lenient(column, measured.get(column), pairs) for column in columns]
    lines = [
        Line(
            label=_label(pair, number),
            verdict=_of_pair(pair),
            cells=tuple(
                _cell(pair, column, spots.get(_path(name, pair.index, column)), loose)
                for column, loose in zip(columns, lenient, strict=True)
            ),
        )
        for number, pair in enumerate(pairs[:_MOST_ROWS], 1)
    ]
    return Table(
        name=name,
        columns=columns,
        lines=tuple(lines),
        left_out=len(pairs) - len(lines),
        accuracy=tally["accuracy"],
        lenient=any(lenient),
    )


def _rows(value: Any, name: str) -> list[Any]:
    found = member(value, name)
    return found if isinstance(found, list) else []


def _pairs(
    pairing: Sequence[int | None], expected: Sequence[Any], extracted: Sequence[Any]
) -> Iterator[_Pair]:
    partner = {right: left for left, right in enumerate(pairing) if right is not None}
    for place, row in enumerate(expected):
        index = partner.get(place)
        found = ABSENT if index is None or index >= len(extracted) else extracted[index]
        yield _Pair(expected=row, extracted=found, index=index)
    for index, right in enumerate(pairing):
        if right is None and index < len(extracted):
            yield _Pair(expected=ABSENT, extracted=extracted[index], index=index)


def _columns(measured: Mapping[str, Any], rows: Sequence[Any]) -> tuple[str, ...]:
    """The measured columns; what lies in lists within the rows is one column."""
    cut = measured
    for row in rows:
        cut = {up_to_list(row, column): None for column in cut}
    return tuple(cut)


def _is_lenient(column: str, counts: Mapping[str, Any] | None, pairs: Sequence[_Pair]) -> bool:
    """Whether the metric counted fewer faults in a column than there are differences."""
    if counts is None:
        return True
    differences = sum(not same(*_values(pair, column)) for pair in pairs)
    alone = sum(
        ABSENT in (pair.expected, pair.extracted) and same(*_values(pair, column)) for pair in pairs
    )
    counted: int = sum(counts[fault] for fault in _FAULTS)
    return differences + alone != counted


def _values(pair: _Pair, column: str) -> tuple[Any, Any]:
    """Expected and extracted value of a column; what is not there counts as null."""
    found = (row if not column else member(row, column) for row in (pair.expected, pair.extracted))
    expected, extracted = (None if value is ABSENT else value for value in found)
    return expected, extracted


def _cell(pair: _Pair, column: str, spot: Spot | None, lenient: bool) -> Cell:
    expected, extracted = _values(pair, column)
    cell = Cell(
        expected=None if expected is None else formats.value(expected),
        extracted=None if extracted is None else formats.value(extracted),
        verdict=Verdict.RIGHT,
        spot=spot,
    )
    if _of_pair(pair) is not Verdict.SAME:
        return replace(cell, verdict=_of_pair(pair))
    if same(expected, extracted):
        return cell
    if lenient:
        return replace(cell, verdict=Verdict.DIFFERS)
    if expected is None:
        return replace(cell, verdict=Verdict.INVENTED)
    return replace(cell, verdict=Verdict.MISSING if extracted is None else Verdict.WRONG)


def _of_pair(pair: _Pair) -> Verdict:
    if pair.expected is ABSENT:
        return Verdict.INVENTED
    return Verdict.MISSING if pair.extracted is ABSENT else Verdict.SAME


def _label(pair: _Pair, number: int) -> str:
    return f"{number}" if pair.expected is not ABSENT else f"{(pair.index or 0) + 1}"


def _path(name: str, index: int | None, column: str) -> str:
    return f"{name}[{index}].{column}" if column else f"{name}[{index}]"
