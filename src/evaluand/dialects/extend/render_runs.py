"""Core values in Extend's words: evaluation runs, their children, and batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from evaluand.dialects.extend import render, run_views
from evaluand.dialects.extend.links import Links
from evaluand.dialects.extend.render_metrics import item_detail, metrics
from evaluand.dialects.extend.render_outputs import output
from evaluand.dialects.extend.words import (
    EVALUATION_SET,
    ITEM,
    RUN,
    STATUS,
    WORDS,
    shown,
)
from evaluand.domain.ids import PublicId, to_base62
from evaluand.domain.lifecycle import item_status
from evaluand.domain.model import (
    Execution,
    Json,
    Purpose,
    Run,
    RunItem,
    RunStatus,
    Score,
    TargetKind,
)
from evaluand.errors import NotFound

_FAILURES = {
    "cancelled": "ABORTED",
    "document_unreadable": "FAILED_TO_PROCESS_FILE",
    "reading_stopped": "FAILED_TO_PROCESS_FILE",
    "file_deleted": "FAILED_TO_PROCESS_FILE",
    "unsupported_file": "FAILED_TO_PROCESS_FILE",
    "corrupt_file": "FAILED_TO_PROCESS_FILE",
    "protected_file": "FAILED_TO_PROCESS_FILE",
    "file_too_large": "FAILED_TO_PROCESS_FILE",
    "invalid_config": "INVALID_CONFIGURATION",
    "missing_extra": "INVALID_CONFIGURATION",
    "schema_mismatch": "POST_PROCESSING_FAILURE",
    "budget_exceeded": "OUT_OF_CREDITS",
}
_OTHER_FAILURE = "INTERNAL_ERROR"


def evaluation_run(run: Run) -> run_views.EvaluationSetRun:
    """An evaluation run; what it ran on is shown as it was when the run started."""
    target, version, evaluated = run.snapshot.target, run.snapshot.version, run.evaluation_set
    if target is None or version is None or evaluated is None:
        raise NotFound("There is no run with this id.")
    return run_views.EvaluationSetRun(
        id=shown(RUN, run.id),
        evaluation_set_id=shown(EVALUATION_SET, evaluated),
        entity=render.processor_summary(target),
        entity_version=render.version_summary(version),
        metrics=metrics(run),
        status=STATUS[run.status],
        options=_options(run),
        created_at=run.created_at,
        updated_at=run.updated_at,
    )


def batch(run: Run) -> run_views.BatchRun:
    """A batch, or an evaluation run as one."""
    return run_views.BatchRun(
        id=shown(RUN, run.id),
        status=STATUS[run.status],
        run_count=run.item_count,
        created_at=run.created_at,
    )


def legacy_batch(run: Run) -> run_views.LegacyBatchAnswer:
    """The same in the form of older API versions, which know no cancelled runs."""
    words = WORDS[run.snapshot.kind]
    target, version = run.snapshot.target, run.snapshot.version
    processor = "" if target is None else shown(words.prefix, target.id)
    evaluated = None if run.evaluation_set is None else shown(EVALUATION_SET, run.evaluation_set)
    cancelled = run.status is RunStatus.CANCELLED
    return run_views.LegacyBatchAnswer(
        batch_processor_run=run_views.LegacyBatch(
            id=shown(RUN, run.id),
            processor_id=processor,
            processor_version_id="" if version is None else shown(words.version_prefix, version.id),
            processor_name="" if target is None else target.name,
            metrics=run_views.BatchMetrics(
                num_files=run.counters.done, num_pages=run.counters.pages
            ),
            status=STATUS[RunStatus.FAILED if cancelled else run.status],
            source="STUDIO" if evaluated is None else "EVAL_SET",
            source_id=evaluated or processor or None,
            run_count=run.item_count,
            options=_options(run),
            created_at=run.created_at,
            updated_at=run.updated_at,
        )
    )


def child_summary(
    child: RunItem, child_id: PublicId, links: Links, scores: Sequence[Score] | None = None
) -> run_views.ProcessorRunSummary:
    """A run of one document as lists show it."""
    return run_views.ProcessorRunSummary(**_child(child, child_id, links, scores))


def child(
    found: RunItem, child_id: PublicId, links: Links, scores: Sequence[Score] | None = None
) -> run_views.ProcessorRun:
    """A run of one document, with its output."""
    kind = found.run.snapshot.kind
    config = {**WORDS[kind].empty_config, **found.run.snapshot.config}
    answer = None if found.execution is None else found.execution.answer.output
    view = run_views.ProcessorRun(
        **_child(found, child_id, links, scores),
        output=None
        if answer is None
        else output(kind, answer, found.content.files, to_base62(child_id)),
        config=config,
    )
    if kind is TargetKind.EXTRACTOR:
        view.edits = None
    return view


def _child(
    found: RunItem, child_id: PublicId, links: Links, scores: Sequence[Score] | None
) -> dict[str, Any]:
    run, execution = found.run, found.execution
    words = WORDS[run.snapshot.kind]
    file, files = render.files_of(found.content)
    target, version = run.snapshot.target, run.snapshot.version
    failure = None if execution is None else execution.answer.failure
    outcome = None if execution is None else execution.outcome
    reason = None if failure is None else failure.reason
    is_extractor = run.snapshot.kind is TargetKind.EXTRACTOR
    evaluation = None
    if scores is not None and execution is not None:
        evaluation = _evaluation(found, execution, scores)
    return {
        "object": words.run_object,
        "id": shown(words.run_prefix, child_id),
        "status": STATUS[item_status(run.status, outcome, reason)],
        "failure_reason": None if reason is None else _FAILURES.get(reason, _OTHER_FAILURE),
        "failure_message": None if failure is None else failure.message,
        "metadata": dict(found.content.metadata) or None,
        words.noun: None if target is None else render.processor_summary(target),
        words.version_member: None if version is None else render.version_summary(version),
        "file": file,
        "files": files if is_extractor else UNSET,
        "dashboard_url": links.page(run.id, found.position),
        "usage": None if execution is None or failure is not None else _usage(execution),
        "evaluation": evaluation or UNSET,
        "created_at": run.created_at,
        "updated_at": run.created_at if execution is None else execution.finished_at,
    }


def _evaluation(
    found: RunItem, execution: Execution, scores: Sequence[Score]
) -> run_views.ItemEvaluation:
    return run_views.ItemEvaluation(
        evaluation_set_run_id=shown(RUN, found.run.id),
        evaluation_set_item_id=None if found.item is None else shown(ITEM, found.item),
        outcome=execution.outcome,
        scores=[
            run_views.ScoreView(
                metric=score.metric,
                value=score.value,
                passed=score.passed,
                explanation=score.explanation,
                detail=item_detail(score.detail),
            )
            for score in scores
        ],
        latency_ms=execution.latency_ms,
    )


def _usage(execution: Execution) -> run_views.Usage:
    usage = execution.usage
    return run_views.Usage(
        credits=0,
        total_credits=0,
        cost_usd=usage.cost_usd,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
    )


def _options(run: Run) -> run_views.OptionsView:
    asked = run.snapshot.suite.metrics
    arguments: Json = asked[0].arguments if asked and run.purpose is Purpose.EVALUATION else {}
    return run_views.OptionsView(
        fuzzy_match_fields=list(arguments.get("fuzzyMatchFields") or ()),
        exclude_fields=list(arguments.get("excludeFields") or ()),
    )
