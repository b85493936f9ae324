"""Extractors, classifiers and splitters: creation, configurations, clones, schemas from samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from extend_ai import Extend
from extend_ai.errors import BadRequestError, NotFoundError, UnprocessableEntityError
from pydantic import BaseModel
from tests.dialects.extend.polling import every
from tests.dialects.extend.samples import CLASSES, INVOICE_CONFIG, Invoice, resume_pdf

KINDS = {
    "extractors": ("extractor", "ex", "exv", INVOICE_CONFIG),
    "classifiers": ("classifier", "cl", "clv", {"classifications": CLASSES}),
    "splitters": ("splitter", "spl", "splv", {"splitClassifications": CLASSES}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_processor_has_every_member(client: Extend, raw: httpx.Client, kind: str) -> None:
    noun, prefix, version_prefix, config = KINDS[kind]
    sent = {**config, "someday": {"snake_case": 1}}
    made = raw.post(f"/{kind}", json={"name": "Whole", "config": sent}).json()
    assert made["object"] == noun
    assert made["id"].startswith(f"{prefix}_")
    draft = made["draftVersion"]
    assert draft["object"] == f"{noun}_version"
    assert draft["id"].startswith(f"{version_prefix}_")
    assert draft["version"] == "draft"
    assert draft["description"] is None
    assert draft[f"{noun}Id"] == made["id"]
    assert draft["createdBy"]["type"] == "api_key"
    assert draft["config"].items() >= sent.items()
    assert draft["config"]["baseProcessor"]
    read = getattr(client, kind).retrieve(made["id"])
    assert read.draft_version.config is not None


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_configuration_the_draft_is_empty(client: Extend, kind: str) -> None:
    made = getattr(client, kind).create(name="Empty")
    config = made.draft_version.config
    empty = {
        "extractors": lambda: config.schema_["properties"] == {},
        "classifiers": lambda: config.classifications == [],
        "splitters": lambda: config.split_classifications == [],
    }
    assert empty[kind]()


@pytest.mark.parametrize("kind", KINDS)
def test_summaries_are_listed_to_the_end(client: Extend, kind: str) -> None:
    resource = getattr(client, kind)
    made = {resource.create(name=f"L{n}").id for n in range(3)}
    listed = every(resource.list, max_page_size=2)
    assert made <= {row.id for row in listed}
    assert len({row.id for row in listed}) == len(listed)
    assert not hasattr(listed[0], "draft_version")


def test_lists_are_sorted_by_change(client: Extend) -> None:
    first, second = (client.splitters.create(name=name) for name in ("one", "two"))
    client.splitters.update(first.id, name="changed")
    changed = [row.id for row in client.splitters.list(max_page_size=2).data]
    assert changed == [first.id, second.id]
    created = client.splitters.list(max_page_size=2, sort_by="createdAt").data
    assert [row.id for row in created] == [second.id, first.id]


@pytest.mark.parametrize("kind", KINDS)
def test_a_clone_has_the_drafts_configuration(client: Extend, kind: str) -> None:
    noun, *_, config = KINDS[kind]
    resource = getattr(client, kind)
    original = resource.create(name="Original", config=config)
    clone = resource.create(name="Clone", **{f"clone_{noun}_id": original.id})
    assert clone.id != original.id
    assert clone.draft_version.config == original.draft_version.config


def test_a_clone_of_nothing_is_not_found(client: Extend) -> None:
    with pytest.raises(NotFoundError):
        client.extractors.create(name="x", clone_extractor_id="ex_000000000000000000000")


@pytest.mark.parametrize(
    "body",
    [
        {"config": INVOICE_CONFIG, "cloneExtractorId": "ex_000000000000000000000"},
        {"config": INVOICE_CONFIG, "generate": {"files": [{"id": "file_1"}]}},
        {"cloneExtractorId": "ex_1", "generate": {"files": [{"id": "file_1"}]}},
    ],
)
def test_sources_of_a_configuration_exclude_each_other(
    raw: httpx.Client, body: dict[str, Any]
) -> None:
    answer = raw.post("/extractors", json={"name": "x", **body})
    assert answer.status_code == 400
    assert "exclude each other" in answer.json()["message"]


@pytest.mark.parametrize("name", ["", "   ", None, 5, "x" * 501, "a\0b"])
def test_a_name_is_a_text_of_some_length(raw: httpx.Client, name: Any) -> None:
    answer = raw.post("/extractors", json={"name": name})
    assert answer.status_code == 400
    assert "name" in answer.json()["message"]


class Vendor(BaseModel):
    name: str | None


class Receipt(BaseModel):
    total: float | None
    vendor: Vendor
    tags: list[str]


def test_a_pydantic_class_is_a_schema(client: Extend) -> None:
    made = client.extractors.create(name="Typed", config={"schema": Receipt})  # type: ignore[typeddict-item]
    schema = made.draft_version.config.schema_
    assert set(schema["properties"]) == {"total", "vendor", "tags"}


def test_a_plain_primitive_is_refused_with_its_path(client: Extend) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    with pytest.raises(BadRequestError) as caught:
        client.extractors.create(name="x", config={"schema": schema})
    assert caught.value.body["code"] == "INVALID_REQUEST"
    assert caught.value.body["message"].endswith("Path: schema.properties.name")


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("extractors", {"schema": {"type": "object", "properties": 5}}),
        ("extractors", {"schema": {"type": "array"}}),
        ("extractors", {"schema": "text"}),
        ("extractors", {"fields": []}),
        ("extractors", {"baseProcessor": "extraction_magic"}),
        ("extractors", {"engine": {"kind": "nonsense"}}),
        ("classifiers", {"classificationRules": "none"}),
        ("classifiers", {"classifications": [*CLASSES, CLASSES[0]]}),
        ("splitters", {"splitClassifications": [{"id": "a"}]}),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(
    raw: httpx.Client, kind: str, config: dict[str, Any]
) -> None:
    made = raw.post(f"/{kind}", json={"name": "x", "config": config})
    assert made.status_code == 400
    assert "Path: " in made.json()["message"]
    existing = raw.post(f"/{kind}", json={"name": "x"}).json()["id"]
    for path in (f"/{kind}/{existing}", f"/{kind}/{existing}/versions"):
        body = {"config": config, "releaseType": "major"}
        assert raw.post(path, json=body).status_code == 400
    assert len(raw.get(f"/{kind}/{existing}/versions").json()["data"]) == 1


def test_a_processor_without_a_configuration_cannot_run(
    client: Extend, upload: Callable[..., str]
) -> None:
    owner = client.classifiers.create(name="Empty")
    created = client.evaluation_sets.create(name="e", entity_id=owner.id)
    truth = {"id": "a", "type": "b"}
    client.evaluation_set_items.create(
        created.id, items=[{"file_id": upload(resume_pdf()), "expected_output": truth}]
    )
    with pytest.raises(BadRequestError):
        client.evaluation_set_runs.create(evaluation_set_id=created.id)


def test_a_name_can_change_alone(client: Extend) -> None:
    made = client.extractors.create(name="Old", config=INVOICE_CONFIG)
    changed = client.extractors.update(made.id, name="New")
    assert changed.name == "New"
    assert changed.draft_version == made.draft_version
    assert changed.updated_at >= made.updated_at


def test_a_schema_can_come_from_samples(client: Extend, upload: Callable[..., str]) -> None:
    samples = [upload(Invoice(number=f"G-{n}").pdf()) for n in range(2)]
    made = client.extractors.create(
        name="Generated",
        generate={"files": [{"id": one} for one in samples], "instructions": "Totals are gross."},
    )
    config = made.draft_version.config
    properties = config.schema_["properties"]
    assert {"invoice_number", "issue_date", "total"} <= set(properties)
    assert properties["total"]["type"] == ["number", "null"]
    assert {"description", "quantity", "amount"} <= set(
        properties["line_items"]["items"]["properties"]
    )
    assert config.extraction_rules == "Totals are gross."


def test_a_schema_cannot_come_from_nothing(client: Extend, upload: Callable[..., str]) -> None:
    blank = upload(b"one two three", "blank.txt")
    with pytest.raises(UnprocessableEntityError) as caught:
        client.extractors.create(name="x", generate={"files": [{"id": blank}]})
    assert caught.value.body.code == "UNPROCESSABLE_ENTITY"
    with pytest.raises(NotFoundError):
        client.extractors.create(name="x", generate={"files": [{"id": "file_1"}]})
