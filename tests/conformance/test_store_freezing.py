"""What a run froze at its start stays as it was, and is told by its digest."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from evaluand.domain.model import ItemContent, Purpose, Run, Suite
from evaluand.domain.paging import PageRequest
from evaluand.ports import ExecutionFilter, WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import (
    AUTHOR,
    a_file,
    a_run,
    a_set,
    a_snapshot,
    a_target,
    some_content,
)
from evaluand.testing.clock import START
from evaluand.testing.ledger import open_chunks, take

LATER = START + timedelta(minutes=5)


def frozen(door: WorkspaceStore, run: Run) -> list[ItemContent]:
    wanted = ExecutionFilter(kind=run.snapshot.kind, run=run.id)
    request = PageRequest(size=1_000, sort="created_at", descending=False)
    return [place.content for place in door.runs.executions(request, wanted).rows]


def test_later_changes_to_the_set_do_not_reach_the_run(door: WorkspaceStore) -> None:
    evaluated = a_set(door)
    contents = [some_content(n, a_file(f"{n}.pdf")) for n in range(3)]
    items = door.sets.add_items(evaluated.key, contents, AUTHOR, START)
    run = a_run(door, evaluated)

    door.sets.replace_item(evaluated.id, items[0].id, some_content("new"), LATER)
    door.sets.delete_item(evaluated.id, items[1].id, LATER)
    door.sets.add_items(evaluated.key, [some_content("more")], AUTHOR, LATER)
    assert frozen(door, run) == contents
    door.sets.delete(evaluated.id, LATER)

    assert frozen(door, run) == contents
    assert door.runs.get(run.id) == run


def test_later_changes_to_the_target_do_not_reach_the_run(door: WorkspaceStore) -> None:
    target = a_target(door)
    run = a_run(door, a_set(door, 1, target=target), snapshot=a_snapshot(target=target))

    door.targets.update(target.summary.id, name="renamed", config={"a": 1}, at=LATER)

    assert door.runs.get(run.id) == run


def test_the_run_names_the_sets_version_it_froze(door: WorkspaceStore) -> None:
    evaluated = a_set(door, 2)

    # What the caller read is older than what the run freezes.
    door.sets.add_items(evaluated.key, [some_content("between")], AUTHOR, START)
    run = a_run(door, evaluated)

    assert (run.item_count, run.snapshot.set_version) == (3, 2)


def test_deleted_items_are_not_run(door: WorkspaceStore) -> None:
    evaluated = a_set(door)
    one, _ = door.sets.add_items(evaluated.key, [some_content(1), some_content(2)], AUTHOR, START)
    door.sets.delete_item(evaluated.id, one.id, LATER)

    assert frozen(door, a_run(door, evaluated)) == [some_content(2)]


def test_chosen_items_only(door: WorkspaceStore) -> None:
    evaluated = a_set(door)
    items = door.sets.add_items(evaluated.key, [some_content(n) for n in range(5)], AUTHOR, START)

    run = a_run(door, evaluated, item_ids=[items[3].id, items[1].id])

    assert run.item_count == 2
    assert sorted(c.expected["value"]["total"] for c in frozen(door, run) if c.expected) == [1, 3]


def test_more_chosen_items_than_a_statement_takes(door: WorkspaceStore) -> None:
    evaluated = a_set(door)
    items = door.sets.add_items(
        evaluated.key, [some_content(n) for n in range(1_100)], AUTHOR, START
    )

    run = a_run(door, evaluated, item_ids=[item.id for item in items[50:]])

    assert run.item_count == 1_050
    assert len(frozen(door, run)) == 1_000


def test_loose_contents_are_frozen_in_their_order(door: WorkspaceStore) -> None:
    contents = [some_content(n, a_file(f"{n}.pdf")) for n in (3, 1, 2)]

    run = a_run(door, contents=contents, purpose=Purpose.BATCH, snapshot=a_snapshot(suite=Suite()))

    assert frozen(door, run) == contents
    assert run.evaluation_set is None
    assert run.purpose is Purpose.BATCH


def test_the_same_again_has_the_same_digest(door: WorkspaceStore) -> None:
    evaluated = a_set(door, 3)
    one, two = a_run(door, evaluated), a_run(door, evaluated, at=LATER, chunk_size=1)

    assert one.digest == two.digest
    assert one.id != two.id


def test_sets_of_equal_content_have_the_same_digest(door: WorkspaceStore) -> None:
    assert a_run(door, a_set(door, 3)).digest == a_run(door, a_set(door, 3, name="b")).digest


def test_each_change_of_content_changes_the_digest(door: WorkspaceStore) -> None:
    evaluated = a_set(door, 2)
    item = door.sets.items(evaluated.id, PageRequest(size=1)).rows[0]
    digests = [a_run(door, evaluated).digest]

    changes = [
        some_content("other"),
        ItemContent(expected=item.content.expected, inputs={"q": 1}),
        ItemContent(expected=item.content.expected, metadata={"q": 1}),
        ItemContent(expected=item.content.expected, output={"q": 1}),
        some_content(item.content.expected and item.content.expected["value"]["total"], a_file()),
    ]
    for content in changes:
        door.sets.replace_item(evaluated.id, item.id, content, LATER)
        digests.append(a_run(door, evaluated).digest)
    door.sets.add_items(evaluated.key, [some_content("more")], AUTHOR, LATER)
    digests.append(a_run(door, evaluated).digest)
    digests.append(a_run(door, evaluated, item_ids=[item.id]).digest)
    digests.append(a_run(door, evaluated, snapshot=a_snapshot(config={"other": 1})).digest)

    assert len(set(digests)) == len(digests)


def test_changing_back_restores_the_digest(door: WorkspaceStore) -> None:
    evaluated = a_set(door, 2)
    item = door.sets.items(evaluated.id, PageRequest(size=1)).rows[0]
    before = a_run(door, evaluated).digest

    door.sets.replace_item(evaluated.id, item.id, some_content("other"), LATER)
    door.sets.replace_item(evaluated.id, item.id, item.content, LATER)

    assert a_run(door, evaluated).digest == before


def test_the_order_of_members_does_not_matter_that_of_lists_does(door: WorkspaceStore) -> None:
    def digest(expected: dict[str, Any]) -> str:
        return a_run(door, contents=[ItemContent(expected=expected)]).digest

    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert digest({"b": [1, 2]}) != digest({"b": [2, 1]})
    assert digest({"a": None}) != digest({})


@pytest.mark.parametrize(
    ("items", "size", "cuts"),
    [
        (1, 200, [1]),
        (3, 3, [3]),
        (4, 3, [3, 1]),
        (6, 3, [3, 3]),
        (7, 3, [3, 3, 1]),
        (5, 1, [1] * 5),
    ],
)
def test_items_are_cut_into_chunks(
    store: SqlStore, door: WorkspaceStore, items: int, size: int, cuts: list[int]
) -> None:
    run = a_run(door, items=items, chunk_size=size)

    work = [take(store.ledger, run, hint.number) for hint in open_chunks(store.ledger, run)]

    assert [chunk.size for chunk in work] == cuts
    positions = [item.position for chunk in work for item in chunk.items]
    assert positions == list(range(items))
