"""The server: one port, many faces. Pages, health checks, each dialect at root and prefix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.responses import FileResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from evaluand.dialects import Dialect, DialectSettings
from evaluand.errors import EvaluandError
from evaluand.services import Services
from evaluand.services.blob_links import PATH
from evaluand.web.application import ROOTS

Lifespan = Callable[[], AbstractAsyncContextManager[None]]
Ready = Callable[[], bool]

_JSON = [(b"content-type", b"application/json")]


class Server:
    """An ASGI application that hands each request to the face it is meant for."""

    def __init__(
        self,
        *,
        services: Services,
        dialects: Sequence[Dialect],
        pages: ASGIApp,
        settings: DialectSettings,
        lifespan: Lifespan,
        ready: Ready,
    ) -> None:
        self._lifespan = lifespan
        self._ready = ready
        self._pages = pages
        self._blob_links = services.blob_links
        self._by_prefix: dict[str, ASGIApp] = {}
        self._by_root: dict[str, ASGIApp] = {}
        for dialect in dialects:
            app = dialect.build(services, settings)
            self._by_prefix[dialect.prefix.strip("/")] = app
            self._by_root.update(dict.fromkeys(dialect.roots, app))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._dispatch(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get("root_path", "")
        # Some clients join base URL and path with two slashes.
        path = "/" + scope["path"].removeprefix(root).lstrip("/")
        first, _, rest = path[1:].partition("/")
        scope = {**scope, "path": root + path}
        if first in self._by_prefix:
            below = f"{root}/{first}"
            mounted = {**scope, "root_path": below, "path": f"{below}/{rest.lstrip('/')}"}
            await self._by_prefix[first](mounted, receive, send)
        elif first in self._by_root:
            await self._by_root[first](scope, receive, send)
        elif first in ROOTS:
            await self._pages(scope, receive, send)
        elif first == PATH:
            await self._blob(path, scope, receive, send)
        else:
            status, body = self._own(path)
            await _answer(send, status, body)

    async def _blob(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        query = QueryParams(scope["query_string"])
        expires, signature = query.get("expires", "0"), query.get("signature", "")
        try:
            digest = path.rsplit("/", 1)[-1]
            file = self._blob_links.follow(digest, expires, signature)
        except EvaluandError as error:
            await _answer(send, error.status, {"title": error.message, "status": error.status})
            return
        # Whatever it is, a browser must not run it as a page of this server.
        safe = {"content-disposition": "attachment", "x-content-type-options": "nosniff"}
        response = FileResponse(file, media_type="application/octet-stream", headers=safe)
        await response(scope, receive, send)

    def _own(self, path: str) -> tuple[int, dict[str, Any]]:
        if path == "/healthz":
            return 200, {"status": "ok"}
        if path == "/readyz":
            return (200, {"status": "ready"}) if self._ready() else (503, {"status": "starting"})
        return 404, {
            "type": "about:blank",
            "title": "Not found",
            "status": 404,
            "detail": f"Nothing is served at {path}. The faces are: "
            + ", ".join(f"/{prefix}" for prefix in sorted(self._by_prefix)),
        }

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self._lifespan():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.shutdown.complete"})


async def _answer(send: Send, status: int, body: dict[str, Any]) -> None:
    encoded = msgspec.json.encode(body)
    headers = [*_JSON, (b"content-length", str(len(encoded)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": encoded})
