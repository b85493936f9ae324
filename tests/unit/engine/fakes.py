"""A ledger, an endpoint and a machine that do as they are told, and remember what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from evaluand.domain.ids import new_public_id
from evaluand.domain.model import (
    Answer,
    Execution,
    ItemContent,
    Json,
    Outcome,
    Purpose,
    Run,
    RunStatus,
    Score,
    TargetKind,
    Usage,
)
from evaluand.engine.calls import CallScope
from evaluand.ports import (
    Caller,
    CallFailed,
    CallKey,
    CallOutcome,
    CallUsage,
    ChunkHint,
    ChunkWork,
    Flush,
    Intent,
    ItemResult,
    ItemTally,
    Measured,
    OpenItem,
    RecordedCall,
    Request,
    Response,
)
from evaluand.testing.builders import a_snapshot
from evaluand.testing.clock import START

T = TypeVar("T")

RUN_ID = new_public_id()


def run(main: Coroutine[Any, Any, T]) -> T:
    """What a coroutine comes to; one that hangs is a failure."""

    async def bounded() -> T:
        async with asyncio.timeout(20):
            return await main

    return asyncio.run(bounded())


class NotedLedger:
    """Fits what the recorder, the worker and the closing ask of a ledger; one chunk of one run.

    ``refuse`` says for a group why it cannot be stored. ``gate`` holds up all commits, ``wrote``
    is set by each.
    """

    def __init__(self, work: ChunkWork | None = None) -> None:
        self.groups: list[Flush] = []
        self.refuse: Callable[[Flush], Exception | None] = lambda _: None
        self.gate = asyncio.Event()
        self.gate.set()
        self.wrote = asyncio.Event()
        self.cancelled: frozenset[int] = frozenset()
        self.work = work
        self.closed: list[Json] = []
        self.ended: list[tuple[RunStatus, Json | None, str | None]] = []
        self.run_found: Run | None = None

    @property
    def intents(self) -> list[Intent]:
        return [row for group in self.groups for row in group.intents]

    @property
    def outcomes(self) -> list[CallOutcome]:
        return [row for group in self.groups for row in group.outcomes]

    @property
    def results(self) -> list[ItemResult]:
        return [row for group in self.groups for row in group.results]

    def commit(self, flush: Flush) -> Awaitable[frozenset[int]]:
        return self._commit(flush)

    async def _commit(self, flush: Flush) -> frozenset[int]:
        await self.gate.wait()
        why = self.refuse(flush)
        if why is not None:
            raise why
        self.groups.append(flush)
        self.wrote.set()
        return self.cancelled

    def take_chunk(self, hint: ChunkHint, at: datetime) -> ChunkWork | None:
        return self.work

    def chunk_details(self, hint: ChunkHint) -> list[ItemTally]:
        return [
            ItemTally(
                result.execution.outcome,
                result.execution.latency_ms,
                result.execution.answer.pages,
                {score.metric: score.detail for score in result.scores},
            )
            for result in self.results
        ]

    def close_chunk(self, hint: ChunkHint, epoch: int, fold: Json, at: datetime) -> bool:
        self.closed.append(fold)
        return True

    def folds(self, run: int) -> list[Json]:
        return self.closed

    def run(self, run: int) -> Run | None:
        return self.run_found

    def finish(
        self, run: int, status: RunStatus, summary: Json | None, error: str | None, at: datetime
    ) -> bool:
        self.ended.append((status, summary, error))
        return True

    def open_chunks(self, limit: int, exclude: Iterable[ChunkHint]) -> list[ChunkHint]:
        return []

    def runs_to_settle(self) -> list[int]:
        return []

    def runs_to_finish(self) -> list[int]:
        return []

    def settle(self, run: int) -> None:
        """Nothing is left open here."""


class PlannedHttp:
    """Fits :class:`evaluand.ports.Http`: answers what is planned, then 200, and counts.

    ``asked`` is set by each request; ``gate`` holds up all answers.
    """

    def __init__(self, *plan: Response | Exception) -> None:
        self.plan = list(plan)
        self.sent: list[Request] = []
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, request: Request) -> Response:
        self.sent.append(request)
        self.asked.set()
        await self.gate.wait()
        answer = self.plan.pop(0) if self.plan else Response(status=200, body=b"{}")
        if isinstance(answer, Exception):
            raise answer
        return answer


class OwnTarget:
    """Fits :class:`evaluand.ports.TargetEngine` with a function of the item's number."""

    name = "own"
    kinds = frozenset(TargetKind)

    def __init__(
        self, answer: Callable[[int, Caller], Awaitable[Answer]], *, lanes: int = 4
    ) -> None:
        self._answer = answer
        self.lanes = lanes

    def check(self, kind: TargetKind, config: Json) -> None:
        """Nothing is wrong with any configuration."""

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        return config

    async def run(
        self, kind: TargetKind, config: Json, content: ItemContent, caller: Caller
    ) -> Answer:
        return await self._answer(content.inputs["number"], caller)


class OneTarget:
    """Fits :class:`evaluand.ports.Catalog` with one engine for everything."""

    def __init__(self, engine: OwnTarget) -> None:
        self._engine = engine

    def check(self, kind: TargetKind, config: Json) -> None:
        """Nothing is wrong with any configuration."""

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        return config

    def engine(self, kind: TargetKind, config: Json) -> OwnTarget:
        return self._engine


class OwnEvaluator:
    """Fits :class:`evaluand.ports.Evaluator`: the mean of a function of the item's number."""

    name = "own"

    def __init__(self, value: Callable[[int], float | None] = lambda _: 1.0) -> None:
        self._value = value

    def measure(
        self, config: Json, arguments: Json, content: ItemContent, output: Json | None
    ) -> Measured:
        value = self._value(content.inputs["number"])
        return Measured(value=value, detail={"value": value})

    def empty(self, config: Json, arguments: Json) -> dict[str, Any]:
        return {"n": 0, "sum": 0.0}

    def add(self, state: dict[str, Any], detail: Json) -> dict[str, Any]:
        return {"n": state["n"] + 1, "sum": state["sum"] + detail["value"]}

    def merge(self, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        return {name: one[name] + other[name] for name in one}

    def finish(self, state: dict[str, Any]) -> dict[str, Any]:
        return {"mean": state["sum"] / state["n"]} if state["n"] else {}


def no_account(request: Request, response: Response) -> CallUsage:
    """A meter for providers that tell nothing."""
    return CallUsage()


def a_request(body: bytes = b"question") -> Request:
    return Request(method="POST", url="https://models.example/v1", body=body)


def a_scope(*recorded: RecordedCall, position: int = 0) -> CallScope:
    return CallScope(
        run=1, run_id=RUN_ID, workspace=1, position=position, stage="target", recorded=recorded
    )


def a_key(position: int = 0, sequence: int = 0) -> CallKey:
    return CallKey(1, position, "target", sequence)


def an_intent(position: int = 0, attempt: int = 1) -> Intent:
    return Intent(
        key=a_key(position), attempt=attempt, workspace=1, request_digest=b"digest", at=START
    )


def an_outcome(position: int = 0, **other: Any) -> CallOutcome:
    values: dict[str, Any] = {"status": 200, "body": b"{}"} | other
    return CallOutcome(key=a_key(position), attempt=1, at=START, **values)


def a_result(position: int = 0, output: Json | None = None) -> ItemResult:
    execution = Execution(
        position=position,
        outcome=Outcome.PASSED,
        answer=Answer(output=output or {"value": {}}),
        usage=Usage(),
        started_at=START,
        finished_at=START,
        latency_ms=7,
    )
    score = Score(metric="own", value=1.0, passed=True, detail={"value": 1.0})
    return ItemResult(run=1, workspace=1, execution=execution, scores=(score,))


def some_work(count: int, suite: Any, calls: Sequence[RecordedCall] = ()) -> ChunkWork:
    """A chunk of items that hold their number; ``calls`` were recorded for the first."""
    items = tuple(
        OpenItem(
            position=number,
            content=ItemContent(expected={}, inputs={"number": number}),
            calls=tuple(calls) if number == 0 else (),
        )
        for number in range(count)
    )
    return ChunkWork(
        run=1,
        run_id=RUN_ID,
        workspace=1,
        number=0,
        epoch=1,
        size=count,
        snapshot=a_snapshot(suite=suite),
        purpose=Purpose.EVALUATION,
        items=items,
    )


def answered(status: int = 200, retry_after: str | None = None) -> Response:
    """An answer of few words."""
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Response(status=status, body=b"{}", headers=headers)


def busy(reason: str = "timeout") -> CallFailed:
    return CallFailed(reason, "no answer in time", retryable=True)
