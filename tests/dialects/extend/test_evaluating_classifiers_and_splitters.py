"""The other two kinds of processor: class and split metrics, checked against child runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from extend_ai import Extend
from tests.dialects.extend import recount
from tests.dialects.extend.polling import evaluated, every
from tests.dialects.extend.samples import CLASSES, Invoice, pack_pdf, resume_pdf

RATIOS = ("precision", "recall", "f1")


@pytest.fixture(scope="module")
def classifier(client: Extend) -> Any:
    return client.classifiers.create(name="Mail", config={"classifications": CLASSES})


@pytest.fixture(scope="module")
def splitter(client: Extend) -> Any:
    return client.splitters.create(name="Packs", config={"split_classifications": CLASSES})


@pytest.fixture(scope="module")
def classified(client: Extend, classifier: Any, upload: Callable[..., str]) -> tuple[Any, Any]:
    """A set with one wrong truth and one of a class nobody configured, and its finished run."""
    created = client.evaluation_sets.create(name="mail", entity_id=classifier.id)
    documents = [
        (Invoice(number="C-1").pdf(), {"id": "cls_invoice", "type": "invoice"}),
        (Invoice(number="C-2").pdf(), {"id": "cls_resume", "type": "resume"}),
        (resume_pdf(), {"id": "cls_resume", "type": "resume"}),
        (resume_pdf("Bo Dahl"), {"id": "cls_gone", "type": "gone"}),
    ]
    client.evaluation_set_items.create(
        created.id,
        items=[{"file_id": upload(pdf), "expected_output": truth} for pdf, truth in documents],
    )
    return created, evaluated(client, created.id)


def test_class_metrics_follow_from_child_runs_and_items(
    client: Extend, classified: tuple[Any, Any]
) -> None:
    created, run = classified
    assert run.status == "PROCESSED"
    assert run.metrics.type == "CLASSIFY"
    outputs = {
        child.file.id: client.classify_runs.retrieve(child.id).output.dict()
        for child in every(client.classify_runs.list, batch_id=run.id)
    }
    pairs = []
    for item in client.evaluation_set_items.list(created.id).data:
        truth = client.evaluation_set_items.retrieve(created.id, item.id).expected_output.dict()
        pairs.append((truth, outputs[item.file.id]))
    counted = recount.classification(pairs)
    metrics = run.metrics.classification_metrics
    assert set(metrics) == {"invoice", "resume", "other", "gone"}
    for name, metric in metrics.items():
        counts = counted.get(name, {})
        assert metric.count_expected == counts.get("countExpected", 0), name
        assert metric.count_predicted == counts.get("countPredicted", 0), name
        assert metric.count_correct == counts.get("countCorrect", 0), name
    correct = sum(counts["countCorrect"] for counts in counted.values())
    assert run.metrics.accuracy == correct / 4
    assert metrics["other"].precision is None
    assert metrics["other"].recall is None
    assert metrics["gone"].recall == 0
    assert metrics["gone"].f1 is None


def test_the_confusion_matrix_is_an_extra_member(classified: tuple[Any, Any]) -> None:
    _, run = classified
    matrix = run.metrics.confusionMatrix
    assert matrix["invoice"] == {"invoice": 1}
    assert sum(sum(row.values()) for row in matrix.values()) == 4


def test_a_classify_run_has_class_confidence_and_insights(
    client: Extend, classified: tuple[Any, Any]
) -> None:
    _, run = classified
    child = client.classify_runs.retrieve(client.classify_runs.list(batch_id=run.id).data[0].id)
    assert child.object == "classify_run"
    assert child.classifier.object == "classifier"
    assert child.classifier_version.classifier_id == child.classifier.id
    assert 0 <= child.output.confidence <= 1
    assert child.output.insights == []
    assert child.config.classifications[0].id == "cls_invoice"


def test_split_metrics_follow_from_child_runs_and_items(
    client: Extend, splitter: Any, upload: Callable[..., str]
) -> None:
    created = client.evaluation_sets.create(name="packs", entity_id=splitter.id)
    truth = [
        {"classification_id": "cls_invoice", "type": "invoice", "start_page": 1, "end_page": 1},
        {"classification_id": "cls_invoice", "type": "invoice", "start_page": 2, "end_page": 3},
    ]
    item = client.evaluation_set_items.create(
        created.id, items=[{"file_id": upload(pack_pdf()), "expected_output": {"splits": truth}}]
    ).evaluation_set_items[0]
    assert item.expected_output.splits[0]["classificationId"] == "cls_invoice"
    run = evaluated(client, created.id)
    assert run.metrics.type == "SPLITTER"
    child = client.split_runs.list(batch_id=run.id).data[0]
    found = client.split_runs.retrieve(child.id)
    produced = [split.dict() for split in found.output.splits]
    wire = {
        "splits": [
            {
                "classificationId": s.classification_id,
                "startPage": s.start_page,
                "endPage": s.end_page,
            }
            for s in found.output.splits
        ]
    }
    expected, predicted, correct = recount.splitting([(item.expected_output.dict(), wire)])
    metrics = run.metrics
    assert metrics.num_splits_expected == expected == 2
    assert metrics.num_splits_predicted == predicted == len(produced)
    assert metrics.num_splits_correct == correct
    assert metrics.precision == pytest.approx(correct / predicted)
    assert metrics.recall == pytest.approx(correct / expected)
    assert metrics.f1 == pytest.approx(2 * correct / (expected + predicted))
    assert not hasattr(metrics, "accuracy")
    assert metrics.num_pages == 3
    assert {split.file_id for split in found.output.splits} == {found.file.id}
    assert len({split.id for split in found.output.splits}) == len(produced)
    assert found.output.splits[0].start_page == 1
    assert found.output.splits[-1].end_page == 3


def test_a_set_runs_against_another_processor_of_its_kind(
    client: Extend, classified: tuple[Any, Any]
) -> None:
    created, _ = classified
    other = client.classifiers.create(name="Lean", config={"classifications": CLASSES[:1]})
    run = evaluated(client, created.id, entity={"id": other.id})
    assert run.entity.id == other.id
    assert run.entity_version.version == "draft"
    assert run.metrics.classification_metrics["invoice"].count_predicted == 4
