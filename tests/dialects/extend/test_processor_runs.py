"""Single runs and batches of extractors, classifiers and splitters, with or without a set."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from extend_ai import Extend
from extend_ai.errors import BadRequestError, NotFoundError
from tests.dialects.extend.polling import evaluated, every, wait
from tests.dialects.extend.samples import (
    CLASSES,
    INVOICE_CONFIG,
    Invoice,
    pack_pdf,
    resume_pdf,
)


def test_an_extract_run_is_polled_to_its_output(
    client: Extend, extractor: Any, upload: Callable[..., str]
) -> None:
    invoice = Invoice(number="R-1")
    run = client.extract_runs.create(
        extractor={"id": extractor.id},
        file={"id": upload(invoice.pdf(), "r.pdf")},
        metadata={"customer": "42", "snake_case": {"a": [1]}},
        priority=10,
    )
    assert run.object == "extract_run"
    assert run.id.startswith("exr_")
    assert run.status in ("PENDING", "PROCESSING", "PROCESSED")
    done = wait(client.extract_runs, run)
    assert done.status == "PROCESSED"
    assert done.output.value["invoice_number"] == "R-1"
    assert done.metadata == {"customer": "42", "snake_case": {"a": [1]}}
    assert (done.reviewed, done.edited, done.edits) == (False, False, None)
    assert done.extractor.id == extractor.id
    assert done.files is None
    assert done.dashboard_url.startswith("http")
    assert done.usage.credits == 0
    assert not hasattr(done, "evaluation")


def test_create_and_poll_works(client: Extend, upload: Callable[..., str]) -> None:
    done = client.classify_runs.create_and_poll(
        config={"classifications": CLASSES}, file={"id": upload(resume_pdf())}
    )
    assert done.status == "PROCESSED"
    assert done.output.type == "resume"
    assert done.classifier is None
    assert done.classifier_version is None


def test_a_text_is_a_document(client: Extend, extractor: Any) -> None:
    text = "Invoice number: T-77\nTotal: 12.50"
    run = client.extract_runs.create(
        extractor={"id": extractor.id}, file={"text": text, "name": "note.txt"}
    )
    done = wait(client.extract_runs, run)
    assert done.file.name == "note.txt"
    assert done.output.value["invoice_number"] == "T-77"


def test_an_address_is_a_document(client: Extend, extractor: Any) -> None:
    source = client.files.upload(file=("remote.pdf", Invoice(number="U-1").pdf()))
    link = client.files.retrieve(source.id).presigned_url
    run = client.extract_runs.create(
        extractor={"id": extractor.id}, file={"url": link, "name": "fetched.pdf"}
    )
    done = wait(client.extract_runs, run)
    assert done.file.name == "fetched.pdf"
    assert done.output.value["invoice_number"] == "U-1"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/none.pdf", "ftp://x/y", "nonsense"])
def test_an_address_without_a_document_is_refused(client: Extend, extractor: Any, url: str) -> None:
    with pytest.raises(BadRequestError):
        client.extract_runs.create(extractor={"id": extractor.id}, file={"url": url})


def test_a_package_is_read_as_one(
    client: Extend, extractor: Any, upload: Callable[..., str]
) -> None:
    ids = [upload(Invoice(number=f"K-{n}").pdf(), f"{n}.pdf") for n in range(2)]
    run = client.extract_runs.create(
        extractor={"id": extractor.id}, package={"files": [{"id": one} for one in ids]}
    )
    done = wait(client.extract_runs, run)
    assert done.file is None
    assert [file.id for file in done.files] == ids


def test_members_can_be_overridden_for_one_run(
    client: Extend, extractor: Any, upload: Callable[..., str]
) -> None:
    schema = {"type": "object", "properties": {"total": {"type": ["number", "null"]}}}
    run = client.extract_runs.create(
        extractor={"id": extractor.id, "override_config": {"schema": schema}},
        file={"id": upload(Invoice(number="O-1").pdf())},
    )
    done = wait(client.extract_runs, run)
    assert set(done.output.value) == {"total"}
    assert done.config.schema_ == schema


def test_without_a_schema_one_is_drawn_from_the_document(
    client: Extend, upload: Callable[..., str]
) -> None:
    run = client.extract_runs.create(file={"id": upload(Invoice(number="N-1").pdf())})
    done = wait(client.extract_runs, run)
    assert done.output.value["invoice_number"] == "N-1"
    assert done.extractor is None


def test_a_split_run_has_splits(client: Extend, upload: Callable[..., str]) -> None:
    run = client.split_runs.create(
        config={"split_classifications": CLASSES}, file={"id": upload(pack_pdf())}
    )
    done = wait(client.split_runs, run)
    assert done.object == "split_run"
    assert done.output.splits[0].classification_id in {one["id"] for one in CLASSES}


def test_a_batch_runs_each_input(
    client: Extend, extractor: Any, upload: Callable[..., str]
) -> None:
    ids = [upload(Invoice(number=f"B-{n}").pdf(), f"b{n}.pdf") for n in range(3)]
    batch = client.extract_runs.create_batch(
        extractor={"id": extractor.id},
        inputs=[{"file": {"id": one}, "metadata": {"place": n}} for n, one in enumerate(ids)],
    )
    assert batch.object == "batch_run"
    assert batch.id.startswith("bpr_")
    assert batch.run_count == 3
    children = every(client.extract_runs.list, batch_id=batch.id, max_page_size=2)
    assert {child.file.id for child in children} == set(ids)
    done = [wait(client.extract_runs, client.extract_runs.retrieve(c.id)) for c in children]
    assert {run.output.value["invoice_number"] for run in done} == {"B-0", "B-1", "B-2"}
    assert {run.file.id: run.metadata["place"] for run in done} == dict(
        zip(ids, range(3), strict=True)
    )
    legacy = client.batch_processor_run.get(batch.id)
    assert legacy.batch_processor_run.source == "STUDIO"
    assert legacy.batch_processor_run.source_id == extractor.id
    with pytest.raises(NotFoundError):
        client.evaluation_set_runs.retrieve(batch.id)


def test_an_evaluation_is_a_batch_too(
    client: Extend, extractor: Any, upload: Callable[..., str]
) -> None:
    created = client.evaluation_sets.create(name="b", entity_id=extractor.id)
    truth = {"value": {"invoice_number": "E-1"}}
    client.evaluation_set_items.create(
        created.id,
        items=[{"file_id": upload(Invoice(number="E-1").pdf()), "expected_output": truth}],
    )
    run = evaluated(client, created.id)
    batch = client.batch_runs.get(run.id)
    assert (batch.id, batch.status, batch.run_count) == (run.id, "PROCESSED", 1)
    answer = client.batch_processor_run.get(run.id)
    assert answer.success is True
    legacy = answer.batch_processor_run
    assert (legacy.source, legacy.source_id) == ("EVAL_SET", created.id)
    assert (legacy.processor_id, legacy.processor_name) == (extractor.id, run.entity.name)
    assert (legacy.metrics.num_files, legacy.metrics.num_pages) == (1, 1)
    assert legacy.status == "PROCESSED"


@pytest.fixture(scope="module")
def listed(client: Extend, upload: Callable[..., str]) -> tuple[Any, str, list[Any]]:
    """A processor with three finished runs of files that carry a mark in their names."""
    owner = client.classifiers.create(name="Listed", config={"classifications": CLASSES})
    mark = os.urandom(4).hex()
    runs = [
        wait(
            client.classify_runs,
            client.classify_runs.create(
                classifier={"id": owner.id}, file={"id": upload(resume_pdf(), f"{mark}-{n}.pdf")}
            ),
        )
        for n in range(3)
    ]
    return owner, mark, runs


@pytest.mark.parametrize(
    "order", [{}, {"sort_by": "createdAt"}, {"sort_by": "updatedAt", "sort_dir": "asc"}]
)
def test_runs_are_listed_by_filter_to_the_end(
    client: Extend, listed: tuple[Any, str, list[Any]], order: dict[str, str]
) -> None:
    owner, mark, runs = listed
    wanted = [run.id for run in runs]
    for options in (
        {"classifier_id": owner.id},
        {"file_name_contains": mark.upper()},
        {"classifier_id": owner.id, "status": "PROCESSED", "source": "API"},
    ):
        found = [
            row.id for row in every(client.classify_runs.list, max_page_size=2, **options, **order)
        ]
        assert found == (wanted if "sort_dir" in order else wanted[::-1])


@pytest.mark.parametrize(
    "options",
    [
        {"status": "FAILED"},
        {"source": "STUDIO"},
        {"source": "BATCH_PROCESSOR_RUN"},
        {"batch_id": "bpr_000000000000000000000"},
        {"batch_id": "nonsense"},
        {"source_id": "ev_1"},
        {"file_name_contains": "%"},
    ],
)
def test_filters_that_match_nothing_list_nothing(
    client: Extend, listed: tuple[Any, str, list[Any]], options: dict[str, str]
) -> None:
    owner, *_ = listed
    page = client.classify_runs.list(classifier_id=owner.id, **options)
    assert page.data == []
    assert page.next_page_token is None


def test_list_summaries_leave_output_and_configuration_out(
    client: Extend, listed: tuple[Any, str, list[Any]]
) -> None:
    owner, *_ = listed
    row = client.classify_runs.list(classifier_id=owner.id).data[0]
    assert row.object == "classify_run"
    assert not hasattr(row, "output")
    assert not hasattr(row, "config")


def test_a_deleted_run_is_gone(client: Extend, upload: Callable[..., str]) -> None:
    run = client.classify_runs.create(
        config={"classifications": CLASSES}, file={"id": upload(resume_pdf())}
    )
    wait(client.classify_runs, run)
    assert client.classify_runs.delete(run.id).id == run.id
    with pytest.raises(NotFoundError):
        client.classify_runs.retrieve(run.id)
    with pytest.raises(NotFoundError):
        client.classify_runs.delete(run.id)


def test_a_finished_run_cannot_be_cancelled(
    client: Extend, listed: tuple[Any, str, list[Any]]
) -> None:
    *_, runs = listed
    with pytest.raises(BadRequestError) as caught:
        client.classify_runs.cancel(runs[0].id)
    assert "PROCESSED" in caught.value.body["message"]


def test_a_run_under_way_can_be_cancelled(
    client: Extend, extractor: Any, upload: Callable[..., str]
) -> None:
    """A batch keeps the machine busy, so that its last run is under way long enough."""
    ids = [upload(Invoice(number=f"X-{n}").pdf() + b"\n" * n) for n in range(12)]
    batch = client.extract_runs.create_batch(
        extractor={"id": extractor.id}, inputs=[{"file": {"id": one}} for one in ids]
    )
    for _ in range(200):
        under_way = client.extract_runs.list(batch_id=batch.id, status="PROCESSING").data
        if under_way:
            break
    try:
        cancelled = client.extract_runs.cancel(under_way[0].id)
    except BadRequestError:
        # It ended in the moment between looking and asking; then it must not be cancelled.
        assert client.extract_runs.retrieve(under_way[0].id).status == "PROCESSED"
    else:
        assert cancelled.status == "CANCELLED"
        assert cancelled.failure_reason == "ABORTED"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("extract_runs", {"extractor": {"id": "{ex}"}}),
        ("extract_runs", {"extractor": {"id": "{ex}"}, "file": {}}),
        ("extract_runs", {"extractor": {"id": "{ex}"}, "file": {"id": "a", "text": "b"}}),
        (
            "extract_runs",
            {"extractor": {"id": "{ex}"}, "config": INVOICE_CONFIG, "file": {"text": "x"}},
        ),
        (
            "extract_runs",
            {
                "extractor": {"id": "{ex}"},
                "file": {"text": "x"},
                "package": {"files": [{"text": "a"}, {"text": "b"}]},
            },
        ),
        ("extract_runs", {"extractor": {"id": "{ex}"}, "package": {"files": [{"text": "a"}]}}),
        (
            "extract_runs",
            {"extractor": {"id": "{ex}"}, "file": {"text": "x"}, "metadata": {"a": "b" * 10_300}},
        ),
        ("extract_runs", {"extractor": {"id": "{ex}"}, "file": {"text": "x"}, "priority": 0}),
        ("extract_runs", {"extractor": {}, "file": {"text": "x"}}),
        ("classify_runs", {"file": {"text": "x"}}),
        ("split_runs", {"file": {"text": "x"}}),
        (
            "classify_runs",
            {
                "config": {"classifications": CLASSES},
                "package": {"files": [{"text": "a"}, {"text": "b"}]},
            },
        ),
        ("extract_runs/batch", {"inputs": [{"file": {"text": "x"}}]}),
        ("extract_runs/batch", {"extractor": {"id": "{ex}"}, "inputs": []}),
        (
            "extract_runs/batch",
            {"extractor": {"id": "{ex}"}, "inputs": [{"file": {"text": "x"}}] * 1001},
        ),
    ],
)
def test_a_run_that_makes_no_sense_is_refused(
    raw: httpx.Client, extractor: Any, path: str, body: dict[str, Any]
) -> None:
    reference = body.get("extractor")
    if reference:
        body = {**body, "extractor": {**reference, "id": extractor.id}}
    answer = raw.post(f"/{path}", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "INVALID_REQUEST"
