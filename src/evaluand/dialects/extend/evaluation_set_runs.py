"""``/evaluation_set_runs``: start an evaluation, and read how it goes and went."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from evaluand.dialects.extend import examples, render_runs, run_views, wire
from evaluand.dialects.extend.body import json_body
from evaluand.dialects.extend.documentation import documented
from evaluand.dialects.extend.evaluation_sets import find_set
from evaluand.dialects.extend.request import Call, Here, reply
from evaluand.dialects.extend.words import (
    ITEM,
    KINDS,
    RUN,
    read,
    read_processor,
    read_version,
)
from evaluand.domain.model import Purpose, Run
from evaluand.errors import NotFound

router = APIRouter(prefix="/evaluation_set_runs", tags=["Evaluation set runs"])


def find_run(call: Call, run_id: str, purposes: frozenset[Purpose]) -> Run:
    """The run with this id, if it is of a kind and purpose that are meant. Raises NotFound."""
    found = call.services.runs.get(call.principal, read(RUN, run_id))
    if found.purpose not in purposes or found.snapshot.kind not in KINDS:
        raise NotFound("There is no run with this id.")
    return found


@router.post(
    "",
    **documented(
        "Start an evaluation",
        body=wire.CreateEvaluationSetRun,
        body_example={
            "evaluationSetId": examples.SET["id"],
            "entity": {"id": examples.PROCESSOR["id"], "version": "1.0"},
            "evaluationSetItemIds": [examples.ITEM["id"]],
        },
        answer=run_views.EvaluationSetRun,
        example=examples.RUN,
    ),
)
def create_evaluation_set_run(
    call: Here,
    body: Annotated[wire.CreateEvaluationSetRun, Depends(json_body(wire.CreateEvaluationSetRun))],
) -> Response:
    """Answers at once; poll the run until its status is final.

    Without `entity` the set's own processor runs at its draft; with `entity` but no version, at
    its newest published one. Items, truth and configuration are taken as they are now. `options`
    is an addition to Extend's request: fields to match fuzzily, and fields to leave out.
    """
    entity = body.entity
    items = body.evaluation_set_item_ids
    run = call.services.runs.start(
        call.principal,
        evaluation_set=find_set(call, body.evaluation_set_id).id,
        target=None if entity is None else read_processor(entity.id),
        other_target=entity is not None,
        version=None if entity is None else read_version(entity.version),
        items=None if items is None else [read(ITEM, item) for item in items],
        options=_options(body.options),
    )
    return reply(render_runs.evaluation_run(run))


@router.get(
    "/{id}",
    **documented(
        "Get an evaluation", answer=run_views.EvaluationSetRun, example=examples.FINISHED_RUN
    ),
)
def get_evaluation_set_run(call: Here, id: str) -> Response:
    """Status and progress, and the scores once the run is `PROCESSED`."""
    return reply(render_runs.evaluation_run(find_run(call, id, frozenset({Purpose.EVALUATION}))))


def _options(asked: wire.RunOptions | None) -> dict[str, list[str]]:
    if asked is None:
        return {}
    given = {
        "fuzzyMatchFields": asked.fuzzy_match_fields,
        "excludeFields": asked.exclude_fields,
    }
    return {name: fields for name, fields in given.items() if fields}
