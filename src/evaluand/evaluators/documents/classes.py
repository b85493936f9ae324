"""Scoring classifiers: right or wrong per file; accuracy, confusion and averages over a run.

``expected`` and ``output`` are ``{"id", "type", ...}``. A prediction is right when its id is the
expected one. A failed classifier is a wrong answer without a prediction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluand.evaluators.documents.averages import ClassCounts, class_metrics, macro, micro
from evaluand.evaluators.documents.folding import combine, rate
from evaluand.evaluators.documents.interface import ItemScore, Json, State, Tally
from evaluand.evaluators.documents.labels import ClassBook, Label


class ClassifierScoring:
    """Accuracy and per-class precision, recall and F1 by the rules of Extend, and a confusion
    matrix: expected type, predicted type, count, with failed predictions apart.
    """

    metric = "class_accuracy"

    def score(
        self,
        config: Mapping[str, Any],
        options: Mapping[str, Any],
        expected: Json,
        output: Json | None,
    ) -> ItemScore:
        """1 if the predicted class is the expected one, else 0; None without a truth."""
        book = ClassBook.of(config.get("classifications"))
        truth, predicted = _label(book, expected), _label(book, output)
        right = truth is not None and predicted is not None and truth.id == predicted.id
        if right:
            # One class, one name: an id the config does not know may come under two types.
            predicted = truth
        detail = {
            "failed": output is None,
            "part": int(right),
            "whole": int(truth is not None),
            "expected": truth and truth.type,
            "predicted": predicted and predicted.type,
        }
        value = None if truth is None else float(right)
        return ItemScore(value=value, detail=detail, explanation=_explain(truth, predicted))

    def empty(self, config: Mapping[str, Any], options: Mapping[str, Any]) -> State:
        """A state that knows the configured classes: each is reported, even if never seen."""
        types = ClassBook.of(config.get("classifications")).types
        return {
            **dict.fromkeys(("items", "failed", "measured", "correct"), 0),
            "classes": {kind: {} for kind in types},
        }

    def add(self, state: State, tally: Tally) -> State:
        """Count one item."""
        expected, predicted, correct = tally["expected"], tally["predicted"], tally["part"]
        contribution: State = {
            "items": 1,
            "failed": int(tally["failed"]),
            "measured": tally["whole"],
            "correct": correct,
            "classes": {},
        }
        if expected is not None:
            row = {"none": 1} if predicted is None else {"predicted": {predicted: 1}}
            contribution["classes"] = {expected: {"correct": correct, **row}}
        return combine(state, contribution)

    def merge(self, one: State, other: State) -> State:
        """Join two groups of items."""
        return combine(one, other)

    def finish(self, state: State) -> dict[str, Any]:
        """Accuracy, the classes by type, their averages, and the confusion matrix.

        ``confusion`` holds counts by expected and predicted type, ``no_prediction`` the files of an
        expected type without a prediction: a member of its own, since a class may be called "none".
        """
        rows: State = state["classes"]
        confusion = {kind: dict(row.get("predicted", {})) for kind, row in rows.items()}
        unpredicted = {kind: row["none"] for kind, row in rows.items() if row.get("none")}
        counts = _class_counts(rows, confusion, unpredicted)
        return {
            "items": state["items"],
            "failed": state["failed"],
            "measured": state["measured"],
            "correct": state["correct"],
            **rate("accuracy", "interval", state["correct"], state["measured"]),
            "classes": {kind: class_metrics(c) for kind, c in counts.items()},
            "micro": micro(state["correct"], confusion, state["measured"]),
            "macro": macro(counts, confusion, unpredicted),
            "confusion": {kind: row for kind, row in confusion.items() if row},
            "no_prediction": unpredicted,
        }


def _label(book: ClassBook, answer: Json | None) -> Label | None:
    return book.label(answer.get("id"), answer.get("type")) if isinstance(answer, dict) else None


def _explain(truth: Label | None, predicted: Label | None) -> str:
    if truth is None:
        return "No class is expected of this item."
    if predicted is None:
        return f"Expected {truth.type}, but the classifier named no class."
    if truth.id == predicted.id:
        return f"{truth.type}, as expected."
    if truth.type == predicted.type:
        return f"Expected class {truth.id}, got {predicted.id}; both are called {truth.type}."
    return f"Expected {truth.type}, got {predicted.type}."


def _class_counts(
    rows: State, confusion: Mapping[str, Mapping[str, int]], unpredicted: Mapping[str, int]
) -> dict[str, ClassCounts]:
    """The counts of every class that is configured, expected or predicted, in that order."""
    kinds = dict.fromkeys([*rows, *(kind for row in confusion.values() for kind in row)])
    columns = dict.fromkeys(kinds, 0)
    for row in confusion.values():
        for kind, count in row.items():
            columns[kind] += count
    return {
        kind: ClassCounts(
            expected=sum(confusion.get(kind, {}).values()) + unpredicted.get(kind, 0),
            predicted=columns[kind],
            correct=rows.get(kind, {}).get("correct", 0),
            both=confusion.get(kind, {}).get(kind, 0),
        )
        for kind in kinds
    }
