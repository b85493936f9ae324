"""``/batch_runs`` and its older form: batches, and evaluations seen as batches."""

from __future__ import annotations

from fastapi import APIRouter, Response

from evaluand.dialects.extend import examples, render_runs, run_views
from evaluand.dialects.extend.documentation import documented
from evaluand.dialects.extend.evaluation_set_runs import find_run
from evaluand.dialects.extend.request import Here, reply
from evaluand.domain.model import Purpose

router = APIRouter(tags=["Batches"])

_BATCHES = frozenset({Purpose.EVALUATION, Purpose.BATCH})


@router.get(
    "/batch_runs/{id}",
    **documented("Get a batch", answer=run_views.BatchRun, example=examples.BATCH),
)
def get_batch_run(call: Here, id: str) -> Response:
    """A batch of processor runs, or an evaluation."""
    return reply(render_runs.batch(find_run(call, id, _BATCHES)))


@router.get(
    "/batch_processor_runs/{id}",
    deprecated=True,
    **documented(
        "Get a batch in its older form",
        answer=run_views.LegacyBatchAnswer,
        example=examples.LEGACY_BATCH,
    ),
)
def get_batch_processor_run(call: Here, id: str) -> Response:
    """The same batch as older API versions show it."""
    return reply(render_runs.legacy_batch(find_run(call, id, _BATCHES)))
