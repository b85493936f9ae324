"""``/evaluation_sets``: collections of items with what is expected of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from evaluand.dialects.extend import examples, render, views, wire
from evaluand.dialects.extend.body import json_body
from evaluand.dialects.extend.documentation import documented
from evaluand.dialects.extend.request import Call, Here, Listing, reply
from evaluand.dialects.extend.words import EVALUATION_SET, KINDS, read, read_processor
from evaluand.domain.model import EvaluationSet
from evaluand.domain.paging import Page
from evaluand.errors import NotFound

router = APIRouter(tags=["Evaluation sets"])


def find_set(call: Call, set_id: str) -> EvaluationSet:
    """The set with this id, if its kind exists in Extend. Raises NotFound."""
    found = call.services.sets.get(call.principal, read(EVALUATION_SET, set_id))
    if found.kind not in KINDS:
        raise NotFound("There is no evaluation set with this id.")
    return found


@router.get(
    "/evaluation_sets",
    **documented(
        "List evaluation sets",
        answer=views.ListView[views.EvaluationSet],
        example=examples.listed(examples.SET),
    ),
)
def list_evaluation_sets(
    call: Here,
    listing: Listing,
    entity_id: Annotated[
        str | None, Query(alias="entityId", description="Only sets of this processor.")
    ] = None,
) -> Response:
    """Sets of extractors, classifiers and splitters; the last one changed first by default."""
    target = read_processor(entity_id)
    if entity_id is not None and target is None:
        return reply(render.page(Page(rows=()), render.evaluation_set))
    found = call.services.sets.page(call.principal, listing, target=target, kinds=KINDS)
    return reply(render.page(found, render.evaluation_set))


@router.post(
    "/evaluation_sets",
    **documented(
        "Create an evaluation set",
        body=wire.CreateEvaluationSet,
        body_example={"name": "Q1 invoices", "entityId": examples.PROCESSOR["id"]},
        answer=views.EvaluationSet,
        example=examples.SET,
    ),
)
def create_evaluation_set(
    call: Here,
    body: Annotated[wire.CreateEvaluationSet, Depends(json_body(wire.CreateEvaluationSet))],
) -> Response:
    """The processor fixes what the set's items look like; it may be run on others of its kind."""
    created = call.services.sets.create(
        call.principal,
        name=body.name,
        description=body.description or "",
        target=read_processor(body.entity_id),
    )
    return reply(render.evaluation_set(created))


@router.get(
    "/evaluation_sets/{id}",
    **documented("Get an evaluation set", answer=views.EvaluationSet, example=examples.SET),
)
def get_evaluation_set(call: Here, id: str) -> Response:
    """The set without its items."""
    return reply(render.evaluation_set(find_set(call, id)))
