"""Files: uploaded once, read by many runs, served by links that expire."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote, urlsplit

from evaluand.domain.documents import FileFacts
from evaluand.domain.ids import PublicId, new_public_id, to_base62
from evaluand.domain.model import File, Principal, Role
from evaluand.domain.paging import Page, PageRequest
from evaluand.errors import CorruptFile, FileTooLarge, InvalidRequest, NotFound, Unauthorized
from evaluand.ports import Blobs, CallFailed, Clock, DocumentProbe, FileStore, Http, Request, Store
from evaluand.services.access import require

# As long as the vendors' links are valid.
LINK_LIFETIME = timedelta(minutes=15)
_NAME_LENGTH = 255
_HTTP_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLimits:
    """Bounds of an upload."""

    max_bytes: int
    fetch_timeout_s: float = 60.0


class Link(NamedTuple):
    """A signed link's parts: whose file, until when, and the proof."""

    workspace: int
    file: PublicId
    expires: int
    signature: str


class Files:
    """Use cases around files."""

    def __init__(
        self,
        *,
        store: Store,
        blobs: Blobs,
        probe: DocumentProbe,
        http: Http,
        clock: Clock,
        limits: FileLimits,
        secret: bytes,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._probe = probe
        self._http = http
        self._clock = clock
        self._limits = limits
        self._secret = secret

    async def upload(
        self,
        principal: Principal,
        *,
        name: str,
        content_type: str | None,
        chunks: AsyncIterator[bytes],
        password: str | Callable[[], str | None] | None = None,
    ) -> File:
        """Stores what the stream brings. Nothing is kept when the file turns out to be unusable.

        ``password`` may be a function that is asked when the stream has ended: forms may send it
        last. Raises FileTooLarge, CorruptFile, ProtectedFile or UnsupportedFile.
        """
        require(principal, Role.MEMBER)
        name = _tidy(name)
        temporary = self._blobs.temporary()
        try:
            await self._receive(temporary, chunks)
            opening = password() if callable(password) else password
            facts = await self._probe.probe(
                temporary, name=name, content_type=content_type, password=opening
            )
            digest, size = await asyncio.to_thread(_measure, temporary)
            await asyncio.to_thread(self._blobs.adopt, temporary, digest)
        finally:
            temporary.unlink(missing_ok=True)
        file = self._describe(name, facts, digest, size)
        return await asyncio.to_thread(self._files(principal).add, file)

    async def fetch(
        self, principal: Principal, url: str, *, name: str | None, password: str | None = None
    ) -> File:
        """Downloads a document from ``url`` within the limits for outgoing calls.

        Raises InvalidRequest when there is nothing to be had, and what ``upload`` raises.
        """
        require(principal, Role.MEMBER)
        request = Request(method="GET", url=url, timeout_s=self._limits.fetch_timeout_s)
        try:
            response = await self._http.send(request)
        except CallFailed as failure:
            raise InvalidRequest(
                f"The file could not be fetched: {failure.message}", field="file.url"
            ) from failure
        if response.status != _HTTP_OK:
            raise InvalidRequest(
                f"The file could not be fetched: {url} answered {response.status}.",
                field="file.url",
            )
        last = PurePosixPath(unquote(urlsplit(url).path)).name
        return await self.upload(
            principal,
            name=name or last or "document",
            content_type=response.headers.get("content-type"),
            chunks=_once(response.body),
            password=password,
        )

    async def from_text(self, principal: Principal, text: str, *, name: str | None) -> File:
        """Stores a text as a file of its own."""
        return await self.upload(
            principal,
            name=name or "document.txt",
            content_type="text/plain; charset=utf-8",
            chunks=_once(text.encode("utf-8", "replace")),
        )

    def get(self, principal: Principal, file_id: PublicId | None) -> File:
        """The file. Raises NotFound."""
        found = None if file_id is None else self._files(principal).get(file_id)
        if found is None:
            raise NotFound("There is no file with this id.")
        return found

    def many(self, principal: Principal, wanted: Mapping[str, PublicId | None]) -> list[File]:
        """The files named by the members of a request, in their order. Raises NotFound."""
        known = list({file_id for file_id in wanted.values() if file_id is not None})
        found = self._files(principal).many(known)
        files = []
        for field, file_id in wanted.items():
            file = None if file_id is None else found.get(file_id)
            if file is None:
                raise NotFound(f"There is no file with the id in '{field}'.", field=field)
            files.append(file)
        return files

    def page(
        self, principal: Principal, request: PageRequest, *, name_contains: str | None
    ) -> Page[File]:
        """One page of files."""
        return self._files(principal).page(request, name_contains=name_contains)

    def delete(self, principal: Principal, file_id: PublicId | None) -> None:
        """Deletes the file; items that use it stay, their next runs fail. Raises NotFound."""
        require(principal, Role.MEMBER)
        if file_id is None or not self._files(principal).delete(file_id, self._clock.now()):
            raise NotFound("There is no file with this id.")

    def link(self, principal: Principal, file: File) -> Link:
        """A link to the file's bytes that works without a key for a quarter of an hour."""
        expires = int((self._clock.now() + LINK_LIFETIME).timestamp())
        signature = self._sign(principal.workspace, file.id, expires)
        return Link(principal.workspace, file.id, expires, signature)

    def follow(self, link: Link) -> tuple[File, Path]:
        """The file behind a link. Raises Unauthorized when the link is expired or tampered with."""
        signature = self._sign(link.workspace, link.file, link.expires)
        expired = link.expires < self._clock.now().timestamp()
        given = link.signature.encode("utf-8", "surrogatepass")
        if expired or not hmac.compare_digest(signature.encode(), given):
            raise Unauthorized("The link has expired or was altered. Ask for the file again.")
        file = self._store.workspace(link.workspace).files.get(link.file)
        if file is None:
            raise NotFound("There is no file with this id.")
        return file, self._blobs.path(file.sha256)

    def _files(self, principal: Principal) -> FileStore:
        return self._store.workspace(principal.workspace).files

    async def _receive(self, temporary: Path, chunks: AsyncIterator[bytes]) -> None:
        size = 0
        with temporary.open("wb") as stream:
            async for chunk in chunks:
                size += len(chunk)
                if size > self._limits.max_bytes:
                    raise FileTooLarge(
                        f"The file is larger than {self._limits.max_bytes} bytes. Send a smaller "
                        "one, or raise EVALUAND_DOCUMENT_MAX_MB.",
                        field="file",
                    )
                await asyncio.to_thread(stream.write, chunk)
        if size == 0:
            raise CorruptFile("The file is empty.", field="file")

    def _describe(self, name: str, facts: FileFacts, digest: str, size: int) -> File:
        now = self._clock.now()
        return File(
            key=0,
            id=new_public_id(),
            name=name,
            kind=facts.kind,
            size=size,
            sha256=digest,
            page_count=facts.page_count,
            created_at=now,
            updated_at=now,
        )

    def _sign(self, workspace: int, file_id: PublicId, expires: int) -> str:
        message = f"file:{workspace}:{to_base62(file_id)}:{expires}".encode()
        return hmac.new(self._secret, message, sha256).hexdigest()


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _measure(path: Path) -> tuple[str, int]:
    with path.open("rb") as stream:
        return _digest(stream), path.stat().st_size


def _digest(stream: BinaryIO) -> str:
    digest = sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _tidy(name: str) -> str:
    """The file's own name: no folders, nothing unprintable, not endless."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(character for character in last if character.isprintable()).strip()
    # Dots alone name a folder, wherever the file is saved one day.
    return printable[-_NAME_LENGTH:] if printable.strip(".") else "upload"
