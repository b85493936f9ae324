"""Chunks: hinted at in turn, taken under an epoch, closed once by whoever holds it."""

from __future__ import annotations

from datetime import timedelta

from evaluand.domain.model import Outcome, RunStatus
from evaluand.ports import ChunkHint, WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import (
    a_file,
    a_flush,
    a_result,
    a_run,
    some_content,
)
from evaluand.testing.clock import START
from evaluand.testing.ledger import commit, complete, current, open_chunks, take

LATER = START + timedelta(minutes=5)


def test_every_runs_first_chunk_comes_before_any_second(
    store: SqlStore, door: WorkspaceStore
) -> None:
    one, two = a_run(door, items=3, chunk_size=1), a_run(door, items=2, chunk_size=1)

    hints = open_chunks(store.ledger, one, two)

    assert hints == [(one.key, 0), (two.key, 0), (one.key, 1), (two.key, 1), (one.key, 2)]


def test_a_higher_priority_goes_first(store: SqlStore, door: WorkspaceStore) -> None:
    plain, urgent, patient = (
        a_run(door, items=2, chunk_size=1, priority=priority) for priority in (50, 100, 1)
    )

    hints = open_chunks(store.ledger, plain, urgent, patient)

    assert [hint.run for hint in hints] == [
        run.key for run in (urgent, urgent, plain, plain, patient, patient)
    ]


def test_chunks_in_work_are_left_out_and_do_not_use_up_the_limit(
    store: SqlStore, door: WorkspaceStore
) -> None:
    run = a_run(door, items=4, chunk_size=1, priority=1_000)
    busy = [ChunkHint(run.key, 0), ChunkHint(run.key, 2)]

    assert store.ledger.open_chunks(2, busy) == [(run.key, 1), (run.key, 3)]
    assert store.ledger.open_chunks(1, ()) == [(run.key, 0)]


def test_taking_a_chunk_starts_the_run_once(store: SqlStore, door: WorkspaceStore) -> None:
    run = a_run(door, items=2, chunk_size=1)

    take(store.ledger, run, 0, START)
    take(store.ledger, run, 1, LATER)

    started = current(store.ledger, run)
    assert (started.status, started.started_at) == (RunStatus.RUNNING, START)


def test_a_chunk_says_what_was_frozen(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    contents = [some_content(n, a_file(f"{n}.pdf")) for n in range(3)]
    run = a_run(door, contents=contents, chunk_size=2)

    first, second = take(store.ledger, run, 0), take(store.ledger, run, 1)

    assert [item.content for item in (*first.items, *second.items)] == contents
    assert [item.position for item in (*first.items, *second.items)] == [0, 1, 2]
    assert (first.size, second.size) == (2, 1)
    assert (first.run, first.run_id, first.workspace) == (run.key, run.id, workspace)
    assert first.snapshot == run.snapshot
    assert first.purpose is run.purpose


def test_each_taking_is_a_new_epoch(store: SqlStore, door: WorkspaceStore) -> None:
    run = a_run(door, items=2, chunk_size=1)

    assert [take(store.ledger, run).epoch for _ in range(3)] == [1, 2, 3]
    assert take(store.ledger, run, 1).epoch == 1


def test_only_items_without_a_result_are_open(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=4)
    results = [a_result(run, workspace, position) for position in (0, 2)]
    commit(store.ledger, a_flush(results=results))

    work = take(store.ledger, run)

    assert [item.position for item in work.items] == [1, 3]
    assert work.size == 4


def test_there_is_nothing_to_take_of_what_is_not_open(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    ended, cancelled, running = (a_run(door, items=1) for _ in range(3))
    complete(store.ledger, ended, workspace)
    door.runs.request_cancel(cancelled.id, LATER)

    for hint in [(ended.key, 0), (cancelled.key, 0), (running.key, 7), (1 << 40, 0)]:
        assert store.ledger.take_chunk(ChunkHint(*hint), LATER) is None


def test_a_file_deleted_after_the_start_is_named(store: SqlStore, door: WorkspaceStore) -> None:
    kept, gone = door.files.add(a_file("kept.pdf")), door.files.add(a_file("gone.pdf"))
    run = a_run(door, contents=[some_content(1, kept), some_content(2, kept, gone)])
    door.files.delete(gone.id, LATER)

    work = take(store.ledger, run)

    assert [item.missing_file for item in work.items] == [None, "gone.pdf"]


def test_the_last_chunk_to_close_says_so(store: SqlStore, door: WorkspaceStore) -> None:
    run = a_run(door, items=3, chunk_size=1)
    closed = []
    for number in (2, 0, 1):
        work = take(store.ledger, run, number)
        hint = ChunkHint(run.key, number)
        closed.append(store.ledger.close_chunk(hint, work.epoch, {"chunk": number}, LATER))

    assert closed == [False, False, True]
    assert store.ledger.folds(run.key) == [{"chunk": 0}, {"chunk": 1}, {"chunk": 2}]


def test_who_lost_the_chunk_cannot_close_it(store: SqlStore, door: WorkspaceStore) -> None:
    run = a_run(door, items=1)
    hint = ChunkHint(run.key, 0)
    slow, fast = take(store.ledger, run), take(store.ledger, run)

    assert not store.ledger.close_chunk(hint, slow.epoch, {"who": "slow"}, LATER)
    assert open_chunks(store.ledger, run) == [hint]
    assert store.ledger.close_chunk(hint, fast.epoch, {"who": "fast"}, LATER)
    assert not store.ledger.close_chunk(hint, fast.epoch, {"who": "again"}, LATER)

    assert store.ledger.folds(run.key) == [{"who": "fast"}]


def test_a_chunk_tells_what_its_summary_needs(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=4, chunk_size=3)
    results = [
        a_result(run, workspace, 0, pages=2),
        a_result(run, workspace, 1, Outcome.ERROR, pages=None),
        a_result(run, workspace, 3),
    ]
    commit(store.ledger, a_flush(results=results))

    passed, failed = store.ledger.chunk_details(ChunkHint(run.key, 0))

    detail = {"field_accuracy": {"n": 1}}
    assert passed == (Outcome.PASSED, 2_000, 2, detail)
    assert failed == (Outcome.ERROR, None, None, detail)


def test_a_run_ends_once(store: SqlStore, workspace: int, door: WorkspaceStore) -> None:
    run = a_run(door, items=1)
    complete(store.ledger, run, workspace, at=START)

    again = store.ledger.finish(run.key, RunStatus.FAILED, {"other": 1}, "no", LATER)

    ended = current(store.ledger, run)
    assert not again
    assert (ended.status, ended.summary, ended.error) == (RunStatus.SUCCEEDED, {"done": True}, None)
    assert ended.finished_at == START


def test_a_run_whose_chunks_are_closed_only_lacks_its_summary(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=1)
    work = take(store.ledger, run)
    assert run.key not in store.ledger.runs_to_finish()

    store.ledger.close_chunk(ChunkHint(run.key, 0), work.epoch, {}, LATER)
    assert run.key in store.ledger.runs_to_finish()
    store.ledger.finish(run.key, RunStatus.SUCCEEDED, {}, None, LATER)

    assert run.key not in store.ledger.runs_to_finish()
