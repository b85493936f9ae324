"""The protocols adapters fit. Small, named for the need; nothing here runs.

Stores are synchronous and safe to call from any thread; everything that waits for the outside
world is a coroutine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from evaluand.domain.documents import FileFacts
from evaluand.domain.ids import PublicId
from evaluand.domain.model import (
    Answer,
    ApiKey,
    Author,
    EvaluationSet,
    Execution,
    File,
    Item,
    ItemContent,
    Json,
    Outcome,
    Purpose,
    Role,
    Run,
    RunItem,
    RunStatus,
    Score,
    Snapshot,
    Target,
    TargetKind,
    TargetSummary,
    TargetVersion,
    Usage,
    Workspace,
)
from evaluand.domain.paging import Page, PageRequest

T = TypeVar("T")

# In the middle: some work can go before all that nobody ranked, and some after it.
DEFAULT_PRIORITY = 50


class Clock(Protocol):
    """The time, so that tests can set it."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        ...


# ── Stores: what a workspace can see ─────────────────────────────────────────────────────────────


class FileStore(Protocol):
    """Uploaded files of one workspace."""

    def add(self, file: File) -> File: ...
    def get(self, file_id: PublicId) -> File | None: ...
    def many(self, file_ids: Sequence[PublicId]) -> dict[PublicId, File]: ...
    def delete(self, file_id: PublicId, at: datetime) -> bool: ...
    def page(self, request: PageRequest, *, name_contains: str | None) -> Page[File]: ...


class TargetStore(Protocol):
    """Targets and their versions, of one workspace."""

    def add(
        self, kind: TargetKind, name: str, config: Json, author: Author, at: datetime
    ) -> Target: ...
    def get(self, target_id: PublicId) -> Target | None: ...
    def page(self, kind: TargetKind, request: PageRequest) -> Page[TargetSummary]: ...
    def update(
        self, target_id: PublicId, *, name: str | None, config: Json | None, at: datetime
    ) -> Target | None: ...
    def publish(
        self,
        target_id: PublicId,
        *,
        major: bool,
        description: str | None,
        config: Json | None,
        author: Author,
        at: datetime,
    ) -> TargetVersion | None: ...
    def draft(self, target_id: PublicId) -> TargetVersion | None: ...
    def newest(self, target_id: PublicId) -> TargetVersion | None: ...
    def numbered(self, target_id: PublicId, number: str) -> TargetVersion | None: ...
    def version(self, target_id: PublicId, version_id: PublicId) -> TargetVersion | None: ...
    def published(self, target_id: PublicId, request: PageRequest) -> Page[TargetVersion]: ...


class SetStore(Protocol):
    """Evaluation sets and their items, of one workspace. Items are append-only revisions."""

    def add(
        self, name: str, description: str, target: TargetSummary, author: Author, at: datetime
    ) -> EvaluationSet: ...
    def get(self, set_id: PublicId) -> EvaluationSet | None: ...
    def page(
        self,
        request: PageRequest,
        *,
        target: PublicId | None,
        kinds: frozenset[TargetKind] | None = None,
    ) -> Page[EvaluationSet]: ...
    def delete(self, set_id: PublicId, at: datetime) -> bool: ...
    def add_items(
        self, set_key: int, contents: Sequence[ItemContent], author: Author, at: datetime
    ) -> list[Item]: ...
    def item(self, set_id: PublicId, item_id: PublicId) -> Item | None: ...
    def items(self, set_id: PublicId, request: PageRequest) -> Page[Item]: ...
    def replace_item(
        self, set_id: PublicId, item_id: PublicId, content: ItemContent, at: datetime
    ) -> Item | None: ...
    def delete_item(self, set_id: PublicId, item_id: PublicId, at: datetime) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run about to be stored: of a set (whole, or ``item_ids`` of it), or of loose contents."""

    purpose: Purpose
    snapshot: Snapshot
    evaluation_set: EvaluationSet | None = None
    item_ids: Sequence[PublicId] | None = None
    contents: Sequence[ItemContent] = ()
    chunk_size: int
    author: Author
    at: datetime
    metadata: Json | None = None
    priority: int = DEFAULT_PRIORITY


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionFilter:
    """Which executions a list shows; None means any."""

    kind: TargetKind
    run: PublicId | None = None
    target: PublicId | None = None
    status: RunStatus | None = None
    purposes: frozenset[Purpose] | None = None
    file_name_contains: str | None = None


class RunStore(Protocol):
    """Runs, their items, executions and scores, of one workspace."""

    def add(self, new: NewRun) -> Run: ...
    def get(self, run_id: PublicId) -> Run | None: ...
    def by_key(self, run_key: int) -> Run | None: ...
    def page(self, request: PageRequest, *, purposes: frozenset[Purpose] | None) -> Page[Run]: ...
    def request_cancel(self, run_id: PublicId, at: datetime) -> Run | None: ...
    def reopen(self, run_id: PublicId, at: datetime) -> Run | None: ...
    def executions(self, request: PageRequest, wanted: ExecutionFilter) -> Page[RunItem]: ...
    def execution(self, run_key: int, position: int) -> RunItem | None: ...
    def cancel_item(self, run_key: int, position: int, at: datetime) -> bool: ...
    def delete_item(self, run_key: int, position: int, at: datetime) -> bool: ...
    def scores(self, run_key: int, positions: Sequence[int]) -> dict[int, list[Score]]: ...


class WorkspaceStore(Protocol):
    """All that one workspace can see. There is no other way to a tenant's rows."""

    @property
    def files(self) -> FileStore: ...
    @property
    def targets(self) -> TargetStore: ...
    @property
    def sets(self) -> SetStore: ...
    @property
    def runs(self) -> RunStore: ...


class KeyRecord(NamedTuple):
    """What a key's token opens: its organization and perhaps the one workspace."""

    organization: int
    workspace: int | None
    author: Author
    role: Role


class AccessStore(Protocol):
    """Organizations, workspaces, users and keys: read before a tenant is known."""

    def key_by_hash(self, digest: bytes) -> KeyRecord | None: ...
    def workspace_by_id(self, organization: int, workspace_id: PublicId) -> Workspace | None: ...
    def workspace(self, key: int) -> Workspace | None: ...
    def ensure_workspace(self, organization: str, workspace: str, at: datetime) -> Workspace: ...
    def ensure_organization(self, organization: str, at: datetime) -> int: ...
    def add_key(
        self,
        *,
        organization: int,
        workspace: int | None,
        email: str | None,
        role: Role,
        name: str,
        hint: str,
        digest: bytes,
        at: datetime,
    ) -> PublicId: ...
    def keys(self) -> list[ApiKey]: ...
    def revoke_key(self, key_id: PublicId, at: datetime) -> bool: ...
    def find_workspace(self, name: str) -> list[Workspace]: ...
    def workspaces(self) -> list[Workspace]: ...


class Store(Protocol):
    """The database: one door per workspace, and the ledger for the engine."""

    @property
    def access(self) -> AccessStore: ...
    @property
    def id_key(self) -> bytes:
        """The installation's secret for derived ids."""
        ...

    def workspace(self, key: int) -> WorkspaceStore: ...


# ── Ledger: what the engine reads and writes, for all workspaces ─────────────────────────────────


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
    """A call found in the ledger when a chunk is taken up again."""

    key: CallKey
    attempt: int
    request_digest: bytes
    outcome: CallOutcome | None


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
    def cancelled_among(self, runs: Iterable[int]) -> list[int]: ...
    def runs_to_finish(self) -> list[int]:
        """Unfinished runs whose chunks are all closed: only their summary is missing."""
        ...

    def settle_calls(self, run: int) -> None:
        """Counts calls of a stopped run that have no answer as calls of unknown fate."""
        ...


class ItemTally(NamedTuple):
    """What the summary needs of one item: outcome, latency, and each metric's detail."""

    outcome: Outcome
    latency_ms: int | None
    pages: int | None
    details: Mapping[str, Json]


# ── The outside world ────────────────────────────────────────────────────────────────────────────


class Blobs(Protocol):
    """Bytes by their SHA-256, in hexadecimal."""

    def path(self, sha256: str) -> Path:
        """Where the bytes lie as a local file. Raises NotFound when they are gone."""
        ...

    def adopt(self, temporary: Path, sha256: str) -> None:
        """Takes a finished temporary file over; storing the same bytes twice is harmless."""
        ...

    def temporary(self) -> Path:
        """A fresh path for an upload under way, on the same disk."""
        ...


class Pool(Protocol):
    """Runs functions in child processes, which are ended when they take too long or too much."""

    async def run(
        self, function: Callable[..., T], *args: Any, timeout_s: float | None = None
    ) -> T: ...


class DocumentProbe(Protocol):
    """The quick look at an upload."""

    async def probe(
        self, path: Path, *, name: str, content_type: str | None, password: str | None
    ) -> FileFacts:
        """What the file is. Raises CorruptFile, ProtectedFile, UnsupportedFile, FileTooLarge.

        A protected file whose password fits is unlocked in place, so that no password is kept.
        """
        ...


class SchemaDrafter(Protocol):
    """Proposes a schema from sample documents."""

    async def draft(self, files: Sequence[File]) -> Json:
        """A JSON Schema. Raises Unprocessable when nothing can be made out."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An outgoing request. ``provider`` names whose limits and prices apply.

    ``identity`` is what makes two questions the same where the body is not (it may hold links that
    expire); None means the body.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout_s: float = 120.0
    provider: str = ""
    model: str | None = None
    identity: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back, whole and bounded."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUsage:
    """Tokens and cost of one call in US dollars; None for what is not known."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


Meter = Callable[[Request, Response], CallUsage]
"""What a call used, by what its provider reports."""


class Http(Protocol):
    """One exchange, no retries. Raises CallFailed when no answer came."""

    async def send(self, request: Request) -> Response: ...


class CallFailed(Exception):
    """No usable answer came back. ``retryable`` says whether asking again can help."""

    def __init__(self, reason: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retryable = retryable


class Caller(Protocol):
    """The only way for a target or an evaluator to make a paid call: recorded, limited, retried."""

    async def call(self, request: Request) -> Response: ...
    def usage(self) -> Usage: ...


# ── Plug-ins ─────────────────────────────────────────────────────────────────────────────────────


class TargetEngine(Protocol):
    """Something that can be evaluated. One engine serves one or more kinds of target."""

    name: str
    kinds: frozenset[TargetKind]
    lanes: int
    """How many items at once one chunk may ask of it."""

    def check(self, kind: TargetKind, config: Json) -> None:
        """Raises InvalidConfig when the configuration cannot work."""
        ...

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        """The configuration with everything it refers to inside, for a run to keep."""
        ...

    async def run(
        self, kind: TargetKind, config: Json, content: ItemContent, caller: Caller
    ) -> Answer:
        """The target's answer. Failures are values; only bugs are exceptions."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One item's measurement: a value from 0 to 1, or None when nothing could be measured."""

    value: float | None
    detail: Json = field(default_factory=dict)
    explanation: str | None = None


class Evaluator(Protocol):
    """A pure measurement of one output against what was expected, and its fold over a run.

    Details and states are JSON values; merging is associative, so chunks fold on their own.
    """

    name: str

    def measure(
        self, config: Json, arguments: Json, content: ItemContent, output: Json | None
    ) -> Measured:
        """The measurement; ``output`` is None when the target failed."""
        ...

    def empty(self, config: Json, arguments: Json) -> dict[str, Any]:
        """The state of a run without items."""
        ...

    def add(self, state: dict[str, Any], detail: Json) -> dict[str, Any]:
        """The state with one more item's detail."""
        ...

    def merge(self, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        """The state of both groups of items together."""
        ...

    def finish(self, state: dict[str, Any]) -> dict[str, Any]:
        """The run's metrics: ratios without a denominator are left out."""
        ...


class Catalog(Protocol):
    """The target engines there are, by the configuration that asks for them."""

    def check(self, kind: TargetKind, config: Json) -> None:
        """Raises InvalidConfig when the configuration cannot work."""
        ...

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        """The complete configuration for a run. Raises InvalidConfig when something is missing."""
        ...

    def engine(self, kind: TargetKind, config: Json) -> TargetEngine:
        """The engine a configuration asks for."""
        ...


class Engine(Protocol):
    """Carries hints to workers. Safe to call from any thread."""

    def submit(self, run: int) -> None: ...
    def cancel(self, run: int) -> None: ...
