"""Runs: frozen whole in one transaction, or not stored at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from evaluand.domain.ids import new_public_id
from evaluand.domain.lifecycle import IllegalTransition
from evaluand.domain.model import Counters, ItemContent, Purpose, Run, RunStatus, Suite
from evaluand.domain.paging import PageRequest
from evaluand.errors import InvalidRequest, NotFound
from evaluand.ports import ExecutionFilter, WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.store.tables import chunks, item_revisions, run_items, runs
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
from evaluand.testing.ledger import complete, open_chunks, take
from evaluand.testing.paging import walk

LATER = START + timedelta(minutes=5)


def frozen(door: WorkspaceStore, run: Run) -> list[ItemContent]:
    wanted = ExecutionFilter(kind=run.snapshot.kind, run=run.id)
    request = PageRequest(size=1_000, sort="created_at", descending=False)
    return [place.content for place in door.runs.executions(request, wanted).rows]


def stored(store: SqlStore) -> list[int]:
    """How many rows a run can leave behind there are, in the whole database."""
    with store.database.read() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (runs, run_items, chunks, item_revisions)
        ]


def test_a_run_comes_back_as_it_was_started(door: WorkspaceStore) -> None:
    target = a_target(door)
    evaluated = a_set(door, 3, target=target)
    snapshot = a_snapshot(target=target)

    made = a_run(door, evaluated, snapshot=snapshot)

    assert door.runs.get(made.id) == made
    assert door.runs.by_key(made.key) == made
    assert (made.status, made.purpose) == (RunStatus.PENDING, Purpose.EVALUATION)
    assert (made.item_count, made.counters) == (3, Counters())
    assert made.evaluation_set == evaluated.id
    assert (made.snapshot.target, made.snapshot.version) == (target.summary, target.draft)
    assert made.snapshot.suite == snapshot.suite
    assert (made.created_at, made.updated_at) == (START, START)
    assert (made.started_at, made.finished_at, made.summary, made.error) == (None,) * 4
    assert made.created_by == AUTHOR
    assert not made.cancel_requested


def test_an_unknown_run_is_none(door: WorkspaceStore) -> None:
    assert door.runs.get(new_public_id()) is None
    assert door.runs.by_key(1 << 40) is None
    assert door.runs.request_cancel(new_public_id(), LATER) is None
    assert door.runs.reopen(new_public_id(), LATER) is None


# ── Freezing ─────────────────────────────────────────────────────────────────────────────────────


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


# ── All or nothing ───────────────────────────────────────────────────────────────────────────────


def foreign_item(door: WorkspaceStore) -> dict[str, Any]:
    other = a_set(door)
    (item,) = door.sets.add_items(other.key, [some_content(1)], AUTHOR, START)
    return {"item_ids": [item.id]}


def deleted_item(door: WorkspaceStore) -> dict[str, Any]:
    evaluated = a_set(door)
    one, two = door.sets.add_items(evaluated.key, [some_content(1)] * 2, AUTHOR, START)
    door.sets.delete_item(evaluated.id, two.id, LATER)
    return {"evaluated": evaluated, "item_ids": [one.id, two.id]}


def deleted_set(door: WorkspaceStore) -> dict[str, Any]:
    evaluated = a_set(door, 2)
    door.sets.delete(evaluated.id, LATER)
    return {"evaluated": evaluated}


@pytest.mark.parametrize(
    ("prepare", "error"),
    [
        (lambda door: {"item_ids": [new_public_id()]}, NotFound),
        (foreign_item, NotFound),
        (deleted_item, NotFound),
        (deleted_set, NotFound),
        (lambda door: {"evaluated": a_set(door)}, InvalidRequest),
        (lambda door: {"item_ids": []}, InvalidRequest),
        (lambda door: {"contents": ()}, InvalidRequest),
    ],
    ids=["unknown", "of another set", "deleted", "set deleted", "empty set", "none", "no contents"],
)
def test_a_run_that_cannot_be_leaves_nothing_behind(
    store: SqlStore, door: WorkspaceStore, prepare: Any, error: type[Exception]
) -> None:
    wanted = {"evaluated": a_set(door, 3), **prepare(door)}
    before = stored(store)

    with pytest.raises(error):
        a_run(door, wanted.pop("evaluated"), **wanted)

    assert stored(store) == before


# ── Digest ───────────────────────────────────────────────────────────────────────────────────────


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


# ── Chunks ───────────────────────────────────────────────────────────────────────────────────────


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


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────


def test_runs_grow_in_time_as_in_key_whatever_the_clock_says(door: WorkspaceStore) -> None:
    first = a_run(door, items=1, at=LATER)
    second = a_run(door, items=1, at=START)

    assert (first.created_at, second.created_at) == (LATER, LATER)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("descending", [True, False])
def test_paging_visits_each_run_once(door: WorkspaceStore, size: int, descending: bool) -> None:
    evaluated = a_set(door, 1)
    made = [a_run(door, evaluated).id for _ in range(5)]
    door.runs.request_cancel(made[1], LATER)

    def order(sort: str) -> list[int]:
        found = walk(
            lambda request: door.runs.page(request, purposes=None),
            size,
            sort=sort,
            descending=descending,
        )
        return [made.index(run.id) for run in found]

    assert order("created_at") == ([4, 3, 2, 1, 0] if descending else [0, 1, 2, 3, 4])
    assert order("updated_at") == ([1, 4, 3, 2, 0] if descending else [0, 2, 3, 4, 1])


def test_runs_are_listed_by_purpose(door: WorkspaceStore) -> None:
    evaluation = a_run(door, items=1)
    batch = a_run(door, contents=[some_content()], purpose=Purpose.BATCH)

    def listed(*purposes: Purpose) -> list[Any]:
        request = PageRequest(size=10, sort="created_at", descending=False)
        return [run.id for run in door.runs.page(request, purposes=frozenset(purposes)).rows]

    assert listed(Purpose.EVALUATION) == [evaluation.id]
    assert listed(Purpose.BATCH, Purpose.EVALUATION) == [evaluation.id, batch.id]
    assert listed(Purpose.SINGLE) == []


# ── Cancelling and taking up again ───────────────────────────────────────────────────────────────


def test_a_cancelled_run_is_over_at_once(store: SqlStore, door: WorkspaceStore) -> None:
    run = a_run(door, items=3, chunk_size=1)

    cancelled = door.runs.request_cancel(run.id, LATER)

    assert cancelled is not None
    assert cancelled == door.runs.get(run.id)
    assert (cancelled.status, cancelled.finished_at) == (RunStatus.CANCELLED, LATER)
    assert cancelled.cancel_requested
    assert open_chunks(store.ledger, run) == []


def test_a_run_that_has_ended_cannot_be_cancelled(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=2)
    complete(store.ledger, run, workspace)
    ended = door.runs.get(run.id)

    with pytest.raises(IllegalTransition):
        door.runs.request_cancel(run.id, LATER)
    with pytest.raises(IllegalTransition):
        door.runs.reopen(run.id, LATER)

    assert door.runs.get(run.id) == ended


def test_a_run_is_cancelled_once(door: WorkspaceStore) -> None:
    run = a_run(door, items=2)
    cancelled = door.runs.request_cancel(run.id, START)

    with pytest.raises(IllegalTransition):
        door.runs.request_cancel(run.id, LATER)

    assert door.runs.get(run.id) == cancelled


def test_only_a_cancelled_run_is_taken_up_again(door: WorkspaceStore) -> None:
    run = a_run(door, items=2)

    with pytest.raises(IllegalTransition):
        door.runs.reopen(run.id, LATER)
    door.runs.request_cancel(run.id, START)
    reopened = door.runs.reopen(run.id, LATER)

    assert reopened is not None
    assert reopened == door.runs.get(run.id)
    assert (reopened.status, reopened.finished_at) == (RunStatus.PENDING, None)
    assert (reopened.cancel_requested, reopened.updated_at) == (False, LATER)
