"""What the pages are made of: the use cases they call and how the server is reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request

from evaluand.services import Services
from evaluand.services.page_images import DocumentPages
from evaluand.services.results import Results
from evaluand.services.sessions import Session, Sessions

COOKIE = "evaluand_session"
# Runs have fewer items and documents fewer pages than that.
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All that the pages need. ``public_url`` is empty to take the request's."""

    services: Services
    sessions: Sessions
    results: Results
    documents: DocumentPages
    now: Callable[[], datetime]
    public_url: str


def parts_of(request: Request) -> Parts:
    """The parts the application was built with."""
    found: Parts = request.app.state.parts
    return found


def base_of(request: Request) -> str:
    """What stands before each path: empty, or what a proxy adds, without a slash at its end."""
    public = urlsplit(parts_of(request).public_url).path
    return (public or str(request.scope.get("root_path", ""))).rstrip("/")


def is_encrypted(request: Request) -> bool:
    """Whether the browser speaks HTTPS to the server, or to what stands before it."""
    scheme = urlsplit(parts_of(request).public_url).scheme or request.url.scheme
    return scheme == "https"


def session_of(request: Request) -> Session:
    """Who is signed in. Raises Unauthorized."""
    return parts_of(request).sessions.read(request.cookies.get(COOKIE, ""))


def whole(text: str) -> int | None:
    """The number behind some digits of an address; None for anything else, or no number of ours."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None
