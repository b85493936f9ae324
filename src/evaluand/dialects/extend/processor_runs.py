"""``/extract_runs``, ``/classify_runs``, ``/split_runs``: one router, made once for each kind.

A run is one document, or one package, processed once: asked for by itself, in a batch, or by an
evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.concurrency import run_in_threadpool

from evaluand.dialects.extend import examples, render, render_runs, run_views, starting, views, wire
from evaluand.dialects.extend.body import json_body
from evaluand.dialects.extend.documentation import documented
from evaluand.dialects.extend.request import Call, Here, Listing, reply
from evaluand.dialects.extend.run_filter import filter_of
from evaluand.dialects.extend.words import STATUS, Words, read
from evaluand.domain.lifecycle import item_status
from evaluand.domain.model import Purpose, Run, RunItem, RunStatus, Score
from evaluand.domain.paging import Page, PageRequest
from evaluand.errors import InvalidRequest
from evaluand.ports import ExecutionFilter

_CREATE = Annotated[wire.CreateProcessorRun, Depends(json_body(wire.CreateProcessorRun))]
_BATCH = Annotated[wire.CreateBatch, Depends(json_body(wire.CreateBatch))]
_PENDING = {"status": "PENDING", "output": None, "usage": None}


def processor_runs(words: Words) -> APIRouter:
    """The endpoints of the runs of processors of one kind."""
    router = APIRouter(
        prefix=f"/{words.run_collection}", tags=[f"{words.run_verb.capitalize()} runs"]
    )
    names = words.noun, words.prefix
    summary = examples.processor_run(*names, words.run_verb, words.run_prefix)
    shown = {
        **summary,
        "output": examples.output(words.noun),
        "config": examples.CONFIGS[words.noun],
    }
    whole: dict[str, Any] = {"answer": run_views.ProcessorRun, "example": shown}
    pending: dict[str, Any] = {"answer": run_views.ProcessorRun, "example": {**shown, **_PENDING}}
    request = {words.noun: {"id": summary[words.noun]["id"], "version": "latest"}}
    file = {"file": {"id": examples.FILE["id"]}}

    wanted_runs = Depends(filter_of(words))

    @router.get(
        "",
        **documented(
            f"List {words.run_verb} runs",
            answer=views.ListView[run_views.ProcessorRunSummary],
            example=examples.listed(summary),
        ),
    )
    def list_runs(
        call: Here, listing: Listing, wanted: ExecutionFilter | None = wanted_runs
    ) -> Response:
        """All runs of this kind, those of evaluations and batches included."""
        found: Page[RunItem] = Page(rows=())
        if wanted is not None:
            found = call.services.runs.executions(call.principal, listing, wanted)
        scores = _scores(call, found.rows)

        def row(item: RunItem) -> run_views.ProcessorRunSummary:
            own = scores.get((item.run.key, item.position))
            return render_runs.child_summary(
                item, call.services.runs.execution_id(item), call.links, own
            )

        return reply(render.page(found, row))

    @router.post(
        "",
        **documented(
            f"Create {words.run_article} {words.run_verb} run",
            body=wire.CreateProcessorRun,
            body_example={**request, **file, "metadata": {"customer": "42"}},
            **pending,
        ),
    )
    async def create_run(call: Here, body: _CREATE) -> Response:
        """Answers at once; poll the run until its status is final."""
        run = await starting.start_single(call, words, body)
        return await run_in_threadpool(_reply_first, call, words, run)

    @router.post(
        "/batch",
        **documented(
            f"Create a batch of {words.run_verb} runs",
            body=wire.CreateBatch,
            body_example={**request, "inputs": [file]},
            answer=run_views.BatchRun,
            example=examples.BATCH,
        ),
    )
    async def create_batch(call: Here, body: _BATCH) -> Response:
        """1 to 1000 documents, processed one by one by the same version of a processor."""
        return reply(render_runs.batch(await starting.start_batch(call, words, body)))

    @router.get("/{id}", **documented(f"Get {words.run_article} {words.run_verb} run", **whole))
    def get_run(call: Here, id: str) -> Response:
        """The run with its output; a run of an evaluation also says how it did."""
        return _reply(call, _find(call, words, id))

    @router.delete(
        "/{id}",
        **documented(
            f"Delete {words.run_article} {words.run_verb} run",
            answer=views.Deleted,
            example={"id": summary["id"]},
        ),
    )
    def delete_run(call: Here, id: str) -> Response:
        """Hides the run; the figures of the evaluation it belongs to stay."""
        found = read(words.run_prefix, id)
        call.services.runs.delete_execution(call.principal, words.kind, found)
        return reply(views.Deleted(id=id))

    @router.post(
        "/{id}/cancel",
        **documented(f"Cancel {words.run_article} {words.run_verb} run", **whole),
    )
    def cancel_run(call: Here, id: str) -> Response:
        """Only a run that is `PROCESSING` can be cancelled."""
        current = _find(call, words, id)
        status = _status(current)
        if status is not RunStatus.RUNNING:
            raise InvalidRequest(
                f"The run is {STATUS[status]}; only a run that is PROCESSING can be cancelled."
            )
        cancelled = call.services.runs.cancel_execution(
            call.principal, words.kind, read(words.run_prefix, id)
        )
        return _reply(call, cancelled)

    return router


def _find(call: Call, words: Words, id: str) -> RunItem:
    return call.services.runs.execution(call.principal, words.kind, read(words.run_prefix, id))


def _status(found: RunItem) -> RunStatus:
    execution = found.execution
    if execution is None:
        return found.run.status
    failure = execution.answer.failure
    reason = None if failure is None else failure.reason
    return item_status(found.run.status, execution.outcome, reason)


def _reply(call: Call, found: RunItem) -> Response:
    scores = _scores(call, [found]).get((found.run.key, found.position))
    child_id = call.services.runs.execution_id(found)
    return reply(render_runs.child(found, child_id, call.links, scores))


def _reply_first(call: Call, words: Words, run: Run) -> Response:
    """The one document of a run just started."""
    first = call.services.runs.executions(
        call.principal, PageRequest(size=1), ExecutionFilter(kind=words.kind, run=run.id)
    )
    return _reply(call, first.rows[0])


def _scores(call: Call, rows: Sequence[RunItem]) -> dict[tuple[int, int], list[Score]]:
    """The scores of evaluated documents by run and position; one query for each run."""
    positions: dict[int, list[int]] = {}
    runs: dict[int, Run] = {}
    for row in rows:
        if row.run.purpose is Purpose.EVALUATION and row.execution is not None:
            runs[row.run.key] = row.run
            positions.setdefault(row.run.key, []).append(row.position)
    found: dict[tuple[int, int], list[Score]] = {}
    for key, places in positions.items():
        scores = call.services.runs.scores(call.principal, runs[key], places)
        found |= {(key, place): own for place, own in scores.items()}
    return found
