"""One group commit: intents, answers and results of many calls in a single transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, tuple_, update

from evaluand.domain.model import RunStatus
from evaluand.ports import CallOutcome, Flush, Intent, ItemResult
from evaluand.store.tables import calls, executions, runs, scores
from evaluand.store.writing import insert_once

# Databases limit the number of parameters of a statement.
_BATCH = 500
_ANSWER = (
    update(calls)
    .where(
        calls.c.run_id == bindparam("b_run"),
        calls.c.position == bindparam("b_position"),
        calls.c.stage == bindparam("b_stage"),
        calls.c.sequence == bindparam("b_sequence"),
        calls.c.attempt == bindparam("b_attempt"),
    )
    .values(
        answered_at=bindparam("b_at"),
        status=bindparam("b_status"),
        body=bindparam("b_body"),
        failure=bindparam("b_failure"),
        input_tokens=bindparam("b_input_tokens"),
        output_tokens=bindparam("b_output_tokens"),
        cost_usd=bindparam("b_cost_usd"),
    )
)


def write_group(connection: Connection, flush: Flush) -> frozenset[int]:
    """Writes the group; returns the runs of it whose cancellation was asked for."""
    if flush.intents:
        connection.execute(insert(calls), [_intent_row(intent) for intent in flush.intents])
    outcomes = _without_answer(connection, flush.outcomes)
    if outcomes:
        connection.execute(_ANSWER, [_answer_row(outcome) for outcome in outcomes])
        _count_calls(connection, outcomes)
    touched = {intent.key.run for intent in flush.intents} | {r.run for r in flush.results}
    cancelled = _cancelled(connection, touched)
    for run, results in _by_run(flush.results).items():
        # A cancelled run reads the same for ever; its paid answers stay in the ledger of calls.
        if run not in cancelled:
            _write_results(connection, run, results)
    return cancelled


def _write_results(connection: Connection, run: int, results: list[ItemResult]) -> None:
    new = _without_row(connection, run, results)
    insert_once(connection, executions, [_execution_row(result) for result in new])
    insert_once(connection, scores, [row for result in new for row in _score_rows(result)])
    counts = Counter(str(result.execution.outcome) for result in new)
    counts["pages"] = sum(result.execution.answer.pages or 0 for result in new)
    counts["reused_answers"] = sum(result.reused_answers for result in new)
    grown = {name: runs.c[name] + count for name, count in counts.items() if count}
    newest = max(result.execution.finished_at for result in results)
    change = update(runs).where(runs.c.id == run)
    connection.execute(change.values(**grown, updated_at=newest))


def _without_row(connection: Connection, run: int, results: list[ItemResult]) -> list[ItemResult]:
    """The results whose items have none yet, each item once: the first writer wins."""
    first = {result.execution.position: result for result in reversed(results)}
    positions = list(first)
    for start in range(0, len(positions), _BATCH):
        taken = select(executions.c.position).where(
            executions.c.run_id == run,
            executions.c.position.in_(positions[start : start + _BATCH]),
        )
        for position in connection.execute(taken).scalars():
            del first[position]
    return [first[position] for position in sorted(first)]


def _without_answer(
    connection: Connection, outcomes: Sequence[CallOutcome]
) -> Sequence[CallOutcome]:
    """The outcomes of calls that have none yet, each call once: a group may come twice."""
    first = {(*outcome.key, outcome.attempt): outcome for outcome in reversed(outcomes)}
    places = list({(outcome.key.run, outcome.key.position) for outcome in outcomes})
    for start in range(0, len(places), _BATCH):
        place = tuple_(calls.c.run_id, calls.c.position)
        answered = select(*calls.primary_key.columns).where(
            place.in_(places[start : start + _BATCH]), calls.c.answered_at.is_not(None)
        )
        for row in connection.execute(answered):
            first.pop(tuple(row), None)
    return list(first.values())[::-1]


def _count_calls(connection: Connection, outcomes: Iterable[CallOutcome]) -> None:
    paid: Counter[int] = Counter()
    cost: Counter[int] = Counter()
    for outcome in outcomes:
        paid[outcome.key.run] += 1
        cost[outcome.key.run] += outcome.cost_usd or 0.0  # type: ignore[assignment]
    for run, count in paid.items():
        grown = {"paid_calls": runs.c.paid_calls + count, "cost_usd": runs.c.cost_usd + cost[run]}
        connection.execute(update(runs).where(runs.c.id == run).values(grown))


def _cancelled(connection: Connection, touched: set[int]) -> frozenset[int]:
    if not touched:
        return frozenset()
    statement = select(runs.c.id).where(
        runs.c.id.in_(touched), runs.c.status == RunStatus.CANCELLED
    )
    return frozenset(connection.execute(statement).scalars())


def _by_run(results: Sequence[ItemResult]) -> dict[int, list[ItemResult]]:
    grouped: dict[int, list[ItemResult]] = {}
    for result in results:
        grouped.setdefault(result.run, []).append(result)
    return grouped


def _intent_row(intent: Intent) -> dict[str, Any]:
    return {
        "run_id": intent.key.run,
        "position": intent.key.position,
        "stage": intent.key.stage,
        "sequence": intent.key.sequence,
        "attempt": intent.attempt,
        "workspace_id": intent.workspace,
        "request_digest": intent.request_digest,
        "intended_at": intent.at,
    }


def _answer_row(outcome: CallOutcome) -> dict[str, Any]:
    return {
        "b_run": outcome.key.run,
        "b_position": outcome.key.position,
        "b_stage": outcome.key.stage,
        "b_sequence": outcome.key.sequence,
        "b_attempt": outcome.attempt,
        "b_at": outcome.at,
        "b_status": outcome.status,
        "b_body": outcome.body,
        "b_failure": outcome.failure,
        "b_input_tokens": outcome.input_tokens,
        "b_output_tokens": outcome.output_tokens,
        "b_cost_usd": outcome.cost_usd,
    }


def _execution_row(result: ItemResult) -> dict[str, Any]:
    execution, failure = result.execution, result.execution.answer.failure
    return {
        "run_id": result.run,
        "position": execution.position,
        "workspace_id": result.workspace,
        "outcome": execution.outcome,
        "output": execution.answer.output,
        "failure_reason": None if failure is None else failure.reason,
        "failure_message": None if failure is None else failure.message,
        "pages": execution.answer.pages,
        "usage": msgspec.to_builtins(execution.usage) if execution.usage.calls else None,
        "started_at": execution.started_at,
        "finished_at": execution.finished_at,
        "latency_ms": execution.latency_ms,
    }


def _score_rows(result: ItemResult) -> list[dict[str, Any]]:
    return [
        {
            "run_id": result.run,
            "position": result.execution.position,
            "metric": score.metric,
            "workspace_id": result.workspace,
            "value": score.value,
            "passed": score.passed,
            "explanation": score.explanation,
            "detail": score.detail,
        }
        for score in result.scores
    ]
