"""The entities and values of evaluation, as product.md names them.

Every stored entity has ``key`` (the database's integer, never shown) and ``id`` (the public one).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from evaluand.domain.documents import FileKind
from evaluand.domain.ids import PublicId

Json = Mapping[str, Any]


class TargetKind(StrEnum):
    """What is evaluated."""

    EXTRACTOR = "extractor"
    CLASSIFIER = "classifier"
    SPLITTER = "splitter"
    PIPELINE = "pipeline"
    AGENT = "agent"
    MODEL = "model"


class RunStatus(StrEnum):
    """The five stages of a run; the last three are final."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of an item. Nothing unmeasured is ever passed or failed."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


class Purpose(StrEnum):
    """Why a run exists: to evaluate a set, or to process documents one by one or in a batch."""

    EVALUATION = "evaluation"
    BATCH = "batch"
    SINGLE = "single"


class Role(StrEnum):
    """What a key may do: read; also write and run; also manage keys and members."""

    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who made something: a person by e-mail, or an API key by name."""

    kind: Literal["user", "api_key"]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A tenant: every row belongs to one."""

    key: int
    id: PublicId
    name: str
    organization: int
    organization_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is listed: its secret is not kept, ``hint`` is how its token begins."""

    key: int
    id: PublicId
    name: str
    hint: str
    organization: str
    workspace: str | None
    workspace_id: PublicId | None
    user: str | None
    role: Role
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who is asking, for which workspace, and in which role."""

    workspace: int
    author: Author
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An uploaded file. Its bytes lie in the blob store under ``sha256``."""

    key: int
    id: PublicId
    name: str
    kind: FileKind | None
    size: int
    sha256: str
    page_count: int | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSummary:
    """A target without its configuration."""

    key: int
    id: PublicId
    kind: TargetKind
    name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetVersion:
    """A configuration of a target. ``number`` is None for the draft, the only one that changes."""

    key: int
    id: PublicId
    target: PublicId
    kind: TargetKind
    number: str | None
    description: str | None
    config: Json
    created_at: datetime
    created_by: Author | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is evaluated, with its draft."""

    summary: TargetSummary
    draft: TargetVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSet:
    """A named collection of items. ``version`` grows with every change to its items."""

    key: int
    id: PublicId
    name: str
    description: str
    kind: TargetKind
    target: TargetSummary
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: Author | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemContent:
    """What an item holds: inputs, expected output, files, perhaps a recorded output."""

    expected: Json | None
    files: tuple[File, ...] = ()
    inputs: Json = field(default_factory=dict)
    output: Json | None = None
    metadata: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of an evaluation set, as its newest revision has it."""

    key: int
    id: PublicId
    evaluation_set: PublicId
    content: ItemContent
    created_at: datetime
    updated_at: datetime
    created_by: Author | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """An evaluator with its arguments, and the value from which on an item passes."""

    evaluator: str
    arguments: Json = field(default_factory=dict)
    threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What is measured. The first metric is the star: it decides an item's outcome last."""

    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a run froze at its start, but for its items. ``digest`` covers configuration and suite;
    the run's own digest covers the items too."""

    target: TargetSummary | None
    version: TargetVersion | None
    kind: TargetKind
    config: Json
    suite: Suite
    set_name: str | None
    set_version: int | None
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Progress and cost of a run. Money is in US dollars."""

    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0
    paid_calls: int = 0
    reused_answers: int = 0
    unknown_calls: int = 0
    cost_usd: float = 0.0
    pages: int = 0

    @property
    def done(self) -> int:
        """Items with a final outcome."""
        return self.passed + self.failed + self.error + self.skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Some items × one target version × one suite, all frozen at the start."""

    key: int
    id: PublicId
    purpose: Purpose
    status: RunStatus
    snapshot: Snapshot
    digest: str
    evaluation_set: PublicId | None
    item_count: int
    counters: Counters
    summary: Json | None
    error: str | None
    cancel_requested: bool
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    created_by: Author | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a target gave no output: a machine-readable reason and a sentence for people."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the calls of one execution used. Tokens are None when no provider reported any."""

    calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a target returned for one item: an output or a failure, never both.

    ``latency_ms`` is the target's own time where it had to queue for a place to work; None means
    that all the time until the answer was its own.
    """

    output: Json | None = None
    failure: Failure | None = None
    pages: int | None = None
    latency_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One metric of one item. ``value`` is None when nothing could be measured, with the reason."""

    metric: str
    value: float | None
    passed: bool | None
    explanation: str | None = None
    detail: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What became of one item of a run."""

    position: int
    outcome: Outcome
    answer: Answer
    usage: Usage
    started_at: datetime
    finished_at: datetime
    latency_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunItem:
    """One place of a run: the frozen item and, once there is one, its execution."""

    run: Run
    position: int
    item: PublicId | None
    content: ItemContent
    execution: Execution | None
