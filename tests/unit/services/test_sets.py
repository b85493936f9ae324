"""Evaluation sets: items go in whole or not at all, and only in their kind's shape."""

from __future__ import annotations

from typing import Any

import pytest

from evaluand.domain.model import (
    EvaluationSet,
    Item,
    ItemContent,
    Principal,
    Target,
    TargetKind,
)
from evaluand.domain.paging import PageRequest
from evaluand.errors import InvalidRequest, NotFound
from evaluand.services.sets import Sets
from evaluand.testing.builders import a_file, some_content
from evaluand.testing.core import Core

EVERYTHING = PageRequest(size=1_000, sort="created_at", descending=False)
WRONG = ItemContent(expected={"id": "cls_1", "type": "invoice"})


@pytest.fixture
def sets(core: Core) -> Sets:
    return core.services.sets


@pytest.fixture
def target(core: Core, admin: Principal) -> Target:
    return core.services.targets.create(admin, TargetKind.EXTRACTOR, name="reader", config=None)


@pytest.fixture
def golden(sets: Sets, admin: Principal, target: Target) -> EvaluationSet:
    return sets.create(admin, name="golden", description="", target=target.summary.id)


@pytest.fixture
def item(sets: Sets, admin: Principal, golden: EvaluationSet) -> Item:
    (added,) = sets.add_items(admin, golden.id, [some_content(1, a_file())])
    return added


def test_a_set_is_of_its_targets_kind(core: Core, sets: Sets, admin: Principal) -> None:
    splitter = core.services.targets.create(admin, TargetKind.SPLITTER, name="s", config=None)

    made = sets.create(admin, name=" packs ", description="d", target=splitter.summary.id)

    assert (made.name, made.description, made.kind) == ("packs", "d", TargetKind.SPLITTER)
    assert (made.version, made.created_by) == (0, admin.author)
    assert sets.get(admin, made.id) == made


@pytest.mark.parametrize(("name", "description"), [("", ""), ("  ", ""), ("a", "\0")])
def test_a_set_needs_words_that_can_be_stored(
    sets: Sets, admin: Principal, target: Target, name: str, description: str
) -> None:
    with pytest.raises(InvalidRequest):
        sets.create(admin, name=name, description=description, target=target.summary.id)


def test_the_member_that_names_no_target_is_told(sets: Sets, admin: Principal) -> None:
    with pytest.raises(NotFound, match="pipelineId") as caught:
        sets.create(admin, name="a", description="", target=None, field="pipelineId")

    assert caught.value.field == "pipelineId"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_item_keeps_all_out(
    sets: Sets, admin: Principal, golden: EvaluationSet, place: int
) -> None:
    contents = [some_content(n) for n in range(2)]
    contents.insert(place, WRONG)

    with pytest.raises(InvalidRequest) as caught:
        sets.add_items(admin, golden.id, contents)

    assert caught.value.field == f"items[{place}].expectedOutput"
    assert sets.items(admin, golden.id, EVERYTHING).rows == ()
    assert sets.get(admin, golden.id).version == 0


def test_the_same_file_may_be_in_several_items(
    sets: Sets, admin: Principal, golden: EvaluationSet
) -> None:
    file = a_file()

    added = sets.add_items(admin, golden.id, [some_content(n, file) for n in range(3)])

    assert len({item.id for item in added}) == 3
    assert sets.get(admin, golden.id).version == 1


def test_expecting_something_else_changes_nothing_else(
    core: Core, sets: Sets, admin: Principal, golden: EvaluationSet, item: Item
) -> None:
    later = core.clock.advance(minutes=1)
    expected = {"value": {"total": None, "unknown": [1]}, "more": True}

    changed = sets.expect(admin, golden.id, item.id, expected)

    assert changed.content == ItemContent(expected=expected, files=item.content.files)
    assert (changed.id, changed.created_at, changed.updated_at) == (item.id, item.created_at, later)
    assert sets.item(admin, golden.id, item.id) == changed


@pytest.mark.parametrize("expected", [None, {}, {"splits": []}, WRONG.expected])
def test_what_cannot_be_expected_is_refused_and_nothing_changes(
    sets: Sets, admin: Principal, golden: EvaluationSet, item: Item, expected: Any
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        sets.expect(admin, golden.id, item.id, expected)

    assert caught.value.field == "expectedOutput"
    assert sets.item(admin, golden.id, item.id) == item
    assert sets.get(admin, golden.id).version == 1


def test_revising_replaces_all_that_an_item_holds(
    sets: Sets, admin: Principal, golden: EvaluationSet, item: Item
) -> None:
    content = some_content(2)

    assert sets.revise(admin, golden.id, item.id, content).content == content
    with pytest.raises(InvalidRequest):
        sets.revise(admin, golden.id, item.id, WRONG)
    assert sets.item(admin, golden.id, item.id).content == content


def test_an_item_is_unknown_under_another_set(
    sets: Sets, admin: Principal, target: Target, item: Item
) -> None:
    other = sets.create(admin, name="other", description="", target=target.summary.id)

    for attempt in (
        lambda: sets.item(admin, other.id, item.id),
        lambda: sets.expect(admin, other.id, item.id, {"value": {}}),
        lambda: sets.delete_item(admin, other.id, item.id),
    ):
        with pytest.raises(NotFound, match="no such item"):
            attempt()


def test_deleting_twice_is_not_found(
    sets: Sets, admin: Principal, golden: EvaluationSet, item: Item
) -> None:
    sets.delete_item(admin, golden.id, item.id)
    with pytest.raises(NotFound):
        sets.delete_item(admin, golden.id, item.id)
    sets.delete(admin, golden.id)
    with pytest.raises(NotFound):
        sets.delete(admin, golden.id)
    with pytest.raises(NotFound):
        sets.items(admin, golden.id, EVERYTHING)
    with pytest.raises(NotFound):
        sets.add_items(admin, golden.id, [some_content()])
