"""The main job through the SDK: truth, a run against a version, and a score that can be checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from extend_ai import Extend
from tests.dialects.extend import recount
from tests.dialects.extend.polling import evaluated, every, wait
from tests.dialects.extend.samples import INVOICE_CONFIG, Invoice

SCHEMA = INVOICE_CONFIG["schema"]
INVOICES = [
    Invoice(number="INV-001"),
    Invoice(number="INV-002", vendor="Beta LLC", rows=(("Bolt", 5, 2.5), ("Nut", 3, 1.0))),
    Invoice(number="INV-003", date="2026-04-02", rows=(("Saw", 1, 60.0),)),
]


@pytest.fixture(scope="module")
def truths() -> list[dict[str, Any]]:
    """What is expected: not quite what is printed, so that every kind of mistake occurs."""
    first, second, third = (invoice.truth for invoice in INVOICES)
    second["vendor"] = {"name": None}
    second["line_items"].append({"description": "Saw", "quantity": 1, "amount": 60.0})
    third["invoice_number"] = "INV-0O3"
    del third["total"]
    return [first, second, third]


@pytest.fixture(scope="module")
def evaluation_set(
    client: Extend, extractor: Any, upload: Callable[..., str], truths: list[dict[str, Any]]
) -> Any:
    created = client.evaluation_sets.create(name="Q1 invoices", entity_id=extractor.id)
    client.evaluation_set_items.create(
        created.id,
        items=[
            {"file_id": upload(invoice.pdf(), f"{n}.pdf"), "expected_output": {"value": truth}}
            for n, (invoice, truth) in enumerate(zip(INVOICES, truths, strict=True))
        ],
    )
    return created


@pytest.fixture(scope="module")
def run(client: Extend, evaluation_set: Any) -> Any:
    return evaluated(client, evaluation_set.id)


def test_the_first_answer_has_counts_and_no_scores(client: Extend, evaluation_set: Any) -> None:
    run = client.evaluation_set_runs.create(evaluation_set_id=evaluation_set.id)
    assert run.object == "evaluation_set_run"
    assert run.id.startswith("bpr_")
    assert run.status == "PENDING"
    assert run.metrics.type == "EXTRACT"
    assert (run.metrics.num_files_total, run.metrics.num_files_processed) == (3, 0)
    assert run.metrics.num_files == 0
    assert run.metrics.accuracy is None
    assert run.metrics.field_metrics is None
    assert (run.options.fuzzy_match_fields, run.options.exclude_fields) == ([], [])
    assert run.evaluation_set_id == evaluation_set.id


def test_without_an_entity_the_draft_runs(run: Any, extractor: Any) -> None:
    assert run.status == "PROCESSED"
    assert run.entity.object == "extractor"
    assert run.entity.id == extractor.id
    assert run.entity_version.object == "extractor_version"
    assert run.entity_version.version == "draft"
    assert run.entity_version.extractor_id == extractor.id
    assert run.updated_at >= run.created_at


def test_the_metrics_follow_from_child_runs_and_items(
    client: Extend, run: Any, evaluation_set: Any
) -> None:
    children = every(client.extract_runs.list, batch_id=run.id, max_page_size=2)
    listed = every(
        lambda **options: client.evaluation_set_items.list(evaluation_set.id, **options),
        max_page_size=2,
    )
    expected = {
        item.file.id: client.evaluation_set_items.retrieve(
            evaluation_set.id, item.id
        ).expected_output.value
        for item in listed
    }
    assert {child.file.id for child in children} == set(expected)
    outputs = {child.file.id: client.extract_runs.retrieve(child.id).output for child in children}
    pairs = [(expected[file], outputs[file].value) for file in expected]
    fields = recount.extraction(SCHEMA, pairs)
    assert set(run.metrics.field_metrics) == set(fields)
    for name, counts in fields.items():
        metric = run.metrics.field_metrics[name]
        assert metric.count_total == counts["countTotal"], name
        assert metric.count_present == counts["countPresent"], name
        assert metric.count_expected == counts["countExpected"], name
        assert metric.count_accurate == pytest.approx(counts["countAccurate"]), name
        ratio = counts["countAccurate"] / counts["countExpected"]
        assert metric.accuracy == pytest.approx(ratio), name
    assert run.metrics.accuracy == pytest.approx(recount.accuracy(fields))
    assert 0.5 < run.metrics.accuracy < 1


def test_counts_latency_and_pages_are_final(run: Any) -> None:
    metrics = run.metrics
    assert (metrics.num_files_total, metrics.num_files_processed, metrics.num_files) == (3, 3, 3)
    assert metrics.num_pages == 3
    assert 0 < metrics.p50latency_ms <= metrics.p90latency_ms <= metrics.p99latency_ms
    assert metrics.p95latency_ms <= metrics.p99latency_ms
    assert metrics.mean_latency_ms > 0


def test_intervals_come_as_extra_members(run: Any) -> None:
    low, high = run.metrics.accuracyInterval
    assert 0 <= low <= run.metrics.accuracy <= high <= 1
    assert run.metrics.arrayMetrics["line_items"]["countExpected"] == 3


def test_child_runs_carry_what_ran_and_how_it_did(client: Extend, run: Any, extractor: Any) -> None:
    summaries = client.extract_runs.list(batch_id=run.id).data
    assert len(summaries) == 3
    child = client.extract_runs.retrieve(summaries[0].id)
    assert child.object == "extract_run"
    assert child.status == "PROCESSED"
    assert child.extractor.id == extractor.id
    assert child.extractor_version.version == "draft"
    assert child.config.schema_["properties"].keys() == SCHEMA["properties"].keys()
    assert child.evaluation["evaluationSetRunId"] == run.id
    assert child.evaluation["evaluationSetItemId"].startswith("evi_")
    assert child.evaluation["outcome"] in ("passed", "failed")
    assert 0 <= child.evaluation["scores"][0]["value"] <= 1
    assert "invoice_number" in child.evaluation["scores"][0]["detail"]["fields"]
    assert [summary.evaluation for summary in summaries]


def test_citations_say_where_a_value_stands(client: Extend, run: Any) -> None:
    child = client.extract_runs.list(batch_id=run.id).data[0]
    proof = client.extract_runs.retrieve(child.id).output.metadata["invoice_number"]
    assert 0 < proof.ocr_confidence <= 1
    citation = proof.citations[0]
    assert citation.file_id == child.file.id
    assert citation.page.number == 1
    assert len(citation.polygon) == 4
    assert "INV-00" in citation.reference_text


def test_a_part_of_the_set_can_run(client: Extend, evaluation_set: Any) -> None:
    items = client.evaluation_set_items.list(evaluation_set.id, max_page_size=2).data
    chosen = [item.id for item in items]
    run = evaluated(client, evaluation_set.id, evaluation_set_item_ids=[*chosen, chosen[0]])
    assert run.metrics.num_files_total == 2
    files = {child.file.id for child in client.extract_runs.list(batch_id=run.id).data}
    assert files == {item.file.id for item in items}


def test_fields_can_be_excluded_and_matched_fuzzily(client: Extend, evaluation_set: Any) -> None:
    options = {"excludeFields": ["line_items"], "fuzzyMatchFields": ["invoice_number"]}
    run = evaluated(
        client,
        evaluation_set.id,
        request_options={"additional_body_parameters": {"options": options}},
    )
    assert run.options.exclude_fields == ["line_items"]
    assert run.options.fuzzy_match_fields == ["invoice_number"]
    assert not any(name.startswith("line_items") for name in run.metrics.field_metrics)
    assert run.metrics.field_metrics["invoice_number"].accuracy == 1


def test_a_failed_document_earns_nothing_and_the_run_is_processed(
    client: Extend, extractor: Any, upload: Callable[..., str]
) -> None:
    invoice = Invoice(number="INV-777")
    created = client.evaluation_sets.create(name="half", entity_id=extractor.id)
    good, lost = upload(invoice.pdf(), "good.pdf"), upload(invoice.pdf() + b"\n", "lost.pdf")
    truth = {"value": {"invoice_number": "INV-777"}}
    client.evaluation_set_items.create(
        created.id, items=[{"file_id": f, "expected_output": truth} for f in (good, lost)]
    )
    client.files.delete(lost)
    run = evaluated(client, created.id)
    assert run.status == "PROCESSED"
    assert (run.metrics.num_files_total, run.metrics.num_files_processed) == (2, 2)
    assert run.metrics.accuracy == 0.5
    failed = client.extract_runs.list(batch_id=run.id, status="FAILED").data
    assert [child.file.id for child in failed] == [lost]
    child = client.extract_runs.retrieve(failed[0].id)
    assert child.failure_reason == "FAILED_TO_PROCESS_FILE"
    assert child.failure_message
    assert child.output is None


def test_editing_and_deleting_items_changes_no_run(
    client: Extend, extractor: Any, upload: Callable[..., str]
) -> None:
    created = client.evaluation_sets.create(name="edited", entity_id=extractor.id)
    truth = {"value": {"invoice_number": "INV-5"}}
    item = client.evaluation_set_items.create(
        created.id,
        items=[{"file_id": upload(Invoice(number="INV-5").pdf()), "expected_output": truth}],
    ).evaluation_set_items[0]
    run = client.evaluation_set_runs.create(evaluation_set_id=created.id)
    wrong = {"value": {"invoice_number": "INV-6"}}
    client.evaluation_set_items.update(created.id, item.id, expected_output=wrong)
    client.evaluation_set_items.delete(created.id, item.id)
    client.extractors.update(extractor.id, name="Invoices")
    finished = wait(client.evaluation_set_runs, run)
    assert finished.metrics.accuracy == 1
    again = client.evaluation_set_runs.retrieve(run.id)
    assert again == finished


def test_a_run_in_which_nothing_could_be_evaluated_failed_and_has_no_score(
    client: Extend, extractor: Any, upload: Callable[..., str]
) -> None:
    created = client.evaluation_sets.create(name="lost", entity_id=extractor.id)
    lost = upload(Invoice(number="L-1").pdf(), "lost.pdf")
    truth = {"value": {"invoice_number": None}}
    client.evaluation_set_items.create(
        created.id, items=[{"file_id": lost, "expected_output": truth}]
    )
    client.files.delete(lost)
    run = evaluated(client, created.id)
    assert run.status == "FAILED"
    assert run.metrics.type == "EXTRACT"
    assert (run.metrics.num_files_total, run.metrics.num_files_processed) == (1, 1)
    assert run.metrics.accuracy is None
    assert run.metrics.field_metrics is None
    assert client.batch_processor_run.get(run.id).batch_processor_run.status == "FAILED"
