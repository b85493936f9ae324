"""Results: each item has one, the first; what it counts is counted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from evaluand.domain.model import Counters, Failure, Outcome, Score
from evaluand.ports import WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import (
    a_flush,
    a_result,
    a_run,
)
from evaluand.testing.clock import START
from evaluand.testing.ledger import commit, counters, current

LATER = START + timedelta(minutes=5)


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
    assert counters(store.ledger, run) == expected
    assert current(store.ledger, run).updated_at == LATER


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
    before = counters(store.ledger, run)

    commit(store.ledger, group)
    assert counters(store.ledger, run) == before
    more = [a_result(run, workspace, n, reused_answers=1) for n in (1, 2, 2)]
    commit(store.ledger, a_flush(results=more))

    assert counters(store.ledger, run) == replace(before, passed=3, pages=3, reused_answers=3)


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
    assert counters(store.ledger, run) == Counters(passed=1, pages=1)


def test_one_group_may_hold_several_runs(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    one, two = a_run(door, items=1), a_run(door, items=1)

    commit(
        store.ledger,
        a_flush(results=[a_result(one, workspace), a_result(two, workspace, 0, Outcome.FAILED)]),
    )

    assert counters(store.ledger, one) == Counters(passed=1, pages=1)
    assert counters(store.ledger, two) == Counters(failed=1, pages=1)


def test_more_results_than_a_statement_takes(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=1_200)
    group = a_flush(results=[a_result(run, workspace, n) for n in range(1_200)])

    commit(store.ledger, group)
    commit(store.ledger, group)

    assert counters(store.ledger, run) == Counters(passed=1_200, pages=1_200)


def test_an_empty_group_is_no_harm(store: SqlStore) -> None:
    assert commit(store.ledger, a_flush()) == frozenset()
