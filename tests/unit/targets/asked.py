"""For tests of engines that call out: files on disk, and a caller that is told what to say."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from evaluand.domain.documents import FileKind
from evaluand.domain.ids import PublicId
from evaluand.domain.model import File, ItemContent, Usage
from evaluand.errors import NotFound
from evaluand.ports import CallFailed, Request, Response

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@dataclass(slots=True)
class FakeCaller:
    """Fits :class:`evaluand.ports.Caller`: notes what it is asked and answers by ``say``."""

    say: Callable[[Request], Response]
    asked: list[Request] = field(default_factory=list)

    async def call(self, request: Request) -> Response:
        self.asked.append(request)
        return self.say(request)

    def usage(self) -> Usage:
        return Usage(calls=len(self.asked))


def saying(value: Any, status: int = 200) -> FakeCaller:
    """A caller that always answers with ``value`` as JSON, or with these very bytes."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return FakeCaller(lambda _: Response(status=status, body=body))


def failing(reason: str) -> FakeCaller:
    """A caller that brings no answer."""

    def say(_: Request) -> Response:
        raise CallFailed(reason, f"h.example: {reason}", retryable=False)

    return FakeCaller(say)


@dataclass(slots=True)
class FolderBlobs:
    """Fits :class:`evaluand.ports.Blobs` for reading."""

    folder: Path

    def path(self, sha256: str) -> Path:
        path = self.folder / sha256
        if not path.is_file():
            raise NotFound("The bytes are gone.")
        return path

    def adopt(self, temporary: Path, sha256: str) -> None:
        temporary.replace(self.folder / sha256)

    def temporary(self) -> Path:
        return self.folder / "temporary"

    def add(
        self, name: str, data: bytes, *, kind: FileKind | None = "TXT", pages: int | None = None
    ) -> File:
        """A stored file."""
        digest = sha256(data).hexdigest()
        (self.folder / digest).write_bytes(data)
        return File(
            key=1,
            id=PublicId(1),
            name=name,
            kind=kind,
            size=len(data),
            sha256=digest,
            page_count=pages,
            created_at=NOW,
            updated_at=NOW,
        )


def item(*files: File) -> ItemContent:
    """An item of these files."""
    return ItemContent(expected=None, files=files)
