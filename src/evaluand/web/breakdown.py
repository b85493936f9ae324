"""A run's figures by field, by class and by kind of split, as the rows of tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluand.domain.model import Json
from evaluand.web.figures import Figure, figure

# A wider matrix shows nothing to the eye; then the pairs that were confused are listed.
_WIDEST_MATRIX = 20
_MOST_PAIRS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """How one field, or the rows of one list, came out over the run."""

    name: str
    expected: int
    accuracy: Figure | None
    cells: int | None = None
    wrong: int | None = None
    invented: int | None = None
    missing: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """How one class came out over the run."""

    name: str
    expected: int
    predicted: int
    correct: int
    precision: Figure | None
    recall: Figure | None
    f1: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Counts of items by expected class (a line each) and by predicted class (a column each).

    The last column holds items without a prediction, where there are any.
    """

    columns: tuple[str, ...]
    lines: tuple[tuple[str, tuple[int, ...]], ...]
    unpredicted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Confused:
    """So many items of one class were put into another."""

    expected: str
    predicted: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """All tables of a run; those that do not apply are empty."""

    fields: tuple[FieldRow, ...] = ()
    arrays: tuple[FieldRow, ...] = ()
    classes: tuple[ClassRow, ...] = ()
    splits: tuple[ClassRow, ...] = ()
    confusion: Confusion | None = None
    confused: tuple[Confused, ...] = ()


def breakdown(figures: Json) -> Breakdown:
    """The tables that the star metric's figures have."""
    if "fields" in figures:
        return Breakdown(
            fields=tuple(_field(name, each) for name, each in figures["fields"].items()),
            arrays=tuple(_array(name, each) for name, each in figures["arrays"].items()),
        )
    if "confusion" in figures:
        matrix = _confusion(figures)
        small = len(matrix.columns) <= _WIDEST_MATRIX
        return Breakdown(
            classes=_classes(figures["classes"]),
            confusion=matrix if small and matrix.lines else None,
            confused=() if small else _confused(figures["confusion"]),
        )
    if "boundaries" in figures:
        rows = {"all splits": figures, "boundaries, whatever the class": figures["boundaries"]}
        return Breakdown(splits=_classes(rows), classes=_classes(figures["classes"]))
    return Breakdown()


def _field(name: str, each: Mapping[str, Any]) -> FieldRow:
    return FieldRow(
        name=name,
        expected=each["expected"],
        accuracy=figure(each, "accuracy", name),
        cells=each["cells"],
        wrong=each["wrong"],
        invented=each["invented"],
        missing=each["missing"],
    )


def _array(name: str, each: Mapping[str, Any]) -> FieldRow:
    return FieldRow(name=name, expected=each["expected"], accuracy=figure(each, "accuracy", name))


def _classes(classes: Mapping[str, Mapping[str, Any]]) -> tuple[ClassRow, ...]:
    """The classes that were seen at all."""
    return tuple(
        ClassRow(
            name=name,
            expected=each["expected"],
            predicted=each["predicted"],
            correct=each["correct"],
            precision=figure(each, "precision", name),
            recall=figure(each, "recall", name),
            f1=figure(each, "f1", name),
        )
        for name, each in classes.items()
        if each["expected"] or each["predicted"]
    )


def _confusion(figures: Json) -> Confusion:
    table: Mapping[str, Mapping[str, int]] = figures["confusion"]
    nothing: Mapping[str, int] = figures["no_prediction"]
    expected = dict.fromkeys([*table, *nothing])
    columns = dict.fromkeys([*expected, *(kind for row in table.values() for kind in row)])
    lines = []
    for kind in expected:
        row = [table.get(kind, {}).get(column, 0) for column in columns]
        lines.append((kind, tuple([*row, nothing.get(kind, 0)] if nothing else row)))
    return Confusion(columns=tuple(columns), lines=tuple(lines), unpredicted=bool(nothing))


def _confused(table: Mapping[str, Mapping[str, int]]) -> tuple[Confused, ...]:
    pairs = [
        Confused(expected=kind, predicted=other, items=items)
        for kind, row in table.items()
        for other, items in row.items()
        if other != kind
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.items)[:_MOST_PAIRS])
