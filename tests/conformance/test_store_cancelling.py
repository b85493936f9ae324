"""Cancelled runs: read the same for ever, or go on where they were."""

from __future__ import annotations

from datetime import timedelta

from evaluand.domain.model import Counters, RunStatus
from evaluand.ports import ChunkHint, WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import (
    a_flush,
    a_result,
    a_run,
    an_answer,
    an_intent,
)
from evaluand.testing.clock import START
from evaluand.testing.ledger import commit, counters, current, open_chunks, take

LATER = START + timedelta(minutes=5)


def test_results_that_come_after_the_cancellation_are_dropped(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run, other = a_run(door, items=3), a_run(door, items=1)
    take(store.ledger, run)
    commit(store.ledger, a_flush(results=[a_result(run, workspace, 0)]))
    cancelled = door.runs.request_cancel(run.id, LATER)

    late = [a_result(run, workspace, 1), a_result(other, workspace, 0)]
    told = commit(store.ledger, a_flush(results=late))

    assert told == {run.key}
    assert door.runs.get(run.id) == cancelled
    assert counters(store.ledger, other).passed == 1


def test_who_announces_a_call_of_a_cancelled_run_is_told(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=1)
    door.runs.request_cancel(run.id, LATER)

    assert commit(store.ledger, a_flush(intents=[an_intent(run, workspace)])) == {run.key}


def test_money_spent_on_a_cancelled_run_is_counted(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=1)
    intent = an_intent(run, workspace)
    commit(store.ledger, a_flush(intents=[intent]))
    door.runs.request_cancel(run.id, LATER)

    commit(store.ledger, a_flush(outcomes=[an_answer(intent)]))

    assert counters(store.ledger, run) == Counters(paid_calls=1, cost_usd=0.5)


def test_nobody_closes_a_chunk_of_a_cancelled_run(store: SqlStore, door: WorkspaceStore) -> None:
    run = a_run(door, items=1)
    work = take(store.ledger, run)
    cancelled = door.runs.request_cancel(run.id, LATER)

    assert not store.ledger.close_chunk(ChunkHint(run.key, 0), work.epoch, {}, LATER)
    assert not store.ledger.finish(run.key, RunStatus.SUCCEEDED, {}, None, LATER)
    assert store.ledger.folds(run.key) == []
    assert door.runs.get(run.id) == cancelled


def test_a_cancelled_run_is_settled_once(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=2)
    intents = [an_intent(run, workspace, position) for position in (0, 1)]
    commit(store.ledger, a_flush(intents=intents, outcomes=[an_answer(intents[0])]))
    door.runs.request_cancel(run.id, LATER)
    assert run.key in store.ledger.runs_to_settle()

    for _ in range(2):
        store.ledger.settle(run.key)
        assert counters(store.ledger, run).unknown_calls == 1
        assert run.key not in store.ledger.runs_to_settle()


def test_a_run_taken_up_again_goes_on_where_it_was(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=4, chunk_size=2)
    first = take(store.ledger, run, 0)
    commit(store.ledger, a_flush(results=[a_result(run, workspace, n) for n in (0, 1)]))
    store.ledger.close_chunk(ChunkHint(run.key, 0), first.epoch, {"chunk": 0}, START)
    stopped = take(store.ledger, run, 1)
    commit(store.ledger, a_flush(results=[a_result(run, workspace, 2)]))
    door.runs.request_cancel(run.id, START)

    door.runs.reopen(run.id, LATER)

    assert open_chunks(store.ledger, run) == [(run.key, 1)]
    work = take(store.ledger, run, 1, LATER)
    assert [item.position for item in work.items] == [3]
    assert work.epoch > stopped.epoch
    hint = ChunkHint(run.key, 1)
    assert not store.ledger.close_chunk(hint, stopped.epoch, {"chunk": "old"}, LATER)
    commit(store.ledger, a_flush(results=[a_result(run, workspace, 3)]))
    assert store.ledger.close_chunk(hint, work.epoch, {"chunk": 1}, LATER)
    assert store.ledger.folds(run.key) == [{"chunk": 0}, {"chunk": 1}]
    assert counters(store.ledger, run).passed == 4
    assert current(store.ledger, run).started_at == START


def test_a_run_cancelled_after_its_last_chunk_only_lacks_its_summary_when_taken_up_again(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=1)
    work = take(store.ledger, run)
    commit(store.ledger, a_flush(results=[a_result(run, workspace)]))
    store.ledger.close_chunk(ChunkHint(run.key, 0), work.epoch, {}, START)
    door.runs.request_cancel(run.id, START)

    door.runs.reopen(run.id, LATER)

    assert open_chunks(store.ledger, run) == []
    assert run.key in store.ledger.runs_to_finish()
    assert store.ledger.finish(run.key, RunStatus.SUCCEEDED, {}, None, LATER)


def test_settling_leaves_a_run_alone_that_was_taken_up_again(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=1)
    commit(store.ledger, a_flush(intents=[an_intent(run, workspace)]))
    door.runs.request_cancel(run.id, START)
    door.runs.reopen(run.id, LATER)

    store.ledger.settle(run.key)

    assert counters(store.ledger, run).unknown_calls == 0
    assert current(store.ledger, run).status is RunStatus.PENDING


def test_who_worked_on_it_before_the_cancellation_closes_nothing_after_it(
    store: SqlStore, door: WorkspaceStore
) -> None:
    run = a_run(door, items=1)
    stopped = take(store.ledger, run)
    door.runs.request_cancel(run.id, START)
    door.runs.reopen(run.id, LATER)

    # Nobody has taken the chunk again yet: only the cancellation stands in the way.
    hint = ChunkHint(run.key, 0)
    assert not store.ledger.close_chunk(hint, stopped.epoch, {"chunk": "old"}, LATER)
    assert open_chunks(store.ledger, run) == [hint]
