"""The ledger: chunks are taken and closed under an epoch, results count once, money is not lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from evaluand.domain.model import Counters, Failure, Outcome, Run, RunStatus, Score
from evaluand.ports import ChunkHint, WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import (
    a_file,
    a_flush,
    a_result,
    a_run,
    an_answer,
    an_intent,
    some_content,
)
from evaluand.testing.clock import START
from evaluand.testing.ledger import commit, complete, open_chunks, take

LATER = START + timedelta(minutes=5)


def now(store: SqlStore, run: Run) -> Run:
    found = store.ledger.run(run.key)
    assert found is not None
    return found


def counters(store: SqlStore, run: Run) -> Counters:
    return now(store, run).counters


# ── Hints ────────────────────────────────────────────────────────────────────────────────────────


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


# ── Taking ───────────────────────────────────────────────────────────────────────────────────────


def test_taking_a_chunk_starts_the_run_once(store: SqlStore, door: WorkspaceStore) -> None:
    run = a_run(door, items=2, chunk_size=1)

    take(store.ledger, run, 0, START)
    take(store.ledger, run, 1, LATER)

    started = now(store, run)
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


# ── Results ──────────────────────────────────────────────────────────────────────────────────────


def test_results_are_counted_by_outcome(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=7)
    outcomes = [
        Outcome.PASSED,
        Outcome.PASSED,
        Outcome.FAILED,
        Outcome.ERROR,
        Outcome.SKIPPED,
        Outcome.SKIPPED,
    ]
    results = [
        a_result(run, workspace, position, outcome, pages=position, reused_answers=1, at=LATER)
        for position, outcome in enumerate(outcomes)
    ]

    commit(store.ledger, a_flush(results=results))

    expected = Counters(passed=2, failed=1, error=1, skipped=2, pages=15, reused_answers=6)
    assert counters(store, run) == expected
    assert now(store, run).updated_at == LATER


def test_a_result_comes_back_whole(store: SqlStore, workspace: int, door: WorkspaceStore) -> None:
    run = a_run(door, items=2)
    scores = (
        Score(metric="a", value=0.5, passed=False, explanation="why", detail={"n": [1, None]}),
        Score(metric="b", value=None, passed=None),
    )
    result = a_result(run, workspace, 1, scores=scores, output={"value": {"ß": None}})

    commit(store.ledger, a_flush(results=[result]))

    place = door.runs.execution(run.key, 1)
    assert place is not None
    assert place.execution == result.execution
    found = door.runs.scores(run.key, [0, 1])
    assert found[0] == []
    assert sorted(found[1], key=lambda score: score.metric) == list(scores)


def test_a_failure_comes_back_whole(store: SqlStore, workspace: int, door: WorkspaceStore) -> None:
    run = a_run(door, items=1)
    failure = Failure(reason="file_deleted", message="The file 'ä.pdf' was deleted.")

    commit(
        store.ledger,
        a_flush(results=[a_result(run, workspace, 0, Outcome.ERROR, failure=failure, scores=())]),
    )

    place = door.runs.execution(run.key, 0)
    assert place is not None
    assert place.execution is not None
    assert place.execution.answer.failure == failure


def test_the_same_result_twice_counts_once(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=4)
    group = a_flush(
        results=[a_result(run, workspace, n, reused_answers=1) for n in (0, 1)],
    )
    commit(store.ledger, group)
    before = counters(store, run)

    commit(store.ledger, group)
    assert counters(store, run) == before
    more = [a_result(run, workspace, n, reused_answers=1) for n in (1, 2, 2)]
    commit(store.ledger, a_flush(results=more))

    assert counters(store, run) == replace(before, passed=3, pages=3, reused_answers=3)


def test_the_first_result_of_an_item_stands_with_its_scores(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=1)
    first = a_result(run, workspace, 0, Outcome.PASSED)
    zombie = a_result(
        run, workspace, 0, Outcome.FAILED, scores=(Score(metric="late", value=0.0, passed=False),)
    )
    commit(store.ledger, a_flush(results=[first]))

    commit(store.ledger, a_flush(results=[zombie]))

    place = door.runs.execution(run.key, 0)
    assert place is not None
    assert place.execution == first.execution
    assert door.runs.scores(run.key, [0])[0] == list(first.scores)
    assert counters(store, run) == Counters(passed=1, pages=1)


def test_one_group_may_hold_several_runs(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    one, two = a_run(door, items=1), a_run(door, items=1)

    commit(
        store.ledger,
        a_flush(results=[a_result(one, workspace), a_result(two, workspace, 0, Outcome.FAILED)]),
    )

    assert counters(store, one) == Counters(passed=1, pages=1)
    assert counters(store, two) == Counters(failed=1, pages=1)


def test_more_results_than_a_statement_takes(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=1_200)
    group = a_flush(results=[a_result(run, workspace, n) for n in range(1_200)])

    commit(store.ledger, group)
    commit(store.ledger, group)

    assert counters(store, run) == Counters(passed=1_200, pages=1_200)


def test_an_empty_group_is_no_harm(store: SqlStore) -> None:
    assert commit(store.ledger, a_flush()) == frozenset()


# ── Calls ────────────────────────────────────────────────────────────────────────────────────────


def test_calls_are_paid_when_they_are_answered(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=2)
    intents = [an_intent(run, workspace, position) for position in (0, 1)]

    commit(store.ledger, a_flush(intents=intents))
    assert counters(store, run) == Counters()
    commit(store.ledger, a_flush(outcomes=[an_answer(intent, 0.25) for intent in intents]))

    assert counters(store, run) == Counters(paid_calls=2, cost_usd=0.5)


def test_a_call_and_its_answer_may_come_in_one_group(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=1)
    intent = an_intent(run, workspace)

    commit(store.ledger, a_flush(intents=[intent], outcomes=[an_answer(intent)]))

    assert counters(store, run) == Counters(paid_calls=1, cost_usd=0.5)


def test_an_answer_is_found_when_the_chunk_is_taken_again(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=2)
    take(store.ledger, run)
    intent = an_intent(run, workspace, 1)
    answer = an_answer(intent, body=b'{"total": 1}')
    commit(store.ledger, a_flush(intents=[intent], outcomes=[answer]))

    first, second = take(store.ledger, run).items

    assert first.calls == ()
    (call,) = second.calls
    assert (call.key, call.attempt) == (intent.key, 1)
    assert (call.request_digest, call.outcome) == (intent.request_digest, answer)


def test_attempts_come_back_in_their_order(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=1)
    intents = [an_intent(run, workspace, attempt=attempt) for attempt in (2, 1, 3)]
    commit(store.ledger, a_flush(intents=intents, outcomes=[an_answer(intents[1])]))

    (item,) = take(store.ledger, run).items

    assert [call.attempt for call in item.calls] == [1, 2, 3]
    assert [call.outcome is not None for call in item.calls] == [True, False, False]


def test_a_call_without_an_answer_is_counted_once_when_its_chunk_is_taken_again(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=2, chunk_size=1)
    take(store.ledger, run)
    commit(store.ledger, a_flush(intents=[an_intent(run, workspace)]))

    take(store.ledger, run, 1)
    assert counters(store, run).unknown_calls == 0
    for _ in range(2):
        take(store.ledger, run)
        assert counters(store, run).unknown_calls == 1


def test_the_same_answer_twice_is_paid_once(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=2)
    one, two = an_intent(run, workspace), an_intent(run, workspace, 1)
    commit(store.ledger, a_flush(intents=[one, two], outcomes=[an_answer(one)]))

    late = an_answer(one, body=b"late")
    commit(store.ledger, a_flush(outcomes=[late, an_answer(two), an_answer(two)]))

    assert counters(store, run) == Counters(paid_calls=2, cost_usd=1.0)
    bodies = [c.outcome.body for i in take(store.ledger, run).items for c in i.calls if c.outcome]
    assert bodies == [b"{}", b"{}"]


def test_a_call_that_somebody_else_announced_is_refused_with_its_whole_group(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=2)
    intent = an_intent(run, workspace)
    commit(store.ledger, a_flush(intents=[intent]))

    group = a_flush(intents=[intent], results=[a_result(run, workspace, 1)])
    with pytest.raises(IntegrityError):
        commit(store.ledger, group)

    assert counters(store, run) == Counters()


# ── Closing ──────────────────────────────────────────────────────────────────────────────────────


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

    ended = now(store, run)
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


# ── Cancelling ───────────────────────────────────────────────────────────────────────────────────


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
    assert counters(store, other).passed == 1


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

    assert counters(store, run) == Counters(paid_calls=1, cost_usd=0.5)


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
        assert counters(store, run).unknown_calls == 1
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
    assert counters(store, run).passed == 4
    assert now(store, run).started_at == START


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

    assert counters(store, run).unknown_calls == 0
    assert now(store, run).status is RunStatus.PENDING
