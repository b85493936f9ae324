"""Rows of runs, executions and scores as domain values."""

from __future__ import annotations

from typing import Any

import msgspec

from evaluand.domain.model import (
    Answer,
    Counters,
    Execution,
    Failure,
    Outcome,
    Purpose,
    Run,
    RunStatus,
    Score,
    Usage,
)
from evaluand.store import convert


def to_run(row: Any) -> Run:
    """The run in a row of ``runs``."""
    return Run(
        key=row.id,
        id=row.public_id,
        purpose=Purpose(row.purpose),
        status=RunStatus(row.status),
        snapshot=convert.snapshot(row.snapshot),
        digest=row.digest,
        evaluation_set=row.set_public_id,
        item_count=row.item_count,
        counters=Counters(
            passed=row.passed,
            failed=row.failed,
            error=row.error,
            skipped=row.skipped,
            paid_calls=row.paid_calls,
            reused_answers=row.reused_answers,
            unknown_calls=row.unknown_calls,
            cost_usd=row.cost_usd,
            pages=row.pages,
        ),
        summary=row.summary,
        error=row.failure,
        cancel_requested=row.cancel_requested,
        created_at=row.created_at,
        updated_at=row.updated_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        created_by=convert.author(row.created_by),
    )


def to_score(row: Any) -> Score:
    """The score in a row of ``scores``."""
    return Score(
        metric=row.metric,
        value=row.value,
        passed=row.passed,
        explanation=row.explanation,
        detail=row.detail or {},
    )


def to_execution(row: Any) -> Execution:
    """The execution in a row of ``executions``."""
    failure = None
    if row.failure_reason is not None:
        failure = Failure(reason=row.failure_reason, message=row.failure_message or "")
    return Execution(
        position=row.place if hasattr(row, "place") else row.position,
        outcome=Outcome(row.outcome),
        answer=Answer(output=row.output, failure=failure, pages=row.pages),
        usage=Usage() if row.usage is None else msgspec.convert(row.usage, Usage),
        started_at=row.started_at,
        finished_at=row.finished_at,
        latency_ms=row.latency_ms,
    )
