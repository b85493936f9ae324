"""What all kinds have in common."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pytest

from evaluand.evaluators.documents import SCORING, score_batch


def test_each_kind_names_its_headline_metric() -> None:
    metrics = {kind: scoring.metric for kind, scoring in SCORING.items()}
    assert metrics == {
        "extractor": "field_accuracy",
        "classifier": "class_accuracy",
        "splitter": "split_f1",
    }


@pytest.mark.parametrize("kind", sorted(SCORING))
def test_scores_cross_process_borders(kind: str) -> None:
    scores = score_batch(kind, {}, {}, [({"value": {}}, None), ({}, {"value": {}})])
    assert pickle.loads(pickle.dumps(scores)) == scores
    assert [score.value for score in scores] == [None, None]


@pytest.mark.parametrize(
    ("kind", "truth", "share"),
    [
        ("extractor", {"value": {"a": 1, "b": 2}}, (1, 2)),
        ("classifier", {"id": "c", "type": "x"}, (1, 1)),
        ("splitter", {"splits": [{"classificationId": "c", "startPage": 1, "endPage": 2}]}, (2, 2)),
    ],
)
def test_the_headline_is_the_sum_of_parts_over_the_sum_of_wholes(
    kind: str, truth: dict[str, Any], share: tuple[int, int]
) -> None:
    config = {"schema": {"properties": {"a": {"type": "number"}, "b": {"type": "number"}}}}
    answer = {"value": {"a": 1, "b": 3}} if kind == "extractor" else truth
    right, failed = score_batch(kind, config, {}, [(truth, answer), (truth, None)])
    assert (right.detail["part"], right.detail["whole"]) == share
    assert right.value == share[0] / share[1]
    assert failed.detail["part"] == failed.value == 0
    scoring = SCORING[kind]
    state = scoring.add(scoring.empty(config, {}), right.detail)
    metrics = scoring.finish(scoring.add(state, failed.detail))
    whole = right.detail["whole"] + failed.detail["whole"]
    headline = metrics["f1" if kind == "splitter" else "accuracy"]
    assert headline == pytest.approx(right.detail["part"] / whole)


@pytest.mark.parametrize("kind", sorted(SCORING))
def test_the_empty_state_changes_nothing(kind: str) -> None:
    scoring = SCORING[kind]
    empty = scoring.empty({}, {})
    tally = scoring.score({}, {}, {}, None).detail
    assert scoring.merge(empty, scoring.add(empty, tally)) == scoring.add(empty, tally)


@pytest.mark.slow
def test_importing_it_loads_no_numbers_library() -> None:
    program = (
        "import sys, evaluand.evaluators.documents, evaluand.domain.statistics;"
        "assert not {'numpy', 'scipy', 'rapidfuzz'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
