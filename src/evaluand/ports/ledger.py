"""The ledger: what the engine reads and writes, for all workspaces."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from evaluand.domain.ids import PublicId
from evaluand.domain.model import (
    Execution,
    ItemContent,
    Json,
    Outcome,
    Purpose,
    Run,
    RunStatus,
    Score,
    Snapshot,
)


class CallKey(NamedTuple):
    """One question of one item: ``stage`` is the target or an evaluator, ``sequence`` counts."""

    run: int
    position: int
    stage: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A paid call that is about to be made. It is durable before the call leaves."""

    key: CallKey
    attempt: int
    workspace: int
    request_digest: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOutcome:
    """What came of a call: a status and a body, or a failure without an answer."""

    key: CallKey
    attempt: int
    at: datetime
    status: int | None = None
    body: bytes | None = None
    failure: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """A call found in the ledger when a chunk is taken up again; ``took_ms`` if it was answered."""

    key: CallKey
    attempt: int
    request_digest: bytes
    outcome: CallOutcome | None
    took_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """Everything final about one item; stored in one transaction, once."""

    run: int
    workspace: int
    execution: Execution
    scores: tuple[Score, ...]
    reused_answers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """An item of a chunk that has no result yet."""

    position: int
    content: ItemContent
    calls: tuple[RecordedCall, ...] = ()
    missing_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkWork:
    """A chunk as it is handed to a worker: what was frozen, and what is left to do."""

    run: int
    run_id: PublicId
    workspace: int
    number: int
    epoch: int
    size: int
    snapshot: Snapshot
    purpose: Purpose
    items: tuple[OpenItem, ...]


class ChunkHint(NamedTuple):
    """Which chunk to work on. Losing or doubling a hint does no harm."""

    run: int
    number: int


class Flush(NamedTuple):
    """One group commit."""

    intents: Sequence[Intent]
    outcomes: Sequence[CallOutcome]
    results: Sequence[ItemResult]


class Ledger(Protocol):
    """The append-only record of calls and results, and the chunks derived from it."""

    def open_chunks(self, limit: int, exclude: Iterable[ChunkHint]) -> list[ChunkHint]: ...
    def take_chunk(self, hint: ChunkHint, at: datetime) -> ChunkWork | None: ...
    def commit(self, flush: Flush) -> Awaitable[frozenset[int]]:
        """Stores a group; the result names the runs among them that are to be cancelled."""
        ...

    def chunk_details(self, hint: ChunkHint) -> list[ItemTally]: ...
    def close_chunk(self, hint: ChunkHint, epoch: int, fold: Json, at: datetime) -> bool:
        """True when this was the run's last open chunk."""
        ...

    def folds(self, run: int) -> list[Json]: ...
    def run(self, run: int) -> Run | None: ...
    def finish(
        self, run: int, status: RunStatus, summary: Json | None, error: str | None, at: datetime
    ) -> bool: ...
    def runs_to_settle(self) -> list[int]:
        """Cancelled runs whose workers may still be at it, or ended without a word."""
        ...

    def runs_to_finish(self) -> list[int]:
        """Unfinished runs whose chunks are all closed: only their summary is missing."""
        ...

    def settle(self, run: int) -> None:
        """Counts calls of a cancelled run that have no answer as calls of unknown fate.

        For a run whose workers are stopped; a run that was taken up again is left alone.
        """
        ...


class ItemTally(NamedTuple):
    """What the summary needs of one item: outcome, latency, and each metric's detail."""

    outcome: Outcome
    latency_ms: int | None
    pages: int | None
    details: Mapping[str, Json]
