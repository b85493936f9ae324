"""One item of a run, and the pictures of its pages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from evaluand.domain.documents import PageSize
from evaluand.domain.ids import from_base62
from evaluand.domain.model import File, Json, Principal, Run, Score, TargetKind
from evaluand.errors import EvaluandError, NotFound
from evaluand.services.blob_links import PATH
from evaluand.services.results import ItemResult, star_metric
from evaluand.web.item.rows import Row, class_rows, field_rows, plain_rows, split_rows
from evaluand.web.item.sheets import sheets
from evaluand.web.item.spots import Spot, spots
from evaluand.web.item.tables import Table, tables
from evaluand.web.item.values import member
from evaluand.web.parts import Parts, parts_of, session_of, whole
from evaluand.web.run_view import name_of, view_of
from evaluand.web.templating import page

# Pictures of frozen files never change; they are the tenant's, so only the browser keeps them.
_KEEP = "private, max-age=3600"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A file of the item, where to get it, and why its pages are not shown if they are not."""

    file: File
    download: str | None
    trouble: str | None


async def show(request: Request) -> Response:
    """The item: its scores, expected beside extracted, its pages."""
    parts = parts_of(request)
    session = await asyncio.to_thread(session_of, request)
    run, result = await asyncio.to_thread(_result, request, parts, session.principal)
    files, output = result.place.content.files, _output(result)
    found = spots(output)
    views, sizes = await _look(parts, session.principal, files)
    first = whole(request.query_params.get("page", "")) or 1
    lists, rows = _compared(run, result, output, found)
    return page(
        request,
        "item.html",
        session=session,
        view=view_of(run, parts.now()),
        run=run,
        result=result,
        name=name_of(result),
        rows=rows,
        lists=lists,
        files=views,
        sheets=sheets(files, sizes, found.values(), first),
    )


async def image(request: Request) -> Response:
    """The picture of a page, at the resolution asked for."""
    parts = parts_of(request)
    session = await asyncio.to_thread(session_of, request)
    _, result = await asyncio.to_thread(_result, request, parts, session.principal)
    files = result.place.content.files
    place, number = whole(request.path_params["file"]), whole(request.path_params["page"])
    if place is None or place >= len(files):
        raise NotFound("The item has no such file.")
    resolution = whole(request.query_params.get("dpi", ""))
    drawn = await parts.documents.image(
        session.principal, files[place], number or 0, resolution or 0
    )
    return Response(drawn, media_type="image/webp", headers={"cache-control": _KEEP})


def _result(request: Request, parts: Parts, principal: Principal) -> tuple[Run, ItemResult]:
    run = parts.services.runs.get(principal, from_base62(request.path_params["run"]))
    position = whole(request.path_params["position"])
    if position is None or position >= run.item_count:
        raise NotFound("There is no such item in this run.")
    return run, parts.results.item(principal, run, position)


def _output(result: ItemResult) -> Json | None:
    execution = result.place.execution
    return None if execution is None else execution.answer.output


def _compared(
    run: Run, result: ItemResult, output: Json | None, found: dict[str, Spot]
) -> tuple[list[Table], list[Row]]:
    """Expected and extracted, in the form that the kind of target has."""
    star, expected = star_metric(run), result.place.content.expected
    score = None if star is None else result.score(star)
    match run.snapshot.kind:
        case TargetKind.EXTRACTOR:
            return _extracted(score, expected, output, found)
        case TargetKind.CLASSIFIER:
            return [], class_rows(score, expected, output)
        case TargetKind.SPLITTER:
            return [], split_rows(expected, output)
        case _:
            return [], plain_rows(expected, output)


def _extracted(
    score: Score | None, expected: Json | None, output: Json | None, found: dict[str, Spot]
) -> tuple[list[Table], list[Row]]:
    truth, value = _value(expected), _value(output)
    if score is None or "fields" not in score.detail:
        return [], plain_rows(truth, value)
    return tables(score, truth, value, found), field_rows(score, truth, value, found)


def _value(answer: Json | None) -> dict[str, Any] | None:
    value = member(answer, "value")
    return value if isinstance(value, dict) else None


async def _look(
    parts: Parts, principal: Principal, files: Sequence[File]
) -> tuple[list[FileView], dict[int, Sequence[PageSize]]]:
    """The item's files, and the sizes of the pages of those that can be shown."""
    views, sizes = [], {}
    for place, file in enumerate(files):
        download: str | None = _path(parts, file)
        trouble = None
        try:
            sizes[place] = await parts.documents.sizes(principal, file)
        except NotFound:
            download, trouble = None, "It was deleted after the run."
        except EvaluandError as error:
            trouble = f"Its pages cannot be shown: {error.message}"
        views.append(FileView(file=file, download=download, trouble=trouble))
    return views, sizes


def _path(parts: Parts, file: File) -> str:
    """The signed path of the file's bytes, on this server whatever name it is reached by."""
    link = urlsplit(parts.services.blob_links.link(file))
    return f"{link.path[link.path.rindex(f'/{PATH}/') :]}?{link.query}"
