"""Targets: one draft that changes, versions that never do, numbers that grow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from evaluand.domain.ids import new_public_id
from evaluand.domain.model import Target, TargetKind, TargetVersion
from evaluand.domain.paging import PageRequest
from evaluand.ports import WorkspaceStore
from evaluand.testing.builders import AUTHOR, a_target
from evaluand.testing.clock import START
from evaluand.testing.paging import walk

LATER = START + timedelta(minutes=5)


def publish(
    door: WorkspaceStore, target: Target, release: str = "minor", **other: object
) -> TargetVersion:
    values: dict[str, object] = {"description": None, "config": None, "at": START} | other
    published = door.targets.publish(
        target.summary.id,
        major=release == "major",
        author=AUTHOR,
        **values,  # type: ignore[arg-type]
    )
    assert published is not None
    return published


def test_a_new_target_has_only_a_draft(door: WorkspaceStore) -> None:
    config = {"schema": {"type": "object"}, "unbekannt": [1, None, "ß"]}

    made = door.targets.add(TargetKind.SPLITTER, "cutter", config, AUTHOR, START)

    assert door.targets.get(made.summary.id) == made
    assert made.draft.number is None
    assert made.draft.config == config
    assert made.draft.target == made.summary.id
    assert (made.summary.kind, made.draft.kind) == (TargetKind.SPLITTER, TargetKind.SPLITTER)
    assert made.draft.created_by == AUTHOR
    assert door.targets.draft(made.summary.id) == made.draft
    assert door.targets.newest(made.summary.id) is None


def test_updating_keeps_the_drafts_id(door: WorkspaceStore) -> None:
    made = a_target(door)

    changed = door.targets.update(made.summary.id, name="new", config={"a": 1}, at=LATER)

    assert changed is not None
    assert changed == door.targets.get(made.summary.id)
    assert (changed.summary.name, changed.summary.updated_at) == ("new", LATER)
    assert (changed.draft.id, changed.draft.config) == (made.draft.id, {"a": 1})


def test_what_is_not_given_is_not_changed(door: WorkspaceStore) -> None:
    made = a_target(door)

    door.targets.update(made.summary.id, name="new", config=None, at=LATER)
    door.targets.update(made.summary.id, name=None, config={}, at=LATER)

    found = door.targets.get(made.summary.id)
    assert found is not None
    assert (found.summary.name, found.draft.config) == ("new", {})


@pytest.mark.parametrize(
    ("releases", "numbers"),
    [
        (["minor"], ["0.1"]),
        (["major"], ["1.0"]),
        (["minor", "minor", "minor"], ["0.1", "0.2", "0.3"]),
        (["minor", "major", "minor", "major"], ["0.1", "1.0", "1.1", "2.0"]),
        (["major", "minor", "major", "minor"], ["1.0", "1.1", "2.0", "2.1"]),
        (["minor"] * 11, [f"0.{n}" for n in range(1, 12)]),
        (["major"] * 11, [f"{n}.0" for n in range(1, 12)]),
    ],
)
def test_numbers_follow_the_kind_of_release(
    door: WorkspaceStore, releases: list[str], numbers: list[str]
) -> None:
    target = a_target(door)

    published = [publish(door, target, release) for release in releases]

    assert [version.number for version in published] == numbers
    assert door.targets.newest(target.summary.id) == published[-1]
    for version in published:
        assert door.targets.numbered(target.summary.id, version.number or "") == version


def test_a_version_keeps_the_draft_of_its_moment(door: WorkspaceStore) -> None:
    target = a_target(door)

    version = publish(door, target, description="first", at=LATER)
    door.targets.update(target.summary.id, name=None, config={"changed": True}, at=LATER)

    found = door.targets.version(target.summary.id, version.id)
    assert found == version
    assert (version.config, version.description) == (target.draft.config, "first")
    assert version.created_at == LATER
    draft = door.targets.draft(target.summary.id)
    assert draft is not None
    assert draft.config == {"changed": True}


def test_a_version_of_its_own_config_leaves_the_draft_alone(door: WorkspaceStore) -> None:
    target = a_target(door)

    assert publish(door, target, config={"own": 1}).config == {"own": 1}
    assert door.targets.draft(target.summary.id) == target.draft


def test_publishing_moves_the_targets_time(door: WorkspaceStore) -> None:
    target = a_target(door)

    publish(door, target, at=LATER)

    found = door.targets.get(target.summary.id)
    assert found is not None
    assert found.summary.updated_at == LATER


def test_a_version_is_known_only_under_its_own_target(door: WorkspaceStore) -> None:
    target, other = a_target(door), a_target(door)
    version = publish(door, target)

    assert door.targets.version(other.summary.id, version.id) is None
    assert door.targets.numbered(other.summary.id, "0.1") is None
    assert door.targets.version(target.summary.id, target.draft.id) == target.draft


@pytest.mark.parametrize(
    "number",
    [
        "0",
        "0.1.0",
        "00.1",
        "0.01",
        "v0.1",
        "0.1 ",
        "-0.1",
        "\u0660.\u0661",
        "",
        ".",
        "draft",
        "9" * 30 + ".0",
    ],
)
def test_a_number_has_one_spelling(door: WorkspaceStore, number: str) -> None:
    target = a_target(door)
    publish(door, target)

    assert door.targets.numbered(target.summary.id, number) is None


def test_an_unknown_target_has_nothing(door: WorkspaceStore) -> None:
    unknown = new_public_id()

    assert door.targets.get(unknown) is None
    assert door.targets.draft(unknown) is None
    assert door.targets.newest(unknown) is None
    assert door.targets.numbered(unknown, "0.1") is None
    assert door.targets.version(unknown, unknown) is None
    assert door.targets.published(unknown, PageRequest(size=5)).rows == ()
    assert door.targets.update(unknown, name="x", config={}, at=LATER) is None
    published = door.targets.publish(
        unknown, major=True, description=None, config=None, author=AUTHOR, at=LATER
    )
    assert published is None


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("descending", [True, False])
def test_paging_visits_each_published_version_once(
    door: WorkspaceStore, size: int, descending: bool
) -> None:
    target = a_target(door)
    published = [publish(door, target).number for _ in range(5)]

    rows = walk(
        lambda request: door.targets.published(target.summary.id, request),
        size,
        descending=descending,
    )

    assert [row.number for row in rows] == (published[::-1] if descending else published)


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize("sort", ["created_at", "updated_at"])
def test_paging_visits_each_target_of_the_kind_once(
    door: WorkspaceStore, size: int, sort: str
) -> None:
    made = [a_target(door, name=str(n)) for n in range(5)]
    a_target(door, TargetKind.CLASSIFIER)
    door.targets.update(made[0].summary.id, name=None, config={}, at=LATER)

    rows = walk(lambda request: door.targets.page(TargetKind.EXTRACTOR, request), size, sort=sort)

    expected = "04321" if sort == "updated_at" else "43210"
    assert [row.name for row in rows] == list(expected)
