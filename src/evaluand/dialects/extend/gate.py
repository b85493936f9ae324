"""Every request passes here first: it gets an id, is authenticated, and names the API version.

The gate stands outside the router, so that an unknown path tells a stranger nothing, and it is the
last to see an exception: whatever happens inside, the client gets an answer in Extend's shape.
"""

from __future__ import annotations

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from evaluand.dialects.extend import errors
from evaluand.dialects.extend.words import API_VERSION, REQUEST, WORKSPACE, read, shown
from evaluand.domain.ids import new_public_id
from evaluand.domain.model import Principal
from evaluand.errors import EvaluandError, InvalidRequest
from evaluand.services.access import Access

VERSION_HEADER = "x-extend-api-version"
WORKSPACE_HEADER = "x-extend-workspace-id"


class Gate:
    """ASGI middleware: admits requests and answers for everything that goes wrong inside."""

    def __init__(self, app: ASGIApp, *, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = shown(REQUEST, new_public_id())
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def tagged(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)[errors.REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            if not _is_public(scope):
                scope["state"]["principal"] = await self._admit(scope)
            await self._app(scope, receive, tagged)
        except ClientDisconnect:
            return
        except EvaluandError as error:
            await errors.answer(error, request_id)(scope, receive, tagged)
        except Exception as error:
            if started:
                raise
            await errors.unhandled(error, request_id)(scope, receive, tagged)

    async def _admit(self, scope: Scope) -> Principal:
        headers = Headers(scope=scope)
        named = headers.get(WORKSPACE_HEADER)
        principal = await run_in_threadpool(
            self._access.authenticate,
            _token(headers.get("authorization")),
            read(WORKSPACE, named),
            bool(named),
        )
        if headers.get(VERSION_HEADER) != API_VERSION:
            raise InvalidRequest(
                f"Send the header '{VERSION_HEADER}: {API_VERSION}'; no other version is served.",
                field=VERSION_HEADER,
            )
        # Databases cannot hold the zero character in a text, so nothing can match it.
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            raise InvalidRequest("The address holds a zero character, which no text can have.")
        return principal


def _token(header: str | None) -> str | None:
    scheme, _, token = (header or "").strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _is_public(scope: Scope) -> bool:
    """The reference, and links to files that carry their own proof."""
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path == "/openapi.json" or (path.startswith("/files/") and path.endswith("/content"))
