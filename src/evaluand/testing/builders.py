"""Values with sensible defaults, so that a test names only what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from evaluand.domain.documents import FileKind
from evaluand.domain.ids import new_public_id
from evaluand.domain.model import (
    Answer,
    Author,
    EvaluationSet,
    Execution,
    Failure,
    File,
    ItemContent,
    Json,
    Outcome,
    Principal,
    Purpose,
    Role,
    Run,
    Score,
    Snapshot,
    Suite,
    Target,
    TargetKind,
    Usage,
)
from evaluand.domain.scoring import default_suite
from evaluand.ports import (
    CallKey,
    CallOutcome,
    Flush,
    Intent,
    ItemResult,
    NewRun,
    Store,
    WorkspaceStore,
)
from evaluand.testing.clock import START

AUTHOR = Author(kind="api_key", name="tests")


def a_workspace(store: Store, name: str = "invoices", organization: str = "acme") -> int:
    """The key of a workspace with this name, made if there is none."""
    return store.access.ensure_workspace(organization, name, START).key


def a_principal(workspace: int, role: Role = Role.ADMIN) -> Principal:
    """Somebody who acts in the workspace."""
    return Principal(workspace=workspace, author=AUTHOR, role=role)


def a_file(
    name: str = "invoice.pdf", kind: FileKind | None = "PDF", at: datetime = START, **other: Any
) -> File:
    """A file that is not stored yet."""
    values: dict[str, Any] = {
        "key": 0,
        "id": new_public_id(),
        "size": 3,
        "sha256": sha256(name.encode()).hexdigest(),
        "page_count": 1,
        "created_at": at,
        "updated_at": at,
    }
    return File(name=name, kind=kind, **values | other)


def some_content(value: Any = 1, *files: File) -> ItemContent:
    """An extractor's item that expects ``value`` in its one field."""
    return ItemContent(expected={"value": {"total": value}}, files=files)


def a_target(
    door: WorkspaceStore, kind: TargetKind = TargetKind.EXTRACTOR, name: str = "reader"
) -> Target:
    """A stored target with a draft."""
    return door.targets.add(kind, name, {"schema": {"type": "object"}}, AUTHOR, START)


def a_set(
    door: WorkspaceStore, items: int = 0, name: str = "golden", target: Target | None = None
) -> EvaluationSet:
    """A stored evaluation set with so many items, numbered in what they expect."""
    owner = target or a_target(door)
    made = door.sets.add(name, "", owner.summary, AUTHOR, START)
    if items:
        contents = [some_content(number) for number in range(items)]
        door.sets.add_items(made.key, contents, AUTHOR, START)
    return door.sets.get(made.id) or made


def a_snapshot(
    kind: TargetKind = TargetKind.EXTRACTOR,
    config: Json | None = None,
    suite: Suite | None = None,
    target: Target | None = None,
) -> Snapshot:
    """What a run freezes, of ``target``'s draft if there is one."""
    settings = {"schema": {"type": "object"}} if config is None else config
    measured = default_suite(kind, {}) if suite is None else suite
    return Snapshot(
        target=None if target is None else target.summary,
        version=None if target is None else target.draft,
        kind=kind,
        config=settings,
        suite=measured,
        set_name=None,
        set_version=None,
        digest=sha256(repr((kind, settings, measured)).encode()).hexdigest(),
    )


def a_run(
    door: WorkspaceStore,
    evaluated: EvaluationSet | None = None,
    *,
    items: int = 3,
    chunk_size: int = 200,
    at: datetime = START,
    **other: Any,
) -> Run:
    """A stored run: of a set, of a new set with so many items, or of ``contents``."""
    values: dict[str, Any] = {"purpose": Purpose.EVALUATION, "snapshot": a_snapshot()} | other
    if "contents" not in values:
        values["evaluation_set"] = evaluated or a_set(door, items)
    return door.runs.add(NewRun(chunk_size=chunk_size, author=AUTHOR, at=at, **values))


def a_result(
    run: Run,
    workspace: int,
    position: int = 0,
    outcome: Outcome = Outcome.PASSED,
    *,
    at: datetime = START,
    scores: tuple[Score, ...] | None = None,
    failure: Failure | None = None,
    output: Json | None = None,
    pages: int | None = 1,
    reused_answers: int = 0,
) -> ItemResult:
    """The result of one item, measured by one metric unless it ended in an error."""
    if outcome is Outcome.ERROR and failure is None:
        failure = Failure(reason="target_error", message="The target said no.")
    if scores is None:
        won = float(outcome is Outcome.PASSED)
        scores = (Score(metric="field_accuracy", value=won, passed=bool(won), detail={"n": 1}),)
    answer = Answer(output=output, failure=failure, pages=pages)
    execution = Execution(
        position=position,
        outcome=outcome,
        answer=answer,
        usage=Usage(),
        started_at=at - timedelta(seconds=2),
        finished_at=at,
        latency_ms=2_000,
    )
    return ItemResult(
        run=run.key,
        workspace=workspace,
        execution=execution,
        scores=scores,
        reused_answers=reused_answers,
    )


def an_intent(
    run: Run, workspace: int, position: int = 0, attempt: int = 1, sequence: int = 0
) -> Intent:
    """A call about to be made for an item."""
    return Intent(
        key=CallKey(run.key, position, "target", sequence),
        attempt=attempt,
        workspace=workspace,
        request_digest=sha256(b"question").digest(),
        at=START,
    )


def an_answer(intent: Intent, cost_usd: float = 0.5, body: bytes = b"{}") -> CallOutcome:
    """The answer to a call."""
    return CallOutcome(
        key=intent.key,
        attempt=intent.attempt,
        at=START,
        status=200,
        body=body,
        input_tokens=10,
        output_tokens=5,
        cost_usd=cost_usd,
    )


def a_flush(
    *,
    intents: Iterable[Intent] = (),
    outcomes: Iterable[CallOutcome] = (),
    results: Iterable[ItemResult] = (),
) -> Flush:
    """One group commit."""
    return Flush(list(intents), list(outcomes), list(results))
