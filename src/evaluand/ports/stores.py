"""What a workspace can see: stores of files, targets, sets and runs, and who may open them.

Stores are synchronous and safe to call from any thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from evaluand.domain.ids import PublicId
from evaluand.domain.model import (
    ApiKey,
    Author,
    EvaluationSet,
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
    Workspace,
)
from evaluand.domain.paging import Page, PageRequest

# In the middle: some work can go before all that nobody ranked, and some after it.
DEFAULT_PRIORITY = 50


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RankFilter:
    """Which items a ranking shows: by what metric they are ranked, and of which outcome.

    Errors come first, then the values from low to high, last what was not measured. Without a
    metric the order is that of the run.
    """

    metric: str | None
    outcome: Outcome | None = None


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
    def worst(self, run_key: int, wanted: RankFilter, request: PageRequest) -> Page[RunItem]:
        """What has an outcome, by how bad it is; the cursor is this order's own."""
        ...


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
    id: PublicId


class AccessStore(Protocol):
    """Organizations, workspaces, users and keys: read before a tenant is known."""

    def key_by_hash(self, digest: bytes) -> KeyRecord | None: ...
    def key_by_id(self, key_id: PublicId) -> KeyRecord | None:
        """The key, unless it is revoked."""
        ...

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
