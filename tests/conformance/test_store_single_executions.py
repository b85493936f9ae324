"""Single executions: what was frozen, cancelled once, deleted from sight."""

from __future__ import annotations

from datetime import timedelta

from evaluand.domain.lifecycle import CANCELLED_REASON
from evaluand.domain.model import (
    Counters,
    Failure,
    Outcome,
    RunStatus,
    TargetKind,
)
from evaluand.domain.paging import PageRequest
from evaluand.ports import ExecutionFilter, WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import (
    a_flush,
    a_result,
    a_run,
    a_set,
)
from evaluand.testing.clock import START
from evaluand.testing.ledger import commit, complete

EXTRACTOR = TargetKind.EXTRACTOR
LATER = START + timedelta(minutes=60)
EVERYTHING = PageRequest(size=1_000, sort="created_at", descending=False)
NAMES = ["Invoice_1.pdf", "invoice%2.pdf", "RECHNUNG ÄÖ.pdf", "a\\b.txt"]


def test_a_place_without_a_result_shows_what_was_frozen(door: WorkspaceStore) -> None:
    evaluated = a_set(door, 2)
    items = door.sets.items(evaluated.id, EVERYTHING).rows
    run = a_run(door, evaluated)

    place = door.runs.execution(run.key, 1)

    assert place is not None
    assert (place.run, place.position, place.execution) == (run, 1, None)
    assert (place.item, place.content) == (items[1].id, items[1].content)
    assert door.runs.execution(run.key, 2) is None
    assert door.runs.execution(run.key, -1) is None
    assert door.runs.execution(1 << 40, 0) is None


def test_cancelling_an_item_gives_it_an_outcome_once(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=2)

    assert door.runs.cancel_item(run.key, 0, LATER)
    assert not door.runs.cancel_item(run.key, 0, LATER)
    commit(store.ledger, a_flush(results=[a_result(run, workspace, 0)]))

    place = door.runs.execution(run.key, 0)
    assert place is not None
    assert place.execution is not None
    assert place.execution.outcome is Outcome.ERROR
    assert isinstance(place.execution.answer.failure, Failure)
    assert place.execution.answer.failure.reason == CANCELLED_REASON
    assert place.run.counters == Counters(error=1)
    assert place.run.status is RunStatus.PENDING


def test_only_what_is_under_way_can_be_cancelled(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    ended, cancelled, running = (a_run(door, items=1) for _ in range(3))
    complete(store.ledger, ended, workspace)
    door.runs.request_cancel(cancelled.id, START)
    before = [door.runs.get(run.id) for run in (ended, cancelled, running)]

    for run, position in [(ended, 0), (cancelled, 0), (running, 1), (running, -1)]:
        assert not door.runs.cancel_item(run.key, position, LATER)
    assert not door.runs.cancel_item(1 << 40, 0, LATER)

    assert [door.runs.get(run.id) for run in (ended, cancelled, running)] == before


def test_a_deleted_execution_is_out_of_sight_and_the_runs_figures_stay(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=2)
    complete(store.ledger, run, workspace)
    before = door.runs.get(run.id)

    assert door.runs.delete_item(run.key, 0, LATER)

    assert door.runs.execution(run.key, 0) is None
    wanted = ExecutionFilter(kind=EXTRACTOR, run=run.id)
    assert [p.position for p in door.runs.executions(EVERYTHING, wanted).rows] == [1]
    assert not door.runs.delete_item(run.key, 0, LATER)
    assert door.runs.get(run.id) == before


def test_scores_are_asked_for_by_position(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=600)
    complete(store.ledger, run, workspace)

    found = door.runs.scores(run.key, range(600))

    assert list(found) == list(range(600))
    assert all(len(scores) == 1 for scores in found.values())
    assert door.runs.scores(run.key, []) == {}
