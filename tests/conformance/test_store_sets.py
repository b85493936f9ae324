"""Evaluation sets: versions that grow, items whose earlier revisions stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from evaluand.domain.ids import PublicId, new_public_id
from evaluand.domain.model import ItemContent, TargetKind
from evaluand.domain.paging import PageRequest
from evaluand.errors import NotFound
from evaluand.ports import WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.store.tables import item_revisions
from evaluand.testing.builders import AUTHOR, a_file, a_set, a_target, some_content
from evaluand.testing.clock import START
from evaluand.testing.paging import walk

LATER = START + timedelta(minutes=5)
EVERYTHING = PageRequest(size=1_000, sort="created_at", descending=False)


def version(door: WorkspaceStore, set_id: PublicId) -> int:
    found = door.sets.get(set_id)
    assert found is not None
    return found.version


def revisions(store: SqlStore, workspace: int) -> list[tuple[int, int]]:
    with store.database.read() as connection:
        wanted = select(item_revisions.c.item_id, item_revisions.c.set_version).where(
            item_revisions.c.workspace_id == workspace
        )
        return [tuple(row) for row in connection.execute(wanted.order_by(item_revisions.c.id))]


def test_a_set_comes_back_as_it_was_made(door: WorkspaceStore) -> None:
    target = a_target(door)

    made = door.sets.add("Größe 大", "what it is for", target.summary, AUTHOR, START)

    assert door.sets.get(made.id) == made
    assert (made.name, made.description) == ("Größe 大", "what it is for")
    assert (made.target, made.kind, made.version) == (target.summary, TargetKind.EXTRACTOR, 0)
    assert made.created_at == made.updated_at == START
    assert made.created_by == AUTHOR


def test_a_set_shows_its_target_as_it_is_now(door: WorkspaceStore) -> None:
    target = a_target(door)
    made = a_set(door, target=target)

    door.targets.update(target.summary.id, name="renamed", config=None, at=LATER)

    found = door.sets.get(made.id)
    assert found is not None
    assert (found.target.name, found.target.updated_at) == ("renamed", LATER)
    assert found.updated_at == START


def test_items_come_back_in_the_order_given(door: WorkspaceStore) -> None:
    made = a_set(door)
    contents = [some_content(n, a_file(f"{n}.pdf")) for n in range(7)]

    added = door.sets.add_items(made.key, contents, AUTHOR, LATER)

    assert [item.content for item in added] == contents
    assert list(door.sets.items(made.id, EVERYTHING).rows) == added
    assert [door.sets.item(made.id, item.id) for item in added] == added
    assert len({item.id for item in added}) == 7
    assert {item.evaluation_set for item in added} == {made.id}
    assert {item.created_by for item in added} == {AUTHOR}


@pytest.mark.parametrize(
    "expected",
    [
        {"value": {"ünï": "☃ 大 \0 \x1f", "null": None, "deep": [[{"a": []}]], "": {}}},
        {"value": {"big": 10**40, "small": -(10**40), "float": 1e300, "fraction": 0.1}},
        {"value": {str(n): n for n in range(2_000)}},
        {},
        None,
    ],
)
def test_content_comes_back_verbatim(door: WorkspaceStore, expected: dict[str, object]) -> None:
    content = ItemContent(
        expected=expected, inputs={"q": "?"}, output={"o": [1]}, metadata={"tags": ["a", "b"]}
    )
    made = a_set(door)

    (added,) = door.sets.add_items(made.key, [content], AUTHOR, START)

    found = door.sets.item(made.id, added.id)
    assert found is not None
    assert found.content == content


def test_each_change_to_the_items_is_a_new_version(door: WorkspaceStore) -> None:
    made = a_set(door)
    one, two = door.sets.add_items(made.key, [some_content(1), some_content(2)], AUTHOR, START)
    assert version(door, made.id) == 1

    door.sets.replace_item(made.id, one.id, some_content(3), LATER)
    assert version(door, made.id) == 2
    door.sets.delete_item(made.id, two.id, LATER)
    assert version(door, made.id) == 3
    found = door.sets.get(made.id)
    assert found is not None
    assert found.updated_at == LATER


def test_what_changes_nothing_makes_no_version(door: WorkspaceStore) -> None:
    made = a_set(door, 1)

    assert door.sets.replace_item(made.id, new_public_id(), some_content(3), LATER) is None
    assert not door.sets.delete_item(made.id, new_public_id(), LATER)
    assert door.sets.add_items(made.key, [], AUTHOR, LATER) == []
    assert version(door, made.id) == 1


def test_revisions_are_only_ever_added(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    made = a_set(door)
    one, two = door.sets.add_items(made.key, [some_content(1), some_content(2)], AUTHOR, START)
    door.sets.replace_item(made.id, one.id, some_content(3), LATER)
    door.sets.delete_item(made.id, two.id, LATER)

    assert revisions(store, workspace) == [(one.key, 1), (two.key, 1), (one.key, 2)]


def test_a_replaced_item_keeps_who_made_it_and_when(door: WorkspaceStore) -> None:
    made = a_set(door)
    (item,) = door.sets.add_items(made.key, [some_content(1)], AUTHOR, START)

    changed = door.sets.replace_item(made.id, item.id, some_content(2), LATER)

    assert changed is not None
    assert changed == door.sets.item(made.id, item.id)
    assert changed.content == some_content(2)
    assert (changed.id, changed.created_at, changed.updated_at) == (item.id, START, LATER)


def test_a_deleted_item_is_gone_and_cannot_be_deleted_twice(door: WorkspaceStore) -> None:
    made = a_set(door)
    (item,) = door.sets.add_items(made.key, [some_content(1)], AUTHOR, START)

    assert door.sets.delete_item(made.id, item.id, LATER)

    assert door.sets.item(made.id, item.id) is None
    assert door.sets.items(made.id, EVERYTHING).rows == ()
    assert door.sets.replace_item(made.id, item.id, some_content(2), LATER) is None
    assert not door.sets.delete_item(made.id, item.id, LATER)


def test_an_item_is_known_only_under_its_own_set(door: WorkspaceStore) -> None:
    made, other = a_set(door), a_set(door)
    (item,) = door.sets.add_items(made.key, [some_content(1)], AUTHOR, START)

    assert door.sets.item(other.id, item.id) is None
    assert door.sets.replace_item(other.id, item.id, some_content(2), LATER) is None
    assert not door.sets.delete_item(other.id, item.id, LATER)
    assert door.sets.item(made.id, item.id) == item


def test_a_deleted_set_takes_its_items_out_of_sight(door: WorkspaceStore) -> None:
    made = a_set(door)
    (item,) = door.sets.add_items(made.key, [some_content(1)], AUTHOR, START)

    assert door.sets.delete(made.id, LATER)

    assert door.sets.get(made.id) is None
    assert door.sets.item(made.id, item.id) is None
    assert door.sets.items(made.id, EVERYTHING).rows == ()
    assert door.sets.page(EVERYTHING, target=None).rows == ()
    assert not door.sets.delete(made.id, LATER)
    with pytest.raises(NotFound):
        door.sets.add_items(made.key, [some_content(2)], AUTHOR, LATER)


def test_sets_are_listed_by_target_and_kind(door: WorkspaceStore) -> None:
    extractor = a_target(door)
    classifier = a_target(door, TargetKind.CLASSIFIER)
    first, second = a_set(door, target=extractor), a_set(door, target=classifier)

    def listed(**wanted: object) -> list[PublicId]:
        page = door.sets.page(EVERYTHING, **{"target": None, **wanted})  # type: ignore[arg-type]
        return [found.id for found in page.rows]

    assert listed() == [first.id, second.id]
    assert listed(target=extractor.summary.id) == [first.id]
    assert listed(target=new_public_id()) == []
    assert listed(kinds=frozenset({TargetKind.CLASSIFIER})) == [second.id]
    assert listed(kinds=frozenset()) == []


@pytest.mark.parametrize("sort", ["created_at", "updated_at"])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_paging_visits_each_item_once_in_order(
    door: WorkspaceStore, sort: str, descending: bool, size: int
) -> None:
    made = a_set(door)
    added = []
    for minute in (0, 0, 0, 2, 1):
        at = START + timedelta(minutes=minute)
        added += door.sets.add_items(made.key, [some_content(minute)], AUTHOR, at)
    door.sets.replace_item(made.id, added[1].id, some_content(9), LATER)

    rows = walk(
        lambda request: door.sets.items(made.id, request), size, sort=sort, descending=descending
    )

    moments = [(getattr(row, sort), row.key) for row in rows]
    assert moments == sorted(moments, reverse=descending)
    assert {row.id for row in rows} == {item.id for item in added}
    assert len(rows) == 5


@pytest.mark.parametrize("size", [1, 2, 100])
def test_paging_visits_each_set_once(door: WorkspaceStore, size: int) -> None:
    target = a_target(door)
    made = [a_set(door, target=target, name=str(n)) for n in range(5)]
    made[2] = door.sets.get(made[2].id) or made[2]
    door.sets.add_items(made[2].key, [some_content(1)], AUTHOR, LATER)

    rows = walk(lambda request: door.sets.page(request, target=None), size)

    assert [row.name for row in rows] == ["2", "4", "3", "1", "0"]
