"""What all kinds have in common."""

from __future__ import annotations

import pickle
import subprocess
import sys

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
