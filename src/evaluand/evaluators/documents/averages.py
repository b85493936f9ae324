"""Precision, recall and F1 of classes, one by one and averaged, each with its interval.

Precision and recall of a class are plain rates of files: Wilson's interval. F1 is the ratio
2·correct / (expected + predicted) of sums over files, and its averages are smooth functions of the
confusion matrix, so their variance comes from linearising them (the delta method; Takahashi,
Yamamoto, Kuchiba and Koyama, Applied Intelligence 52 (2022) 4961-4972).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from evaluand.domain.statistics import RatioSums, proportion_interval
from evaluand.evaluators.documents.folding import ends, pooled, rate, tidy

Confusion = Mapping[str, Mapping[str, int]]
"""Counts of files by expected and by predicted class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCounts:
    """Files expected in a class, put into it, and both; ``correct`` is less where ids differ."""

    expected: int
    predicted: int
    correct: int
    both: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 0 if they are 0 or undefined."""
        named = self.expected + self.predicted
        return 2 * self.correct / named if named else 0.0


def class_metrics(counts: ClassCounts) -> dict[str, Any]:
    """The metrics of one class; F1 is absent where precision or recall is."""
    metrics = {
        "expected": counts.expected,
        "predicted": counts.predicted,
        "correct": counts.correct,
        **rate("precision", "precision_interval", counts.correct, counts.predicted),
        **rate("recall", "recall_interval", counts.correct, counts.expected),
    }
    if counts.expected and counts.predicted:
        named = counts.expected + counts.predicted
        sums = RatioSums(
            items=named - counts.both,
            part=2 * counts.correct,
            whole=named,
            part_squared=4 * counts.correct,
            whole_squared=named + 2 * counts.both,
            product=4 * counts.correct,
        )
        metrics |= pooled("f1", "f1_interval", sums)
    return metrics


def micro(correct: int, confusion: Confusion, files: int) -> dict[str, Any]:
    """Averages over files: they differ from accuracy only if some files got no prediction."""
    predicted = sum(sum(row.values()) for row in confusion.values())
    sums = RatioSums(
        items=files,
        part=2 * correct,
        whole=files + predicted,
        part_squared=4 * correct,
        whole_squared=files + 3 * predicted,
        product=4 * correct,
    )
    return {
        **rate("precision", "precision_interval", correct, predicted),
        **rate("recall", "recall_interval", correct, files),
        **pooled("f1", "f1_interval", sums),
    }


def macro(
    counts: Mapping[str, ClassCounts], confusion: Confusion, unpredicted: Mapping[str, int]
) -> dict[str, Any]:
    """Plain means over the classes that were expected or predicted; what is undefined counts 0.

    The convention of scikit-learn with ``zero_division=0``.
    """
    seen = {kind: c for kind, c in counts.items() if c.expected or c.predicted}
    if not seen:
        return {}
    f1 = fmean(c.f1 for c in seen.values())
    files = sum(c.expected for c in seen.values())
    interval = proportion_interval(
        f1, _macro_variance(seen, confusion, unpredicted), items=files, observations=files
    )
    return {
        "classes": len(seen),
        "precision": tidy(
            fmean(c.correct / c.predicted if c.predicted else 0.0 for c in seen.values())
        ),
        "recall": tidy(fmean(c.correct / c.expected if c.expected else 0.0 for c in seen.values())),
        "f1": tidy(f1),
        "f1_interval": ends(interval),
    }


def _macro_variance(
    seen: Mapping[str, ClassCounts], confusion: Confusion, unpredicted: Mapping[str, int]
) -> float:
    """The linearised variance of macro F1: that of the files' influences."""
    cells = list(_influences(seen, confusion, unpredicted))
    files = sum(count for _, count in cells)
    if files < 2:
        return 0.0
    mean = sum(influence * count for influence, count in cells) / files
    squares = sum((influence - mean) ** 2 * count for influence, count in cells)
    return squares * files / (files - 1)


def _influences(
    seen: Mapping[str, ClassCounts], confusion: Confusion, unpredicted: Mapping[str, int]
) -> Iterator[tuple[float, float]]:
    """For each cell of the confusion matrix the influence of a file in it, and its files.

    A file adds 2 to the part of its class's F1 if it is right, and 1 to the whole of its expected
    and of its predicted class.
    """
    weight = 1 / len(seen)

    def named(kind: str) -> float:
        return -weight * seen[kind].f1 / (seen[kind].expected + seen[kind].predicted)

    for expected, row in confusion.items():
        for predicted, count in row.items():
            influence = named(expected) + named(predicted)
            if expected != predicted:
                yield influence, count
                continue
            counts = seen[expected]
            bonus = 2 * weight / (counts.expected + counts.predicted)
            yield influence + bonus, counts.correct
            yield influence, count - counts.correct
    for expected, count in unpredicted.items():
        yield named(expected), count
