"""The outside world: time, bytes, child processes, documents, and the one way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from evaluand.domain.documents import FileFacts, PageSize
from evaluand.domain.model import (
    File,
    Json,
    Usage,
)

T = TypeVar("T")


class Clock(Protocol):
    """The time, so that tests can set it."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        ...


class Blobs(Protocol):
    """Bytes by their SHA-256, in hexadecimal."""

    def path(self, sha256: str) -> Path:
        """Where the bytes lie as a local file. Raises NotFound when they are gone."""
        ...

    def adopt(self, temporary: Path, sha256: str) -> None:
        """Takes a finished temporary file over; storing the same bytes twice is harmless."""
        ...

    def temporary(self) -> Path:
        """A fresh path for an upload under way, on the same disk."""
        ...


class Pool(Protocol):
    """Runs functions in child processes, which are ended when they take too long or too much."""

    async def run(
        self, function: Callable[..., T], *args: Any, timeout_s: float | None = None
    ) -> T: ...


class DocumentProbe(Protocol):
    """The quick look at an upload."""

    async def probe(
        self, path: Path, *, name: str, content_type: str | None, password: str | None
    ) -> FileFacts:
        """What the file is. Raises CorruptFile, ProtectedFile, UnsupportedFile, FileTooLarge.

        A protected file whose password fits is unlocked in place, so that no password is kept.
        """
        ...


class PageImages(Protocol):
    """What the pages of a document look like."""

    async def sizes(self, file: File) -> Sequence[PageSize]:
        """Width and height of each page in points. Raises what reading the file raises."""
        ...

    async def image(self, file: File, number: int, dpi: int) -> bytes:
        """A page, counting from 1, as WebP. Raises NotFound when there is no such page."""
        ...


class SchemaDrafter(Protocol):
    """Proposes a schema from sample documents."""

    async def draft(self, files: Sequence[File]) -> Json:
        """A JSON Schema. Raises Unprocessable when nothing can be made out."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An outgoing request. ``provider`` names whose limits and prices apply.

    ``identity`` is what makes two questions the same where the body is not (it may hold links that
    expire); None means the body.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout_s: float = 120.0
    provider: str = ""
    model: str | None = None
    identity: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back, whole and bounded."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUsage:
    """Tokens and cost of one call in US dollars; None for what is not known."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


Meter = Callable[[Request, Response], CallUsage]
"""What a call used, by what its provider reports."""


class Http(Protocol):
    """One exchange, no retries. Raises CallFailed when no answer came."""

    async def send(self, request: Request) -> Response: ...


class CallFailed(Exception):
    """No usable answer came back. ``retryable`` says whether asking again can help."""

    def __init__(self, reason: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retryable = retryable


class Caller(Protocol):
    """The only way for a target or an evaluator to make a paid call: recorded, limited, retried."""

    async def call(self, request: Request) -> Response: ...
    def usage(self) -> Usage: ...
