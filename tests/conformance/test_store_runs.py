"""Runs: listed, cancelled, taken up again; one that cannot be leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from evaluand.domain.ids import new_public_id
from evaluand.domain.lifecycle import IllegalTransition
from evaluand.domain.model import Counters, Purpose, RunStatus
from evaluand.domain.paging import PageRequest
from evaluand.errors import InvalidRequest, NotFound
from evaluand.ports import WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.store.tables import chunks, item_revisions, run_items, runs
from evaluand.testing.builders import (
    AUTHOR,
    a_run,
    a_set,
    a_snapshot,
    a_target,
    some_content,
)
from evaluand.testing.clock import START
from evaluand.testing.ledger import complete, open_chunks
from evaluand.testing.paging import walk

LATER = START + timedelta(minutes=5)


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
