"""The pages as an application: their addresses, their errors, and what no page may do."""

from __future__ import annotations

from urllib.parse import quote

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from evaluand.errors import EvaluandError, Unauthorized
from evaluand.web import items, runs, signing
from evaluand.web.parts import COOKIE, Parts, base_of
from evaluand.web.templating import STATIC, page

ROOTS = frozenset({"", "runs", "sign-in", "sign-out", "static"})
"""The first parts of the paths that are pages."""

# Nothing runs in these pages and nothing is loaded from elsewhere: what gets past the escaping
# still finds no way to do harm. "same-origin" and not "no-referrer": with the latter, browsers
# hide the origin of forms, which is what forged ones are told by.
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


def build_pages(parts: Parts) -> ASGIApp:
    """The application that serves the pages."""
    place = "/runs/{run}/items/{position}"
    pages = Starlette(
        routes=[
            Route("/", runs.listing),
            Route("/sign-in", signing.form),
            Route("/sign-in", signing.sign_in, methods=["POST"]),
            Route("/sign-out", signing.sign_out, methods=["POST"]),
            Route("/runs/{run}", runs.show),
            Route("/runs/{run}/cancel", runs.cancel, methods=["POST"]),
            Route(place, items.show),
            Route(place + "/files/{file}/pages/{page}", items.image),
            Mount("/static", StaticFiles(directory=str(STATIC))),
        ],
        exception_handlers={
            Unauthorized: _sign_in,
            EvaluandError: _failed,
            HTTPException: _not_served,
            Exception: _broken,
        },
    )
    pages.state.parts = parts
    return _Guarded(pages)


class _Guarded:
    """Adds the headers that confine a page to every answer, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, guarded)


async def _sign_in(request: Request, error: Exception) -> Response:
    if request.headers.get("sec-fetch-site") == "cross-site" and request.method == "GET":
        # Who follows a link from elsewhere comes without the cookie. Loading the page once more
        # from here brings it along.
        return page(request, "arriving.html", address=_address(request))
    following = quote(_address(request).removeprefix(base_of(request)), safe="/")
    response = RedirectResponse(f"{base_of(request)}/sign-in?next={following}", 303)
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, path=f"{base_of(request)}/", httponly=True)
    return response


def _address(request: Request) -> str:
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{base_of(request)}{quote(path)}{query}"


async def _failed(request: Request, error: Exception) -> Response:
    if not isinstance(error, EvaluandError):  # pragma: no cover - registered for these only
        raise error
    return page(request, "error.html", status=error.status, message=error.message)


async def _not_served(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    told = {404: "There is no such page.", 405: "This page cannot be used that way."}
    return page(request, "error.html", status=status, message=told.get(status, str(error)))


async def _broken(request: Request, error: Exception) -> Response:
    message = "The page could not be made. The server's log says why."
    return page(request, "error.html", status=500, message=message)
