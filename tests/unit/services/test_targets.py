"""Targets: which version a reference means, copies, and lists that begin with the draft."""

from __future__ import annotations

from typing import Any

import pytest

from evaluand.domain.ids import PublicId
from evaluand.domain.model import Principal, Target, TargetKind, TargetVersion
from evaluand.domain.paging import PageRequest
from evaluand.errors import InvalidConfig, InvalidRequest, NotFound
from evaluand.services.targets import Targets, VersionRef, overridden
from evaluand.testing.core import Core
from evaluand.testing.paging import walk

EXTRACTOR, CLASSIFIER = TargetKind.EXTRACTOR, TargetKind.CLASSIFIER
CONFIG = {"schema": {"type": "object"}}
BROKEN = {"broken": True}


@pytest.fixture
def targets(core: Core) -> Targets:
    return core.services.targets


@pytest.fixture
def target(targets: Targets, admin: Principal) -> Target:
    return targets.create(admin, EXTRACTOR, name="reader", config=CONFIG)


def publish(targets: Targets, who: Principal, target: Target, **other: Any) -> TargetVersion:
    values: dict[str, Any] = {"major": False, "description": None, "config": None} | other
    return targets.publish(who, EXTRACTOR, target.summary.id, **values)


def current(targets: Targets, who: Principal, target: Target) -> Target:
    return targets.get(who, EXTRACTOR, target.summary.id)


# ── Making and changing ──────────────────────────────────────────────────────────────────────────


def test_a_target_without_a_configuration_has_an_empty_draft(
    targets: Targets, admin: Principal
) -> None:
    made = targets.create(admin, CLASSIFIER, name="  sorter ", config=None)

    assert (made.summary.name, made.draft.config) == ("sorter", {})
    assert made.draft.created_by == admin.author


def test_a_copy_has_the_draft_and_a_life_of_its_own(
    targets: Targets, admin: Principal, target: Target
) -> None:
    publish(targets, admin, target, config={"published": 1})

    copy = targets.clone(admin, EXTRACTOR, name="copy", source=target.summary.id)
    targets.update(admin, EXTRACTOR, copy.summary.id, name=None, config={"own": 1})

    assert copy.summary.id != target.summary.id
    assert copy.draft.id != target.draft.id
    assert copy.draft.config == CONFIG
    assert targets.version(admin, copy.summary.id, "latest").number is None
    assert current(targets, admin, target).draft.config == CONFIG


def test_an_empty_draft_can_be_copied(targets: Targets, admin: Principal) -> None:
    empty = targets.create(admin, EXTRACTOR, name="empty", config=None)

    assert targets.clone(admin, EXTRACTOR, name="b", source=empty.summary.id).draft.config == {}


def test_only_a_target_of_the_same_kind_is_copied(
    targets: Targets, admin: Principal, target: Target
) -> None:
    with pytest.raises(NotFound, match="no classifier"):
        targets.clone(admin, CLASSIFIER, name="copy", source=target.summary.id)


def test_a_target_is_known_only_as_what_it_is(
    targets: Targets, admin: Principal, target: Target
) -> None:
    with pytest.raises(NotFound, match="no classifier"):
        targets.get(admin, CLASSIFIER, target.summary.id)
    assert targets.any(admin, target.summary.id, "entityId") == target
    assert targets.page(admin, CLASSIFIER, PageRequest(size=9)).rows == ()


def test_a_broken_configuration_is_refused_everywhere(
    targets: Targets, admin: Principal, target: Target
) -> None:
    with pytest.raises(InvalidConfig):
        targets.create(admin, EXTRACTOR, name="a", config=BROKEN)
    with pytest.raises(InvalidConfig):
        targets.update(admin, EXTRACTOR, target.summary.id, name="other", config=BROKEN)
    with pytest.raises(InvalidConfig):
        publish(targets, admin, target, config=BROKEN)

    assert current(targets, admin, target) == target
    assert [t.id for t in targets.page(admin, EXTRACTOR, PageRequest(size=9)).rows] == [
        target.summary.id
    ]


def test_updating_without_anything_only_moves_the_time(
    core: Core, targets: Targets, admin: Principal, target: Target
) -> None:
    later = core.clock.advance(minutes=1)

    updated = targets.update(admin, EXTRACTOR, target.summary.id, name=None, config=None)

    assert updated.draft == target.draft
    assert (updated.summary.name, updated.summary.updated_at) == ("reader", later)


@pytest.mark.parametrize("name", ["", "   ", "\n", "x" * 501, "nul\0", "\ud800"])
def test_names_that_cannot_be_are_refused(
    targets: Targets, admin: Principal, target: Target, name: str
) -> None:
    with pytest.raises(InvalidRequest, match="'name'"):
        targets.create(admin, EXTRACTOR, name=name, config=None)
    with pytest.raises(InvalidRequest, match="'name'") as caught:
        targets.update(admin, EXTRACTOR, target.summary.id, name=name, config=None)

    assert caught.value.field == "name"


@pytest.mark.parametrize("description", ["nul\0", "\ud800"])
def test_descriptions_must_be_text(
    targets: Targets, admin: Principal, target: Target, description: str
) -> None:
    with pytest.raises(InvalidRequest, match="'description'"):
        publish(targets, admin, target, description=description)

    assert publish(targets, admin, target, description="").description == ""


# ── Versions ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reference", [None, "latest", "draft"])
def test_with_nothing_published_it_is_the_draft(
    targets: Targets, admin: Principal, target: Target, reference: str | None
) -> None:
    assert targets.version(admin, target.summary.id, reference) == target.draft


def test_a_reference_names_one_version(targets: Targets, admin: Principal, target: Target) -> None:
    first = publish(targets, admin, target, major=True)
    last = publish(targets, admin, target)
    key = target.summary.id

    assert targets.version(admin, key, None) == last
    assert targets.version(admin, key, "latest") == last
    assert targets.version(admin, key, "draft") == target.draft
    assert targets.version(admin, key, "1.0") == first
    assert targets.version(admin, key, "1.1") == last
    assert targets.version(admin, key, first.id) == first
    assert targets.version(admin, key, target.draft.id) == target.draft


@pytest.mark.parametrize("reference", ["2.0", "1", "Latest", "", "newest", "\ud800", PublicId(1)])
def test_what_names_no_version_is_unknown(
    targets: Targets, admin: Principal, target: Target, reference: VersionRef
) -> None:
    publish(targets, admin, target, major=True)

    with pytest.raises(NotFound, match="no such version") as caught:
        targets.version(admin, target.summary.id, reference)

    assert caught.value.field == "version"


def test_another_targets_version_is_unknown(
    targets: Targets, admin: Principal, target: Target
) -> None:
    other = targets.create(admin, EXTRACTOR, name="other", config=CONFIG)

    with pytest.raises(NotFound):
        targets.version(admin, target.summary.id, publish(targets, admin, other).id)


@pytest.mark.parametrize("published", [0, 1, 4])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_lists_begin_with_the_draft_and_visit_each_version_once(
    targets: Targets, admin: Principal, target: Target, published: int, descending: bool, size: int
) -> None:
    numbers = [publish(targets, admin, target).number for _ in range(published)]

    rows = walk(
        lambda request: targets.versions(admin, EXTRACTOR, target.summary.id, request),
        size,
        descending=descending,
    )

    assert rows[0] == target.draft
    assert [row.number for row in rows[1:]] == (numbers[::-1] if descending else numbers)


def test_changes_go_over_the_configuration_member_by_member() -> None:
    assert overridden({"a": 1, "b": {"c": 1}}, {"b": {}, "d": None}) == {"a": 1, "b": {}, "d": None}
    assert overridden({"a": 1}, None) == {"a": 1}
