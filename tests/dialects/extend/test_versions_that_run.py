"""Which version an evaluation runs: draft, newest, numbered, by id, and what never changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from extend_ai import Extend
from extend_ai.errors import BadRequestError, NotFoundError
from tests.dialects.extend.polling import wait
from tests.dialects.extend.samples import CLASSES, INVOICE_CONFIG, Invoice


@pytest.fixture(scope="module")
def processor(client: Extend) -> Any:
    return client.extractors.create(name="Versioned", config=INVOICE_CONFIG)


@pytest.fixture(scope="module")
def set_id(client: Extend, processor: Any, upload: Callable[..., str]) -> str:
    created = client.evaluation_sets.create(name="versions", entity_id=processor.id)
    truth = {"value": {"invoice_number": "V-1"}}
    client.evaluation_set_items.create(
        created.id,
        items=[{"file_id": upload(Invoice(number="V-1").pdf()), "expected_output": truth}],
    )
    return created.id


@pytest.fixture(scope="module")
def published(client: Extend, processor: Any, set_id: str) -> list[Any]:
    """1.0, then 2.0, then 2.1 with a configuration of its own."""
    before = client.evaluation_set_runs.create(
        evaluation_set_id=set_id, entity={"id": processor.id}
    )
    assert before.entity_version.version == "draft"
    own = {"schema": {"type": "object", "properties": {"total": {"type": ["number", "null"]}}}}
    create = client.extractor_versions.create
    return [
        create(processor.id, release_type="major", description="first"),
        create(processor.id, release_type="major"),
        create(processor.id, release_type="minor", config=own),
    ]


def test_numbers_grow_by_the_label(published: list[Any]) -> None:
    assert [version.version for version in published] == ["1.0", "2.0", "2.1"]
    assert published[0].description == "first"
    assert published[1].description is None
    assert published[0].created_by.type == "api_key"


def test_a_first_minor_version_is_0_1(client: Extend) -> None:
    created = client.classifiers.create(name="Fresh", config={"classifications": CLASSES})
    version = client.classifier_versions.create(created.id, release_type="minor")
    assert version.version == "0.1"
    assert version.classifier_id == created.id


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        (None, "2.1"),
        ("latest", "2.1"),
        ("draft", "draft"),
        ("1.0", "1.0"),
        ("2.0", "2.0"),
    ],
)
def test_what_a_version_resolves_to(
    client: Extend,
    processor: Any,
    set_id: str,
    published: list[Any],
    reference: str | None,
    number: str,
) -> None:
    entity = (
        {"id": processor.id} if reference is None else {"id": processor.id, "version": reference}
    )
    run = client.evaluation_set_runs.create(evaluation_set_id=set_id, entity=entity)
    assert run.entity_version.version == number


def test_a_version_id_names_its_version(
    client: Extend, processor: Any, set_id: str, published: list[Any]
) -> None:
    entity = {"id": processor.id, "version": published[0].id}
    run = client.evaluation_set_runs.create(evaluation_set_id=set_id, entity=entity)
    assert run.entity_version.id == published[0].id
    assert run.entity_version.description == "first"


def test_without_an_entity_the_draft_runs_although_versions_are_published(
    client: Extend, set_id: str, published: list[Any]
) -> None:
    run = client.evaluation_set_runs.create(evaluation_set_id=set_id)
    assert run.entity_version.version == "draft"


def test_explicit_nulls_mean_not_given(client: Extend, set_id: str, published: list[Any]) -> None:
    run = client.evaluation_set_runs.create(
        evaluation_set_id=set_id,
        entity=None,  # type: ignore[arg-type]
        evaluation_set_item_ids=None,  # type: ignore[arg-type]
    )
    assert run.entity_version.version == "draft"
    assert run.metrics.num_files_total == 1


@pytest.mark.parametrize("reference", ["3.0", "1", "01.0", "exv_000000000000000000000", "newest"])
def test_an_unknown_version_is_not_found(
    client: Extend, processor: Any, set_id: str, published: list[Any], reference: str
) -> None:
    with pytest.raises(NotFoundError):
        client.evaluation_set_runs.create(
            evaluation_set_id=set_id, entity={"id": processor.id, "version": reference}
        )


def test_a_version_of_another_processor_is_not_found(
    client: Extend, set_id: str, extractor: Any, published: list[Any]
) -> None:
    with pytest.raises(NotFoundError):
        client.evaluation_set_runs.create(
            evaluation_set_id=set_id,
            entity={"id": extractor.id, "version": published[0].id},
        )


def test_a_processor_of_another_kind_is_refused(client: Extend, set_id: str) -> None:
    other = client.classifiers.create(name="Odd", config={"classifications": CLASSES})
    with pytest.raises(BadRequestError):
        client.evaluation_set_runs.create(evaluation_set_id=set_id, entity={"id": other.id})


def test_editing_the_draft_changes_neither_versions_nor_runs(
    client: Extend, upload: Callable[..., str]
) -> None:
    mine = client.extractors.create(name="Mine", config=INVOICE_CONFIG)
    version = client.extractor_versions.create(mine.id, release_type="major")
    created = client.evaluation_sets.create(name="draft", entity_id=mine.id)
    truth = {"value": {"invoice_number": "D-1"}}
    client.evaluation_set_items.create(
        created.id,
        items=[{"file_id": upload(Invoice(number="D-1").pdf()), "expected_output": truth}],
    )
    run = client.evaluation_set_runs.create(evaluation_set_id=created.id)
    other = {"schema": {"type": "object", "properties": {"x": {"type": ["string", "null"]}}}}
    changed = client.extractors.update(mine.id, config=other)
    assert changed.draft_version.id == mine.draft_version.id
    assert "x" in changed.draft_version.config.schema_["properties"]
    kept = client.extractor_versions.retrieve(mine.id, version.id)
    assert "invoice_number" in kept.config.schema_["properties"]
    finished = wait(client.evaluation_set_runs, run)
    assert set(finished.metrics.field_metrics) >= {"invoice_number", "vendor.name"}


def test_lists_show_the_draft_first_then_the_newest(
    client: Extend, processor: Any, published: list[Any]
) -> None:
    listed = client.extractor_versions.list(processor.id).data
    assert [version.version for version in listed] == ["draft", "2.1", "2.0", "1.0"]
    upward = client.extractor_versions.list(processor.id, sort_dir="asc").data
    assert [version.version for version in upward] == ["draft", "1.0", "2.0", "2.1"]
    assert not hasattr(listed[0], "config")


@pytest.mark.parametrize("reference", ["draft", "latest", "1.0", "2.1"])
def test_one_version_can_be_read_by_name(
    client: Extend, processor: Any, published: list[Any], reference: str
) -> None:
    found = client.extractor_versions.retrieve(processor.id, reference)
    assert found.version == ("2.1" if reference == "latest" else reference)
    assert found.config.schema_


def test_a_version_published_with_a_configuration_leaves_the_draft_alone(
    client: Extend, processor: Any, published: list[Any]
) -> None:
    draft = client.extractors.retrieve(processor.id).draft_version
    assert "invoice_number" in draft.config.schema_["properties"]
    assert set(published[2].config.schema_["properties"]) == {"total"}
