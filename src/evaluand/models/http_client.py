"""The one HTTP client: every outgoing request of the server goes through here, once, bounded."""

from __future__ import annotations

import asyncio
import io
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from evaluand import __version__
from evaluand.models.address_guard import GuardedSockets
from evaluand.models.http_faults import (
    address_refused,
    explained,
    redirected,
    timed_out,
    too_large,
    too_many_redirects,
)
from evaluand.models.urls import checked_url, is_within, place
from evaluand.ports import Request, Response

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOLLOWED_METHODS = frozenset({"GET", "HEAD"})
# What goes along to another origin. Anything else may be a secret meant for the first one.
_HARMLESS_HEADERS = frozenset({"accept", "accept-language"})
# aiohttp warns when more is handed over as one piece: it would hold up the event loop.
_STREAMED_FROM = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """Bounds of one client."""

    # Counted after decompression. Answers with page images inside stay below; 1,000 in flight at
    # this size would not fit into memory, but models answer with kilobytes.
    max_response_bytes: int = 20 * 2**20
    # Sockets open at once. Who may send how much is decided elsewhere, by provider.
    max_connections: int = 1000
    # A host that has not accepted by then is down; the rest of the time belongs to the answer.
    connect_timeout_s: float = 10.0
    # From http to https, to the canonical host, to the storage bucket.
    max_redirects: int = 3


class AiohttpClient:
    """Fits :class:`evaluand.ports.Http`.

    Addresses that are not public are refused unless ``allow_private`` is true, or the request
    goes to one of ``trusted_bases``: base URLs that the operator has declared, such as a model
    server on the private network. ``resolver`` replaces the system's name resolution.

    Certificates are verified; ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` name other authorities.
    Proxies, netrc and cookies are not used. Redirects are followed for GET and HEAD only, each hop
    under the same checks and without the first origin's headers.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        trusted_bases: Collection[str] = (),
        limits: HttpLimits | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._trusted = tuple(checked_url(base) for base in trusted_bases)
        self._limits = limits or HttpLimits()
        self._resolver = resolver
        # One pool for each answer to "may this request reach private addresses?": a connection
        # made under the generous rule must never be handed to a request under the strict one.
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(self, request: Request) -> Response:
        """The answer, whatever its status.

        Raises CallFailed with one of the reasons ``address_refused``, ``bad_request``,
        ``connection``, ``timeout``, ``too_large``, ``bad_response``, ``redirect``.
        """
        url = checked_url(request.url)
        try:
            async with asyncio.timeout(request.timeout_s):
                return await self._follow(request, url)
        except TimeoutError as error:
            raise timed_out(place(url), request.timeout_s) from error

    async def close(self) -> None:
        """Close all connections. The client opens new ones when it is used again."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    async def _follow(self, request: Request, url: URL) -> Response:
        headers = request.headers
        for _ in range(self._limits.max_redirects + 1):
            response = await self._exchange(request, url, headers)
            target = response.headers.get("location") if response.status in _REDIRECTS else None
            if target is None:
                return response
            if request.method not in _FOLLOWED_METHODS:
                raise redirected(place(url), response.status)
            following = checked_url(str(url.join(URL(target))))
            if url.scheme == "https" and following.scheme != "https":
                raise redirected(place(url), response.status, "to an unencrypted address")
            headers = _kept_headers(headers, url, following)
            url = following
        raise too_many_redirects(place(url), self._limits.max_redirects)

    async def _exchange(self, request: Request, url: URL, headers: Mapping[str, str]) -> Response:
        private = self._allow_private or any(is_within(base, url) for base in self._trusted)
        if why := address_refused(url, allow_private=private):
            raise why
        try:
            async with self._session(private).request(
                request.method,
                url,
                headers=headers,
                data=_payload(request.body),
                allow_redirects=False,
            ) as answer:
                return Response(
                    status=answer.status,
                    body=await self._read(answer, url),
                    headers={name.lower(): value for name, value in answer.headers.items()},
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise explained(error, place(url)) from error

    async def _read(self, answer: aiohttp.ClientResponse, url: URL) -> bytes:
        limit = self._limits.max_response_bytes
        if (answer.content_length or 0) > limit:
            answer.close()
            raise too_large(place(url), limit)
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) > limit:
                answer.close()
                raise too_large(place(url), limit)
        return bytes(body)

    def _session(self, private: bool) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # Sockets belong to the loop they were opened in; those of an ended loop are dead.
            self._sessions, self._loop = {}, loop
        if private not in self._sessions:
            self._sessions[private] = self._new_session(private)
        return self._sessions[private]

    def _new_session(self, private: bool) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=ssl.create_default_context(),
                limit=self._limits.max_connections,
                resolver=self._resolver,
                socket_factory=GuardedSockets(allow_private=private),
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": f"evaluand/{__version__}"},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_timeout_s),
            trust_env=False,
        )


def _payload(body: bytes) -> bytes | io.BytesIO | None:
    if len(body) >= _STREAMED_FROM:
        return io.BytesIO(body)
    return body or None


def _kept_headers(headers: Mapping[str, str], from_: URL, to: URL) -> Mapping[str, str]:
    if from_.origin() == to.origin():
        return headers
    return {name: text for name, text in headers.items() if name.lower() in _HARMLESS_HEADERS}
