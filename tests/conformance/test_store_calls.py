"""Calls: announced before they leave, paid once when they are answered, never asked for again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from evaluand.domain.model import Counters
from evaluand.ports import WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import (
    a_flush,
    a_result,
    a_run,
    an_answer,
    an_intent,
)
from evaluand.testing.clock import START
from evaluand.testing.ledger import commit, counters, take

LATER = START + timedelta(minutes=5)


def test_calls_are_paid_when_they_are_answered(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=2)
    intents = [an_intent(run, workspace, position) for position in (0, 1)]

    commit(store.ledger, a_flush(intents=intents))
    assert counters(store.ledger, run) == Counters()
    commit(store.ledger, a_flush(outcomes=[an_answer(intent, 0.25) for intent in intents]))

    assert counters(store.ledger, run) == Counters(paid_calls=2, cost_usd=0.5)


def test_a_call_and_its_answer_may_come_in_one_group(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=1)
    intent = an_intent(run, workspace)

    commit(store.ledger, a_flush(intents=[intent], outcomes=[an_answer(intent)]))

    assert counters(store.ledger, run) == Counters(paid_calls=1, cost_usd=0.5)


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
    assert counters(store.ledger, run).unknown_calls == 0
    for _ in range(2):
        take(store.ledger, run)
        assert counters(store.ledger, run).unknown_calls == 1


def test_the_same_answer_twice_is_paid_once(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=2)
    one, two = an_intent(run, workspace), an_intent(run, workspace, 1)
    commit(store.ledger, a_flush(intents=[one, two], outcomes=[an_answer(one)]))

    late = an_answer(one, body=b"late")
    commit(store.ledger, a_flush(outcomes=[late, an_answer(two), an_answer(two)]))

    assert counters(store.ledger, run) == Counters(paid_calls=2, cost_usd=1.0)
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

    assert counters(store.ledger, run) == Counters()
