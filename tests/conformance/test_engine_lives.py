"""Any sequence of starts, kills, stops, cancellations and resumptions comes to the same end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.conformance.engine_plant import Plant, abandon, consistent

from evaluand.domain.lifecycle import IllegalTransition
from evaluand.domain.model import Answer, Run, RunStatus
from evaluand.engine import embedded
from evaluand.engine.embedded import EmbeddedEngine
from evaluand.ports import Caller, Request
from evaluand.testing.clock import START
from evaluand.testing.stores import memory_store

# A call lasts a few pauses of a test, so that every event meets calls in all stages.
LATENCY_S = 0.004


async def ask_twice(number: int, caller: Caller) -> Answer:
    """Two paid calls an item: a restart may fall between them."""
    for part in range(2):
        body = b"%d of %d" % (part, number)
        await caller.call(Request(method="POST", url="https://x.example", body=body))
    return Answer(output={"value": number})


class Lives(RuleBasedStateMachine):
    """One database, at most one engine at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()
        self.loop = asyncio.new_event_loop()
        store = self.opened.enter_context(memory_store(Path()))
        self.plant = Plant(store, ask_twice, latency_s=LATENCY_S)
        self.engine: EmbeddedEngine | None = None
        self.runs: list[Run] = []

    def wait(self, main: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(main)

    @rule(items=st.integers(1, 30), chunk_size=st.integers(1, 12))
    def add(self, items: int, chunk_size: int) -> None:
        if len(self.runs) < 3:
            self.runs.append(self.plant.run(items, chunk_size=chunk_size))
            if self.engine is not None:
                self.engine.submit(self.runs[-1].key)

    @precondition(lambda self: self.engine is None)
    @rule()
    def start(self) -> None:
        self.engine = self.plant.engine()
        self.wait(self.engine.start())

    @precondition(lambda self: self.engine is not None)
    @rule(milliseconds=st.integers(0, 40))
    def work(self, milliseconds: int) -> None:
        self.wait(asyncio.sleep(milliseconds / 1000))

    @precondition(lambda self: self.engine is not None)
    @rule()
    def kill(self) -> None:
        assert self.engine is not None
        self.wait(abandon(self.engine))
        self.engine = None

    @precondition(lambda self: self.engine is not None)
    @rule(drain_s=st.sampled_from([0.0, 0.003, 1.0]))
    def stop(self, drain_s: float) -> None:
        assert self.engine is not None
        self.wait(self.engine.stop(drain_s))
        self.engine = None

    # Which run is meant is drawn by number: how far each one is depends on the machine's mood, and
    # what is drawn must not.

    @precondition(lambda self: bool(self.runs))
    @rule(number=st.integers(0, 2), told=st.booleans())
    def cancel(self, number: int, told: bool) -> None:
        run = self.runs[number % len(self.runs)]
        with suppress(IllegalTransition):
            self.plant.door.runs.request_cancel(run.id, START)
        if told and self.engine is not None:
            self.engine.cancel(run.key)

    @precondition(lambda self: bool(self.runs))
    @rule(number=st.integers(0, 2))
    def resume(self, number: int) -> None:
        run = self.runs[number % len(self.runs)]
        with suppress(IllegalTransition):
            self.plant.door.runs.reopen(run.id, START)
        if self.engine is not None:
            self.engine.submit(run.key)

    @invariant()
    def counters_say_what_rows_say(self) -> None:
        for run in self.runs:
            consistent(self.plant, run)

    def teardown(self) -> None:
        try:
            for number in range(len(self.runs)):
                self.resume(number=number)
            if self.engine is None:
                self.start()
            assert self.engine is not None
            self.wait(self.plant.ended(*self.runs))
            self.wait(self.engine.stop(1.0))
            self.settle_accounts()
        finally:
            self.plant.pool.close()
            self.opened.close()
            self.loop.close()

    def settle_accounts(self) -> None:
        for run in self.runs:
            ended = self.plant.now(run)
            consistent(self.plant, run)
            assert ended.status is RunStatus.SUCCEEDED
            assert ended.counters.passed == run.item_count
            assert sorted(self.plant.rows(run)) == list(range(run.item_count))
            assert len(self.plant.scores(run)) == run.item_count
            assert ended.counters.paid_calls == 2 * run.item_count
            assert ended.summary is not None
            assert ended.summary["items"] == run.item_count
        assert all(count == 1 for count in self.plant.http.received.values())
        unknown = sum(self.plant.now(run).counters.unknown_calls for run in self.runs)
        paid = sum(self.plant.now(run).counters.paid_calls for run in self.runs)
        # An intent whose call had not left when the engine was killed is unknown to the ledger.
        assert paid <= self.plant.http.received.total() <= paid + unknown


@pytest.mark.slow
def test_every_life_comes_to_the_same_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_LOOK_AGAIN_S", 0.02)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Lives,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
