"""The embedded engine over a real store, with a target and an endpoint that can misbehave."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from tests.unit.engine.fakes import OneTarget, OwnEvaluator, OwnTarget, no_account

from evaluand.domain.model import (
    Answer,
    File,
    ItemContent,
    Metric,
    Outcome,
    Run,
    RunStatus,
    Suite,
)
from evaluand.engine.embedded import EmbeddedEngine
from evaluand.engine.failures import MEASURING
from evaluand.engine.retries import RetryPolicy
from evaluand.engine.worker import WorkerParts
from evaluand.ports import Caller, Ledger, Request, Response
from evaluand.store.sql import SqlStore
from evaluand.store.tables import calls, chunks, executions, runs, scores
from evaluand.testing.builders import a_run, a_snapshot, a_workspace
from evaluand.testing.pool import InlinePool

SUITE = Suite(metrics=(Metric(evaluator="own", threshold=1.0),))
PATIENCE_S = 20.0
UNFINISHED = (RunStatus.PENDING, RunStatus.RUNNING)


class Clock:
    """Fits :class:`evaluand.ports.Clock`: the time it is."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Endpoint:
    """Fits :class:`evaluand.ports.Http`: counts what reaches it, and takes its time."""

    def __init__(self, latency_s: float = 0.0) -> None:
        self.latency_s = latency_s
        self.received: Counter[tuple[str, str]] = Counter()
        self.arrived = asyncio.Event()
        self.in_flight = 0
        self.most_in_flight = 0

    async def send(self, request: Request) -> Response:
        headers = request.headers
        self.received[headers["Idempotency-Key"], headers["Evaluand-Attempt"]] += 1
        self.arrived.set()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.latency_s)
        finally:
            self.in_flight -= 1
        return Response(status=200, body=b"{}")


async def ask_once(number: int, caller: Caller) -> Answer:
    """One paid call an item."""
    await caller.call(Request(method="POST", url="https://x.example", body=b"%d" % number))
    return Answer(output={"value": number}, pages=1)


class Plant:
    """A store with a workspace, and the parts of which engines are built over it."""

    def __init__(
        self,
        store: SqlStore,
        answer: Callable[[int, Caller], Awaitable[Answer]] = ask_once,
        *,
        evaluator: OwnEvaluator | None = None,
        latency_s: float = 0.0,
        lanes: int = 4,
        ledger: Ledger | None = None,
        scoring_timeout_s: float = 10.0,
    ) -> None:
        self.store = store
        self.workspace = a_workspace(store)
        self.door = store.workspace(self.workspace)
        self.http = Endpoint(latency_s)
        self.evaluator = evaluator or OwnEvaluator()
        self.pool = InlinePool(failures=MEASURING)
        self.catalog = OneTarget(OwnTarget(answer, lanes=lanes))
        self._parts = WorkerParts(
            ledger=ledger or store.ledger,
            catalog=self.catalog,
            evaluators=lambda _: self.evaluator,
            pool=self.pool,
            http=self.http,
            clock=Clock(),
            meter=no_account,
            retries=RetryPolicy(attempts=3, first_wait_s=0.0),
            max_lanes=32,
            scoring_timeout_s=scoring_timeout_s,
        )

    def engine(self, allowed: Callable[[], bool] = lambda: True) -> EmbeddedEngine:
        """An engine that is not started."""
        return EmbeddedEngine(self._parts, allowed)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[EmbeddedEngine]:
        """A started engine, stopped in the end."""
        engine = self.engine()
        await engine.start()
        try:
            yield engine
        finally:
            await engine.stop(drain_s=0.0)

    def run(self, items: int, *, chunk_size: int = 200, files: Sequence[File] = ()) -> Run:
        """A stored run over items that hold their number; nobody is told of it."""
        contents = [
            ItemContent(expected={}, inputs={"number": number}, files=tuple(files))
            for number in range(items)
        ]
        snapshot = a_snapshot(suite=SUITE)
        return a_run(self.door, contents=contents, chunk_size=chunk_size, snapshot=snapshot)

    def now(self, run: Run) -> Run:
        """The run as it stands."""
        found = self.store.ledger.run(run.key)
        assert found is not None
        return found

    async def ended(self, *runs: Run) -> list[Run]:
        """The runs once they are no longer open."""
        await until(lambda: all(self.now(run).status not in UNFINISHED for run in runs))
        return [self.now(run) for run in runs]

    def rows(self, run: Run) -> dict[int, Any]:
        """The executions of a run by position."""
        found = self._read(select(executions).where(executions.c.run_id == run.key))
        assert len({row.position for row in found}) == len(found)
        return {row.position: row for row in found}

    def scores(self, run: Run) -> dict[tuple[int, str], Any]:
        """The scores of a run by position and metric."""
        found = self._read(select(scores).where(scores.c.run_id == run.key))
        return {(row.position, row.metric): row for row in found}

    def calls(self, run: Run) -> list[Any]:
        """The calls of a run."""
        return self._read(select(calls).where(calls.c.run_id == run.key))

    def epochs(self, run: Run) -> list[int]:
        """How often each chunk of a run was taken."""
        return [row.epoch for row in self._read(select(chunks).where(chunks.c.run_id == run.key))]

    def execute(self, statement: str) -> None:
        """Does something to the database behind everybody's back."""
        self.store.database.write(lambda connection: connection.execute(text(statement)))

    def _read(self, statement: Any) -> list[Any]:
        with self.store.database.read() as connection:
            return list(connection.execute(statement))


async def until(condition: Callable[[], bool]) -> None:
    """Returns once the condition holds; one that never does is a failure."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in a database
            await asyncio.sleep(0.01)


def consistent(plant: Plant, run: Run) -> None:
    """Asserts that a run's counters say what its rows say, and that no call went astray."""
    # All of one moment: an engine may be writing meanwhile.
    with plant.store.database.read() as connection:
        counters = connection.execute(select(runs).where(runs.c.id == run.key)).one()
        of_run = executions.c.run_id == run.key
        outcomes = Counter(connection.execute(select(executions.c.outcome).where(of_run)).scalars())
        made = connection.execute(select(calls).where(calls.c.run_id == run.key)).all()
    for outcome in Outcome:
        assert getattr(counters, outcome) == outcomes[outcome]
    answered = [call for call in made if call.answered_at is not None]
    assert counters.paid_calls == len(answered)
    assert counters.unknown_calls == sum(call.fate_unknown for call in made)
    assert not any(call.fate_unknown for call in answered)
    questions = [(call.position, call.stage, call.sequence) for call in answered]
    assert len(questions) == len(set(questions)), "an answered question was asked again"


async def abandon(engine: EmbeddedEngine) -> None:
    """Drops an engine without a word, as a kill does: whatever it was at, it goes no further."""
    tasks = [
        engine._task,
        engine._recorder._task,
        *engine._active.values(),
        *engine._stopping.values(),
    ]
    engine._closing = True
    for task in tasks:
        if task is not None:
            task.cancel()
    await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)
