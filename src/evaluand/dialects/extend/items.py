"""``/evaluation_sets/{setId}/items``: documents and the truth about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from evaluand.dialects.extend import examples, render, views, wire
from evaluand.dialects.extend.body import json_body
from evaluand.dialects.extend.documentation import documented
from evaluand.dialects.extend.evaluation_sets import find_set
from evaluand.dialects.extend.request import Call, Here, Listing, reply
from evaluand.dialects.extend.words import EVALUATION_SET, FILE, ITEM, read
from evaluand.domain.ids import PublicId
from evaluand.domain.model import EvaluationSet, File, ItemContent, TargetKind
from evaluand.errors import InvalidRequest

router = APIRouter(prefix="/evaluation_sets/{set_id}/items", tags=["Evaluation set items"])

_PACKAGE = range(2, 51)
_ONE = "/{item_id}"


@router.get(
    "",
    **documented(
        "List items of an evaluation set",
        answer=views.ListView[views.EvaluationSetItemSummary],
        example=examples.listed(examples.ITEM_SUMMARY),
    ),
)
def list_items(call: Here, set_id: str, listing: Listing) -> Response:
    """The items without what is expected of them."""
    found = call.services.sets.items(call.principal, find_set(call, set_id).id, listing)
    return reply(render.page(found, render.item_summary))


@router.post(
    "",
    **documented(
        "Add items to an evaluation set",
        body=wire.CreateItems,
        body_example={
            "items": [{"fileId": examples.FILE["id"], "expectedOutput": examples.EXPECTED}]
        },
        answer=views.CreatedItems,
        example={"evaluationSetItems": [examples.ITEM]},
    ),
)
def create_items(
    call: Here,
    set_id: str,
    body: Annotated[wire.CreateItems, Depends(json_body(wire.CreateItems))],
) -> Response:
    """Adds all items or none. An item is one file, or a package of 2 to 50 for an extractor."""
    owner = find_set(call, set_id)
    contents = _contents(call, owner, body.items)
    created = call.services.sets.add_items(call.principal, owner.id, contents)
    return reply(views.CreatedItems(evaluation_set_items=[render.item(one) for one in created]))


@router.get(
    _ONE, **documented("Get an item", answer=views.EvaluationSetItem, example=examples.ITEM)
)
def get_item(call: Here, set_id: str, item_id: str) -> Response:
    """The item with what is expected of it, exactly as it was given."""
    found = call.services.sets.item(call.principal, *_ids(set_id, item_id))
    return reply(render.item(found))


@router.post(
    _ONE,
    **documented(
        "Replace what is expected of an item",
        body=wire.UpdateItem,
        body_example={"expectedOutput": examples.EXPECTED},
        answer=views.EvaluationSetItem,
        example=examples.ITEM,
    ),
)
def update_item(
    call: Here,
    set_id: str,
    item_id: str,
    body: Annotated[wire.UpdateItem, Depends(json_body(wire.UpdateItem))],
) -> Response:
    """Runs that have started keep what was expected when they did."""
    ids = _ids(set_id, item_id)
    return reply(render.item(call.services.sets.expect(call.principal, *ids, body.expected_output)))


@router.delete(
    _ONE,
    **documented("Delete an item", answer=views.Deleted, example={"id": examples.ITEM["id"]}),
)
def delete_item(call: Here, set_id: str, item_id: str) -> Response:
    """Runs that have started keep the item."""
    call.services.sets.delete_item(call.principal, *_ids(set_id, item_id))
    return reply(views.Deleted(id=item_id))


def _ids(set_id: str, item_id: str) -> tuple[PublicId | None, PublicId | None]:
    return read(EVALUATION_SET, set_id), read(ITEM, item_id)


def _contents(call: Call, owner: EvaluationSet, items: Sequence[wire.NewItem]) -> list[ItemContent]:
    named = [_file_ids(item, f"items[{place}]", owner.kind) for place, item in enumerate(items)]
    if any(len(ids) > 1 for ids in named):
        _check_takes_packages(call, owner)
    wanted = {member: read(FILE, text) for ids in named for member, text in ids.items()}
    found = dict(zip(wanted, call.services.files.many(call.principal, wanted), strict=True))
    return [
        ItemContent(expected=item.expected_output, files=_chosen(found, ids))
        for item, ids in zip(items, named, strict=True)
    ]


def _chosen(found: dict[str, File], ids: dict[str, str]) -> tuple[File, ...]:
    return tuple(found[member] for member in ids)


def _file_ids(item: wire.NewItem, where: str, kind: TargetKind) -> dict[str, str]:
    """The item's file ids by the member that names them."""
    if (item.file_id is None) == (item.file_ids is None):
        raise InvalidRequest(f"'{where}' needs exactly one of 'fileId' and 'fileIds'.", field=where)
    if item.file_id is not None:
        return {f"{where}.fileId": item.file_id}
    ids = item.file_ids or []
    if len(ids) not in _PACKAGE or len(set(ids)) < len(ids):
        raise InvalidRequest(
            f"'{where}.fileIds' must name 2 to 50 different files; a single one goes as 'fileId'.",
            field=f"{where}.fileIds",
        )
    return {f"{where}.fileIds[{place}]": text for place, text in enumerate(ids)}


def _check_takes_packages(call: Call, owner: EvaluationSet) -> None:
    """Only extractors with a JSON Schema read several files as one."""
    message = "Only sets of extractors with a JSON Schema hold packages of files."
    if owner.kind is not TargetKind.EXTRACTOR:
        raise InvalidRequest(message, field="items")
    target = call.services.targets.get(call.principal, owner.kind, owner.target.id)
    if "schema" not in target.draft.config and "fields" in target.draft.config:
        raise InvalidRequest(message, field="items")
