"""Core values in the vendor's words: metrics at every stage, outputs, failures, ids."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from evaluand.dialects.extend.render_metrics import item_detail, metrics
from evaluand.dialects.extend.render_outputs import output
from evaluand.dialects.extend.words import ALL, read, read_processor, read_version, shown
from evaluand.domain.ids import new_public_id
from evaluand.domain.model import (
    Counters,
    File,
    Purpose,
    Run,
    RunStatus,
    Snapshot,
    Suite,
    TargetKind,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
COUNTS = {"numFilesTotal": 4, "numFilesProcessed": 2, "numFiles": 2}
FILE = File(
    key=1,
    id=new_public_id(),
    name="a.pdf",
    kind="PDF",
    size=1,
    sha256="",
    page_count=3,
    created_at=NOW,
    updated_at=NOW,
)


def run(kind: TargetKind, found: dict[str, Any] | None, status: RunStatus) -> Run:
    """An evaluation run of 4 items, 2 of them done."""
    snapshot = Snapshot(
        target=None,
        version=None,
        kind=kind,
        config={},
        suite=Suite(),
        set_name=None,
        set_version=None,
        digest="",
    )
    latency = {"mean_ms": 1644, "p50_ms": 1000, "p90_ms": 4000, "p95_ms": 4000, "p99_ms": 4000}
    summary = None
    if found is not None:
        summary = {"metrics": {"any": found}, "latency": latency, "pages": 9, "items": 4}
    return Run(
        key=1,
        id=new_public_id(),
        purpose=Purpose.EVALUATION,
        status=status,
        snapshot=snapshot,
        digest="",
        evaluation_set=None,
        item_count=4,
        counters=Counters(passed=1, error=1, pages=7),
        summary=summary,
        error=None,
        cancel_requested=False,
        created_at=NOW,
        updated_at=NOW,
        started_at=None,
        finished_at=None,
        created_by=None,
    )


@pytest.mark.parametrize("status", sorted(set(RunStatus) - {RunStatus.SUCCEEDED}))
@pytest.mark.parametrize("words", ALL, ids=lambda words: words.noun)
def test_a_run_that_is_not_processed_shows_counts_only(status: RunStatus, words: Any) -> None:
    shown_metrics = metrics(run(words.kind, {"accuracy": 1.0}, status))
    assert shown_metrics == {"type": words.metrics_type, **COUNTS}


def test_extraction_metrics_keep_field_paths() -> None:
    found = {
        "items": 4,
        "failed": 1,
        "accuracy": 0.5,
        "interval": [0.2, 0.8],
        "macro_accuracy": 0.4,
        "fields": {
            "line_items.unit_price": {
                "total": 4,
                "present": 3,
                "expected": 4,
                "accurate": 2.5,
                "accuracy": 0.625,
                "interval": [0.3, 0.9],
                "wrong": 1,
            },
            "never_seen": {"total": 4, "present": 0, "expected": 0, "accurate": 0},
        },
        "arrays": {"line_items": {"expected": 4, "accuracy": 0.7}},
    }
    shown_metrics = metrics(run(TargetKind.EXTRACTOR, found, RunStatus.SUCCEEDED))
    assert shown_metrics["type"] == "EXTRACT"
    assert (shown_metrics["accuracy"], shown_metrics["accuracyInterval"]) == (0.5, [0.2, 0.8])
    assert shown_metrics["macroAccuracy"] == 0.4
    assert shown_metrics["numFilesFailed"] == 1
    field = shown_metrics["fieldMetrics"]["line_items.unit_price"]
    assert field["countTotal"] == 4
    assert field["countPresent"] == 3
    assert field["countExpected"] == 4
    assert field["countAccurate"] == 2.5
    assert field["wrong"] == 1
    assert "accuracy" not in shown_metrics["fieldMetrics"]["never_seen"]
    assert shown_metrics["arrayMetrics"] == {"line_items": {"countExpected": 4, "accuracy": 0.7}}
    assert shown_metrics["numPages"] == 9
    assert shown_metrics["meanLatencyMs"] == 1644
    assert shown_metrics["p50LatencyMs"] == 1000


def test_class_metrics_keep_class_types() -> None:
    one = {"expected": 3, "predicted": 3, "correct": 2, "precision": 0.6, "f1_interval": [0, 1]}
    found = {
        "accuracy": 0.5,
        "classes": {"tax_form": one},
        "micro": {"precision": 0.5},
        "macro": {},
        "confusion": {"tax_form": {"other_type": 1}},
        "no_prediction": {"tax_form": 1},
    }
    shown_metrics = metrics(run(TargetKind.CLASSIFIER, found, RunStatus.SUCCEEDED))
    assert shown_metrics["type"] == "CLASSIFY"
    shown_class = shown_metrics["classificationMetrics"]["tax_form"]
    assert shown_class["countExpected"] == 3
    assert shown_class["countPredicted"] == 3
    assert shown_class["countCorrect"] == 2
    assert shown_class["f1Interval"] == [0, 1]
    assert shown_metrics["confusionMatrix"] == {"tax_form": {"other_type": 1}}
    assert shown_metrics["noPrediction"] == {"tax_form": 1}


def test_split_metrics_have_no_accuracy() -> None:
    found = {
        "expected": 5,
        "predicted": 6,
        "correct": 2,
        "precision": 1 / 3,
        "recall": 0.4,
        "f1": 4 / 11,
        "boundaries": {"expected": 3, "recall": 1},
        "classes": {"tax_form": {"expected": 1}},
        "pages": {"total": 9, "correct": 8, "accuracy": 8 / 9},
    }
    shown_metrics = metrics(run(TargetKind.SPLITTER, found, RunStatus.SUCCEEDED))
    assert shown_metrics["type"] == "SPLITTER"
    assert "accuracy" not in shown_metrics
    assert shown_metrics["numSplitsExpected"] == 5
    assert shown_metrics["numSplitsPredicted"] == 6
    assert shown_metrics["numSplitsCorrect"] == 2
    assert shown_metrics["f1"] == 4 / 11
    assert shown_metrics["boundaryMetrics"] == {"countExpected": 3, "recall": 1}
    assert shown_metrics["pageMetrics"]["countTotal"] == 9


def test_the_detail_of_an_item_keeps_the_users_names() -> None:
    detail = {
        "failed": False,
        "fields": {"unit_price": {"credit": 1}},
        "arrays": {"line_items": {"expected_rows": 2}},
        "pages": {"correct": 1},
    }
    assert item_detail(detail) == {
        "failed": False,
        "fields": {"unit_price": {"credit": 1}},
        "arrays": {"line_items": {"expectedRows": 2}},
        "pages": {"correct": 1},
    }


def test_evidence_becomes_citations() -> None:
    other = replace(FILE, id=new_public_id())
    proof = {"confidence": 0.9, "page": 2, "box": [1, 2, 3, 4], "text": "INV", "file": 1}
    answer = {"value": {"a": 1}, "evidence": {"rows[0].a": proof}}
    shown_output = output(TargetKind.EXTRACTOR, answer, (FILE, other), "t")
    assert shown_output["value"] == {"a": 1}
    found = shown_output["metadata"]["rows[0].a"]
    assert found["ocrConfidence"] == 0.9
    (citation,) = found["citations"]
    assert citation["page"] == {"number": 2}
    assert citation["referenceText"] == "INV"
    assert citation["fileId"] == shown("file", other.id)
    corners = [(point["x"], point["y"]) for point in citation["polygon"]]
    assert corners == [(1, 2), (3, 2), (3, 4), (1, 4)]


def test_a_value_without_a_place_has_no_citation() -> None:
    proof = {"confidence": 0.5, "page": None, "box": None, "text": None, "file": 0}
    shown_output = output(TargetKind.EXTRACTOR, {"evidence": {"a": proof}}, (FILE,), "t")
    assert shown_output["value"] == {}
    assert shown_output["metadata"]["a"]["citations"] == []


def test_splits_get_ids_and_texts() -> None:
    split = {"classificationId": "c", "type": "t", "startPage": 1, "endPage": 2}
    answer = {"splits": [{**split, "identifier": None}, split]}
    first, second = output(TargetKind.SPLITTER, answer, (FILE,), "tail")["splits"]
    assert (first["identifier"], first["observation"]) == ("", "")
    assert first["id"] == "split_tail_1" != second["id"]
    assert first["fileId"] == shown("file", FILE.id)


def test_ids_are_read_by_their_prefix_only() -> None:
    public_id = new_public_id()
    assert read("ex", shown("ex", public_id)) == public_id
    assert read("cl", shown("ex", public_id)) is None
    assert read("ex", None) is None
    for words in ALL:
        assert read_processor(shown(words.prefix, public_id)) == public_id
        assert read_version(shown(words.version_prefix, public_id)) == public_id
    assert read_processor(shown("file", public_id)) is None
    assert read_version("1.0") == "1.0"
    assert read_version(None) is None
