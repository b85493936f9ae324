"""Signing in with a key, and out again."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from evaluand.domain.ids import from_base62, from_prefixed
from evaluand.errors import EvaluandError, Forbidden, InvalidRequest, NotFound, Unauthorized
from evaluand.services.sessions import LIFETIME
from evaluand.web.forms import check_origin, read_form
from evaluand.web.parts import COOKIE, base_of, is_encrypted, parts_of
from evaluand.web.templating import page

_SEE_OTHER = 303
# The errors of signing in, in the words of the form: it has fields where requests have headers.
_TOLD = {
    Unauthorized: "There is no such key, or it was revoked.",
    InvalidRequest: "This key opens several workspaces. Enter the id of the one you want.",
    Forbidden: "This key belongs to another workspace. Leave the workspace empty.",
    NotFound: "The key's organization has no such workspace.",
}


async def form(request: Request) -> Response:
    """The form that asks for a key."""
    following = _local(request.query_params.get("next", ""))
    return page(request, "sign_in.html", next=following, error=None)


async def sign_in(request: Request) -> Response:
    """Opens a session with the key sent, or shows the form again and says why not."""
    sent = await read_form(request)
    key, named = sent.get("key", "").strip(), sent.get("workspace", "").strip()
    following = _local(sent.get("next", ""))
    workspace = from_prefixed("ws", named) or from_base62(named)
    try:
        session = await asyncio.to_thread(
            parts_of(request).sessions.open, key, workspace, bool(named)
        )
    except EvaluandError as error:
        told = _TOLD.get(type(error), error.message)
        return page(request, "sign_in.html", status=error.status, next=following, error=told)
    response = RedirectResponse(base_of(request) + following, _SEE_OTHER)
    response.set_cookie(
        COOKIE,
        session,
        max_age=int(LIFETIME.total_seconds()),
        path=f"{base_of(request)}/",
        secure=is_encrypted(request),
        httponly=True,
        samesite="strict",
    )
    return response


async def sign_out(request: Request) -> Response:
    """Ends the session in this browser."""
    check_origin(request)
    response = RedirectResponse(f"{base_of(request)}/sign-in", _SEE_OTHER)
    response.delete_cookie(COOKIE, path=f"{base_of(request)}/", httponly=True, samesite="strict")
    return response


def _local(path: str) -> str:
    """``path`` if it leads to a page of this server, else the first page."""
    leads_here = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if leads_here and path.isprintable() else "/"
