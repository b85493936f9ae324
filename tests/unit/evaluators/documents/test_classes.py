"""Classifier metrics: the worked example, and scikit-learn as a witness."""

from __future__ import annotations

import json
import random
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from evaluand.domain.statistics import wilson
from evaluand.evaluators.documents import SCORING

CLASSES = SCORING["classifier"]
TYPES = ("invoice", "receipt", "other")


def label(kind: str) -> dict[str, Any]:
    return {"id": f"cls_{kind}", "type": kind, "confidence": 0.9}


CONFIG = {"classifications": [{**label(kind), "description": ""} for kind in TYPES]}


def run(pairs: list[tuple[Any, Any]], config: dict[str, Any] = CONFIG) -> dict[str, Any]:
    state = CLASSES.empty(config, {})
    for expected, output in pairs:
        score = CLASSES.score(config, {}, expected, output)
        state = CLASSES.add(state, json.loads(json.dumps(score.detail)))
    return CLASSES.finish(json.loads(json.dumps(state)))


def worked_pairs() -> list[tuple[Any, Any]]:
    expected = ["invoice", "invoice", "invoice", "receipt", "receipt", "other"]
    predicted = ["invoice", "invoice", "receipt", "receipt", "invoice", None]
    return [
        (label(truth), label(answer) if answer else None)
        for truth, answer in zip(expected, predicted, strict=True)
    ]


def test_the_worked_example() -> None:
    metrics = run(worked_pairs())
    assert metrics["accuracy"] == 0.5
    assert metrics["interval"] == pytest.approx(list(wilson(3, 6)))
    figures = {
        kind: tuple(
            round(counts[name], 6) if name in counts else None
            for name in ("expected", "predicted", "correct", "precision", "recall", "f1")
        )
        for kind, counts in metrics["classes"].items()
    }
    assert figures == {
        "invoice": (3, 3, 2, 0.666667, 0.666667, 0.666667),
        "receipt": (2, 2, 1, 0.5, 0.5, 0.5),
        "other": (1, 0, 0, None, 0, None),
    }
    assert metrics["confusion"] == {
        "invoice": {"invoice": 2, "receipt": 1},
        "receipt": {"receipt": 1, "invoice": 1},
    }
    assert metrics["no_prediction"] == {"other": 1}
    assert (metrics["items"], metrics["failed"]) == (6, 1)


def test_averages_of_the_worked_example() -> None:
    metrics = run(worked_pairs())
    assert metrics["micro"]["precision"] == 0.6
    assert metrics["micro"]["recall"] == 0.5
    assert metrics["micro"]["f1"] == pytest.approx(6 / 11)
    assert metrics["macro"]["recall"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert metrics["macro"]["f1"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    low, high = metrics["macro"]["f1_interval"]
    assert 0 < low < metrics["macro"]["f1"] < high < 1


def test_a_class_called_none_is_not_a_missing_prediction() -> None:
    config = {"classifications": [label("none"), label("invoice")]}
    metrics = run([(label("none"), None), (label("none"), label("none"))], config)
    assert metrics["confusion"] == {"none": {"none": 1}}
    assert metrics["no_prediction"] == {"none": 1}
    assert metrics["classes"]["none"]["predicted"] == 1


def test_ids_decide_and_types_only_name() -> None:
    config = {"classifications": [{"id": "a", "type": "form"}, {"id": "b", "type": "form"}]}
    right, wrong = (
        ({"id": "a", "type": "renamed"}, {"id": "a", "type": "form"}),
        (
            {"id": "a", "type": "form"},
            {"id": "b", "type": "form"},
        ),
    )
    metrics = run([right, wrong], config)
    assert metrics["accuracy"] == 0.5
    assert list(metrics["classes"]) == ["form"]
    form = metrics["classes"]["form"]
    assert (form["expected"], form["predicted"], form["correct"]) == (2, 2, 1)
    assert (form["precision"], form["f1"]) == (0.5, 0.5)
    score = CLASSES.score(config, {}, *wrong)
    assert score.explanation == "Expected class a, got b; both are called form."


def test_a_class_that_only_the_truth_knows_gets_an_entry() -> None:
    old = {"id": "cls_old", "type": "old"}
    metrics = run([(old, label("other")), (old, old | {"type": "another name"})])
    assert metrics["classes"]["old"]["expected"] == 2
    assert metrics["classes"]["old"]["correct"] == 1
    assert metrics["classes"]["old"]["predicted"] == 1
    assert metrics["classes"]["invoice"] == {"expected": 0, "predicted": 0, "correct": 0}


def test_a_class_without_an_id_is_found_by_its_type() -> None:
    assert CLASSES.score(CONFIG, {}, {"type": "invoice"}, label("invoice")).value == 1
    assert CLASSES.score({}, {}, {"type": "x"}, {"type": "x"}).value == 1


@pytest.mark.parametrize("bad", [None, "invoice", 3, [], {}, {"id": 1}, {"type": ["invoice"]}])
def test_answers_of_a_wrong_shape(bad: Any) -> None:
    answered = CLASSES.score(CONFIG, {}, label("invoice"), bad)
    assert (answered.value, answered.detail["predicted"]) == (0.0, None)
    unmeasured = CLASSES.score(CONFIG, {}, bad, label("invoice"))
    assert unmeasured.value is None
    metrics = run([(bad, label("invoice")), (label("other"), bad)])
    assert (metrics["items"], metrics["measured"], metrics["accuracy"]) == (2, 1, 0)


def test_a_config_of_a_wrong_shape_names_no_classes() -> None:
    config = {"classifications": ["invoice", {"id": 1, "type": "x"}, {}]}
    assert CLASSES.finish(CLASSES.empty(config, {}))["classes"] == {}


def test_nothing_run_has_no_ratios() -> None:
    metrics = run([])
    assert "accuracy" not in metrics
    assert metrics["micro"] == metrics["macro"] == {}


@pytest.mark.parametrize(
    ("truth", "answer", "words"),
    [
        ("invoice", "invoice", "invoice, as expected."),
        ("invoice", "other", "Expected invoice, got other."),
        ("invoice", None, "Expected invoice, but the classifier named no class."),
        (None, "other", "No class is expected of this item."),
    ],
)
def test_explanations(truth: str | None, answer: str | None, words: str) -> None:
    pair = (label(kind) if kind else None for kind in (truth, answer))
    assert CLASSES.score(CONFIG, {}, *pair).explanation == words


pairs = st.lists(
    st.tuples(st.sampled_from(TYPES), st.sampled_from([*TYPES, "surprise", None])),
    min_size=1,
    max_size=40,
)


@given(pairs)
@settings(deadline=None)
def test_scikit_learn_agrees(drawn: list[tuple[str, str | None]]) -> None:
    metrics = run([(label(t), label(p) if p else None) for t, p in drawn])
    truth, answers = [t for t, _ in drawn], [p or "(no answer)" for _, p in drawn]
    names = sorted({*truth, *answers} - {"(no answer)"})
    table = precision_recall_fscore_support(truth, answers, labels=names, zero_division=0)
    for name, precision, recall, f1, support in zip(names, *table, strict=True):
        found = metrics["classes"][name]
        assert found["expected"] == support
        assert found.get("precision", 0) == pytest.approx(precision)
        assert found.get("recall", 0) == pytest.approx(recall)
        assert found.get("f1", 0) == pytest.approx(f1)
    for average in ("micro", "macro"):
        theirs = precision_recall_fscore_support(
            truth, answers, labels=names, average=average, zero_division=0
        )
        ours = metrics[average]
        assert ours.get("precision", 0) == pytest.approx(theirs[0])
        assert ours["recall"] == pytest.approx(theirs[1])
        assert ours["f1"] == pytest.approx(theirs[2])
    counted = [[metrics["confusion"].get(t, {}).get(p, 0) for p in names] for t in names]
    labels = [*names, "(no answer)"]
    assert counted == confusion_matrix(truth, answers, labels=labels)[:-1, :-1].tolist()


@given(pairs, st.randoms())
@settings(deadline=None, max_examples=50)
def test_chunks_can_be_folded_apart_and_in_any_order(
    drawn: list[tuple[str, str | None]], shuffler: random.Random
) -> None:
    tallies = [
        CLASSES.score(CONFIG, {}, label(t), label(p) if p else None).detail for t, p in drawn
    ]
    empty = CLASSES.empty(CONFIG, {})
    straight = reduce(CLASSES.add, tallies, empty)
    shuffler.shuffle(tallies)
    cut = shuffler.randrange(len(tallies) + 1)
    left = reduce(CLASSES.add, tallies[:cut], empty)
    right = reduce(CLASSES.add, tallies[cut:], empty)
    assert CLASSES.merge(left, right) == CLASSES.merge(right, left) == straight
    assert empty == CLASSES.empty(CONFIG, {})


def test_f1_intervals_cover_the_truth() -> None:
    """A classifier with a known confusion matrix, 80 files a run."""
    rng = np.random.default_rng(4)
    chances = np.array([[0.36, 0.03, 0.01], [0.05, 0.22, 0.03], [0.03, 0.02, 0.25]])
    cells = [(t, p) for t in TYPES for p in TYPES]
    f1 = 2 * np.diag(chances) / (chances.sum(axis=0) + chances.sum(axis=1))
    covered = {"macro": 0, "micro": 0, "receipt": 0}
    trials = 200
    for _ in range(trials):
        metrics = run(
            [
                (label(t), label(p))
                for t, p in (cells[place] for place in rng.choice(9, size=80, p=chances.ravel()))
            ]
        )
        for name, true in (("macro", f1.mean()), ("micro", np.trace(chances)), ("receipt", f1[1])):
            found = metrics["classes"][name] if name == "receipt" else metrics[name]
            low, high = found["f1_interval"]
            covered[name] += low <= true <= high
    assert all(0.91 <= count / trials <= 0.99 for count in covered.values()), covered
