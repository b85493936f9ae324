"""Scoring splitters: exact splits, boundaries and pages.

``expected`` and ``output`` are ``{"splits": [{"classificationId", "type", "startPage",
"endPage"}]}``, pages counting from 1. An item's value is its F1 over exact splits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from evaluand.domain.statistics import RatioSums
from evaluand.evaluators.documents.folding import combine, pooled, ratio_sums
from evaluand.evaluators.documents.interface import ItemScore, Json, State, Tally
from evaluand.evaluators.documents.labels import ClassBook
from evaluand.evaluators.documents.pages import Part, boundaries, page_agreement, read_parts

_COUNTS = ("expected", "predicted", "correct")


class SplitterScoring:
    """Precision, recall and F1 of exact splits by the rules of Extend; besides, the same for
    boundaries alone and for each class, and the share of pages with the right class.
    """

    metric = "split_f1"

    def score(
        self,
        config: Mapping[str, Any],
        options: Mapping[str, Any],
        expected: Json,
        output: Json | None,
    ) -> ItemScore:
        """The F1 of one item; None if no split was expected and none produced."""
        book = ClassBook.of(config.get("splitClassifications"))
        types: dict[str, str] = {}
        truth, produced = read_parts(expected, book, types), read_parts(output, book, types)
        counts = _agreement(_keys(truth), _keys(produced))
        pages, agreeing = page_agreement(truth, produced)
        part, whole = 2 * counts["correct"], counts["expected"] + counts["predicted"]
        detail = {
            "failed": output is None,
            "part": part,
            "whole": whole,
            **counts,
            "boundaries": _agreement(boundaries(truth), boundaries(produced)),
            "classes": _by_class(truth, produced),
            "pages": {"total": pages, "correct": agreeing},
        }
        value = part / whole if whole else None
        return ItemScore(value=value, detail=detail, explanation=_explain(detail))

    def empty(self, config: Mapping[str, Any], options: Mapping[str, Any]) -> State:
        """A state that knows the configured classes: each is reported, even if never seen."""
        types = ClassBook.of(config.get("splitClassifications")).types
        return {
            **dict.fromkeys(("items", "failed"), 0),
            "splits": _sums(dict.fromkeys(_COUNTS, 0)),
            "boundaries": _sums(dict.fromkeys(_COUNTS, 0)),
            "classes": {kind: _sums(dict.fromkeys(_COUNTS, 0)) for kind in types},
            "pages": ratio_sums(0, 0),
        }

    def add(self, state: State, tally: Tally) -> State:
        """Count one item."""
        contribution = {
            "items": 1,
            "failed": int(tally["failed"]),
            "splits": _sums(tally),
            "boundaries": _sums(tally["boundaries"]),
            "classes": {kind: _sums(counts) for kind, counts in tally["classes"].items()},
            "pages": ratio_sums(tally["pages"]["correct"], tally["pages"]["total"]),
        }
        return combine(state, contribution)

    def merge(self, one: State, other: State) -> State:
        """Join two groups of items."""
        return combine(one, other)

    def finish(self, state: State) -> dict[str, Any]:
        """Counts and ratios of exact splits at the top, then of boundaries, classes and pages.

        Splits of one item depend on each other, so all intervals take items as the units.
        """
        pages = RatioSums(**state["pages"])
        return {
            "items": state["items"],
            "failed": state["failed"],
            **_metrics(state["splits"]),
            "boundaries": _metrics(state["boundaries"]),
            "classes": {kind: _metrics(sums) for kind, sums in state["classes"].items()},
            "pages": {
                "total": pages.whole,
                "correct": pages.part,
                **pooled("accuracy", "interval", pages),
            },
        }


def _agreement(expected: Counter[Any], predicted: Counter[Any]) -> dict[str, int]:
    """Sizes of both sides and of what they share, each expected one being met once."""
    correct = expected & predicted
    return {
        "expected": expected.total(),
        "predicted": predicted.total(),
        "correct": correct.total(),
    }


def _by_class(truth: list[Part], produced: list[Part]) -> dict[str, dict[str, int]]:
    sides: dict[str, tuple[list[Part], list[Part]]] = {}
    for side, parts in enumerate((truth, produced)):
        for part in parts:
            sides.setdefault(part.type, ([], []))[side].append(part)
    return {kind: _agreement(_keys(ours), _keys(theirs)) for kind, (ours, theirs) in sides.items()}


def _keys(parts: list[Part]) -> Counter[tuple[object, ...]]:
    return Counter(part.key for part in parts)


def _sums(counts: Mapping[str, Any]) -> State:
    """An item's counts, and its contributions to precision, recall and F1."""
    expected, predicted, correct = (counts[name] for name in _COUNTS)
    return {
        **{name: counts[name] for name in _COUNTS},
        "precision": ratio_sums(correct, predicted),
        "recall": ratio_sums(correct, expected),
        "f1": ratio_sums(2 * correct, expected + predicted),
    }


def _metrics(sums: State) -> dict[str, Any]:
    """Counts and ratios. F1 is 2 correct / (expected + predicted), 0 if one side has nothing."""
    metrics = {name: sums[name] for name in _COUNTS}
    for name in ("precision", "recall", "f1"):
        metrics |= pooled(name, f"{name}_interval", RatioSums(**sums[name]))
    return metrics


def _explain(detail: Tally) -> str:
    expected, predicted, correct = (detail[name] for name in _COUNTS)
    if detail["failed"]:
        return f"The splitter gave no output; {expected} splits were expected."
    if not expected and not predicted:
        return "No splits are expected and none were produced."
    return f"{correct} of {expected} expected splits found exactly, {predicted} produced."
