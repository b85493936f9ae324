"""``/files``: documents, uploaded once and used by many items and runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from evaluand.dialects.extend import examples, render, views
from evaluand.dialects.extend.documentation import documented
from evaluand.dialects.extend.links import link_of
from evaluand.dialects.extend.multipart import Upload
from evaluand.dialects.extend.request import LONGEST_NAME, Here, ListingByCreation, reply
from evaluand.dialects.extend.words import FILE, read
from evaluand.services import Services

router = APIRouter(prefix="/files", tags=["Files"])

_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "password": {"type": "string", "description": "Opens a protected file."},
        "file": {"type": "string", "format": "binary"},
    },
}
_UPLOAD = documented("Upload a file", answer=views.File, example=examples.FILE)
_UPLOAD["openapi_extra"] = {
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}
}
# The bytes are a stranger's: a browser must neither guess their kind nor run them.
_CONFINED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=900",
}
_Deprecated = Annotated[bool, Query(deprecated=True, description="Has no effect.")]


@router.post("/upload", **_UPLOAD)
async def upload_file(
    request: Request,
    call: Here,
    convert_to_pdf: Annotated[
        bool,
        Query(alias="convertToPdf", description="Accepted; files are kept as they are."),
    ] = False,
) -> Response:
    """A form with a part `file` and, for a protected file, a field `password`."""
    form = Upload(request)
    await form.open()
    stored = await call.services.files.upload(
        call.principal,
        name=form.name,
        content_type=form.content_type,
        chunks=form.chunks(),
        # The official clients do not agree whether it goes before the file or after.
        password=lambda: form.password,
    )
    return reply(render.file_view(stored))


@router.get(
    "",
    **documented(
        "List files",
        answer=views.ListView[views.FileSummary],
        example=examples.listed(examples.FILE),
    ),
)
def list_files(
    call: Here,
    listing: ListingByCreation,
    name_contains: Annotated[
        str | None, Query(alias="nameContains", max_length=LONGEST_NAME)
    ] = None,
) -> Response:
    """Files, newest first unless sorted otherwise."""
    found = call.services.files.page(call.principal, listing, name_contains=name_contains)
    return reply(render.page(found, render.file_summary))


@router.get("/{id}", **documented("Get a file", answer=views.File, example=examples.FILE))
def get_file(
    call: Here,
    id: str,
    raw_text: Annotated[_Deprecated, Query(alias="rawText")] = False,
    markdown: _Deprecated = False,
    html: _Deprecated = False,
) -> Response:
    """The file with a link to its bytes that works without a key for 15 minutes."""
    found = call.services.files.get(call.principal, read(FILE, id))
    link = call.services.files.link(call.principal, found)
    return reply(render.file_view(found, call.links.file(link)))


@router.delete(
    "/{id}",
    **documented("Delete a file", answer=views.Deleted, example={"id": examples.FILE["id"]}),
)
def delete_file(call: Here, id: str) -> Response:
    """Items that use the file stay; later runs of them fail."""
    call.services.files.delete(call.principal, read(FILE, id))
    return reply(views.Deleted(id=id))


@router.get("/{id}/content", include_in_schema=False)
async def get_content(request: Request, id: str, w: int, expires: int, signature: str) -> Response:
    """The bytes behind a link: the link itself is the proof that they may be read."""
    services: Services = request.app.state.services
    file, path = await run_in_threadpool(services.files.follow, link_of(id, w, expires, signature))
    return FileResponse(
        path, media_type="application/octet-stream", filename=file.name, headers=_CONFINED
    )
