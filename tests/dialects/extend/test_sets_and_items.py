"""Evaluation sets and their items through the SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from extend_ai import Extend
from extend_ai.errors import BadRequestError, NotFoundError
from tests.dialects.extend.polling import every
from tests.dialects.extend.samples import CLASSES, Invoice

TRUTH = {"value": {"invoice_number": "S-1", "extra": None, "vendor": {"tags": [1, {"a": True}]}}}


@pytest.fixture(scope="module")
def file_id(upload: Callable[..., str]) -> str:
    return upload(Invoice(number="S-1").pdf(), "S-1.pdf")


@pytest.fixture(scope="module")
def set_id(client: Extend, extractor: Any) -> str:
    return client.evaluation_sets.create(name="Sets", entity_id=extractor.id).id


@pytest.fixture
def item(client: Extend, set_id: str, file_id: str) -> Any:
    return client.evaluation_set_items.create(
        set_id, items=[{"file_id": file_id, "expected_output": TRUTH}]
    ).evaluation_set_items[0]


def test_a_set_has_every_member(client: Extend, extractor: Any) -> None:
    created = client.evaluation_sets.create(name="Members", entity_id=extractor.id)
    assert created.object == "evaluation_set"
    assert created.id.startswith("ev_")
    assert created.description == ""
    assert created.entity.object == "extractor"
    assert created.entity.id == extractor.id
    assert created.created_by.type == "api_key"
    assert created.updated_at >= created.created_at
    assert client.evaluation_sets.retrieve(created.id) == created


def test_a_description_is_kept(client: Extend, extractor: Any) -> None:
    created = client.evaluation_sets.create(
        name="Told", entity_id=extractor.id, description="für März"
    )
    assert client.evaluation_sets.retrieve(created.id).description == "für März"


def test_sets_are_listed_by_processor(client: Extend) -> None:
    mine = client.splitters.create(name="P", config={"split_classifications": CLASSES})
    made = [client.evaluation_sets.create(name=f"s{n}", entity_id=mine.id).id for n in range(3)]
    assert [s.id for s in client.evaluation_sets.list(entity_id=mine.id).data] == made[::-1]
    upward = client.evaluation_sets.list(entity_id=mine.id, sort_dir="asc", sort_by="createdAt")
    assert [s.id for s in upward.data] == made


@pytest.mark.parametrize("entity_id", ["ex_000000000000000000000", "nonsense", "file_1"])
def test_an_unknown_processor_lists_nothing(client: Extend, entity_id: str) -> None:
    page = client.evaluation_sets.list(entity_id=entity_id)
    assert page.object == "list"
    assert page.data == []
    assert page.next_page_token is None


def test_a_set_shows_its_processors_present_name(client: Extend) -> None:
    mine = client.extractors.create(name="Before")
    created = client.evaluation_sets.create(name="s", entity_id=mine.id)
    client.extractors.update(mine.id, name="After")
    assert client.evaluation_sets.retrieve(created.id).entity.name == "After"


def test_an_item_keeps_its_truth_verbatim(client: Extend, item: Any, file_id: str) -> None:
    assert item.object == "evaluation_set_item"
    assert item.id.startswith("evi_")
    assert item.file.id == file_id
    assert item.file.name == "S-1.pdf"
    assert item.file.type == "PDF"
    assert item.file.metadata.page_count == 1
    assert item.files is None
    assert item.expected_output.value == TRUTH["value"]
    assert client.evaluation_set_items.retrieve(item.evaluation_set_id, item.id) == item


def test_lists_leave_the_truth_out(client: Extend, item: Any, set_id: str) -> None:
    listed = client.evaluation_set_items.list(set_id, max_page_size=1).data[0]
    assert listed.id == item.id
    assert not hasattr(listed, "expected_output")
    assert listed.created_by.type == "api_key"


def test_a_package_is_one_item_in_submitted_order(
    client: Extend, set_id: str, upload: Callable[..., str]
) -> None:
    ids = [upload(Invoice(number=f"P-{n}").pdf(), f"{n}.pdf") for n in (3, 1, 2)]
    created = client.evaluation_set_items.create(
        set_id, items=[{"file_ids": ids, "expected_output": TRUTH}]
    ).evaluation_set_items[0]
    assert created.file is None
    assert [file.id for file in created.files] == ids


def test_an_update_replaces_the_truth(client: Extend, item: Any, set_id: str) -> None:
    changed = client.evaluation_set_items.update(
        set_id, item.id, expected_output={"value": {"total": 5}}
    )
    assert changed.expected_output.value == {"total": 5}
    again = client.evaluation_set_items.retrieve(set_id, item.id)
    assert again.expected_output.value == {"total": 5}


def test_a_deleted_item_is_gone(client: Extend, item: Any, set_id: str) -> None:
    assert client.evaluation_set_items.delete(set_id, item.id).id == item.id
    with pytest.raises(NotFoundError):
        client.evaluation_set_items.retrieve(set_id, item.id)
    with pytest.raises(NotFoundError):
        client.evaluation_set_items.delete(set_id, item.id)


def test_an_item_under_another_set_is_not_found(client: Extend, item: Any, extractor: Any) -> None:
    other = client.evaluation_sets.create(name="Other", entity_id=extractor.id)
    with pytest.raises(NotFoundError):
        client.evaluation_set_items.retrieve(other.id, item.id)
    with pytest.raises(NotFoundError):
        client.evaluation_set_runs.create(
            evaluation_set_id=other.id, evaluation_set_item_ids=[item.id]
        )


def test_items_are_added_all_or_none(client: Extend, extractor: Any, file_id: str) -> None:
    mine = client.evaluation_sets.create(name="All", entity_id=extractor.id).id
    good = {"file_id": file_id, "expected_output": TRUTH}
    bad = {"file_id": "file_000000000000000000000", "expected_output": TRUTH}
    with pytest.raises(NotFoundError) as caught:
        client.evaluation_set_items.create(mine, items=[good, bad])
    assert "items[1].fileId" in caught.value.body["message"]
    assert client.evaluation_set_items.list(mine).data == []


def test_deleting_a_file_leaves_its_items(
    client: Extend, set_id: str, upload: Callable[..., str]
) -> None:
    file_id = upload(Invoice(number="gone").pdf(), "gone.pdf")
    item = client.evaluation_set_items.create(
        set_id, items=[{"file_id": file_id, "expected_output": TRUTH}]
    ).evaluation_set_items[0]
    client.files.delete(file_id)
    assert client.evaluation_set_items.retrieve(set_id, item.id).file.name == "gone.pdf"


@pytest.mark.parametrize(
    "item",
    [
        {"expectedOutput": TRUTH},
        {"fileId": "{file}", "fileIds": ["{file}"], "expectedOutput": TRUTH},
        {"fileIds": ["{file}"], "expectedOutput": TRUTH},
        {"fileIds": ["{file}", "{file}"], "expectedOutput": TRUTH},
        {"fileIds": [f"file_{n:021}" for n in range(51)], "expectedOutput": TRUTH},
        {"fileId": "{file}"},
        {"fileId": "{file}", "expectedOutput": None},
        {"fileId": 7, "expectedOutput": TRUTH},
        {"fileId": "{file}", "expectedOutput": {}},
        {"fileId": "{file}", "expectedOutput": {"value": [1]}},
        {"fileId": "{file}", "expectedOutput": {"id": "cls", "type": "invoice"}},
        {"fileId": "{file}", "expectedOutput": {"splits": []}},
    ],
)
def test_an_item_that_makes_no_sense_is_refused(
    raw: httpx.Client, set_id: str, file_id: str, item: dict[str, Any]
) -> None:
    filled = _filled(item, file_id)
    answer = raw.post(f"/evaluation_sets/{set_id}/items", json={"items": [filled]})
    assert answer.status_code == 400
    assert answer.json()["code"] == "INVALID_REQUEST"
    assert "items[0]" in answer.json()["message"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("classifiers", {"id": "x"}),
        ("classifiers", {"value": {}}),
        ("splitters", {"splits": [{"classificationId": "a", "type": "b", "startPage": 1}]}),
        (
            "splitters",
            {"splits": [{"classificationId": "a", "type": "b", "startPage": 2, "endPage": 1}]},
        ),
        (
            "splitters",
            {"splits": [{"classificationId": "a", "type": "b", "startPage": 1.5, "endPage": 2}]},
        ),
        ("splitters", {"id": "a", "type": "b"}),
    ],
)
def test_the_truth_has_the_shape_of_the_sets_kind(
    client: Extend, raw: httpx.Client, file_id: str, kind: str, expected: dict[str, Any]
) -> None:
    owner = raw.post(f"/{kind}", json={"name": "kind"}).json()["id"]
    made = client.evaluation_sets.create(name="kind", entity_id=owner).id
    items = [{"fileId": file_id, "expectedOutput": expected}]
    answer = raw.post(f"/evaluation_sets/{made}/items", json={"items": items})
    assert answer.status_code == 400


def test_packages_are_for_extractors(
    client: Extend, upload: Callable[..., str], file_id: str
) -> None:
    owner = client.classifiers.create(name="c", config={"classifications": CLASSES})
    made = client.evaluation_sets.create(name="c", entity_id=owner.id)
    ids = [file_id, upload(Invoice(number="x").pdf())]
    with pytest.raises(BadRequestError) as caught:
        client.evaluation_set_items.create(
            made.id,
            items=[{"file_ids": ids, "expected_output": {"id": "cls_invoice", "type": "invoice"}}],
        )
    assert "package" in caught.value.body["message"]


@pytest.mark.parametrize("count", [0, 101, 10_000])
def test_a_call_adds_1_to_100_items(
    raw: httpx.Client, set_id: str, file_id: str, count: int
) -> None:
    items = [{"fileId": file_id, "expectedOutput": {"value": {}}}] * count
    answer = raw.post(f"/evaluation_sets/{set_id}/items", json={"items": items})
    assert answer.status_code == 400
    assert "items" in answer.json()["message"]


def test_a_hundred_items_fit_in_a_call_and_are_paged_to_the_end(
    client: Extend, extractor: Any, file_id: str
) -> None:
    mine = client.evaluation_sets.create(name="Hundred", entity_id=extractor.id).id
    items = [{"file_id": file_id, "expected_output": {"value": {"total": n}}} for n in range(100)]
    made = client.evaluation_set_items.create(mine, items=items).evaluation_set_items
    assert [item.expected_output.value["total"] for item in made] == list(range(100))
    for options in ({}, {"sort_by": "createdAt"}, {"sort_dir": "asc"}):
        listed = every(
            lambda **more: client.evaluation_set_items.list(mine, **more),
            max_page_size=33,
            **options,
        )
        assert sorted(item.id for item in listed) == sorted(item.id for item in made)


def test_an_empty_set_cannot_run(client: Extend, extractor: Any) -> None:
    empty = client.evaluation_sets.create(name="Empty", entity_id=extractor.id)
    with pytest.raises(BadRequestError):
        client.evaluation_set_runs.create(evaluation_set_id=empty.id)


def test_an_empty_choice_of_items_cannot_run(client: Extend, set_id: str, item: Any) -> None:
    with pytest.raises(BadRequestError):
        client.evaluation_set_runs.create(evaluation_set_id=set_id, evaluation_set_item_ids=[])


def _filled(value: Any, file_id: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, file_id) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, file_id) for inner in value]
    return file_id if value == "{file}" else value
