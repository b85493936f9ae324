"""Files: streamed within limits, tidied up after every failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluand.domain.documents import FileFacts
from evaluand.domain.ids import PublicId
from evaluand.domain.model import File, Principal
from evaluand.domain.paging import PageRequest
from evaluand.errors import (
    CorruptFile,
    FileTooLarge,
    InvalidRequest,
    NotFound,
    ProtectedFile,
    UnsupportedFile,
)
from evaluand.ports import CallFailed, Response
from evaluand.testing.core import MAX_BYTES, Core

EVERYTHING = PageRequest(size=1_000)
URL = "https://example.com/papers/invoice%20%C3%A4.pdf?token=a/b#top"


async def streamed(*chunks: bytes, failure: Exception | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if failure is not None:
        raise failure


def upload(
    core: Core, who: Principal, *chunks: bytes, failure: Exception | None = None, **other: Any
) -> File:
    values: dict[str, Any] = {"name": "a.txt", "content_type": None} | other
    stream = streamed(*chunks, failure=failure)
    return asyncio.run(core.services.files.upload(who, chunks=stream, **values))


def fetch(core: Core, who: Principal, url: str = URL, **other: Any) -> File:
    values: dict[str, Any] = {"name": None} | other
    return asyncio.run(core.services.files.fetch(who, url, **values))


def kept(core: Core, who: Principal) -> list[File]:
    return list(core.services.files.page(who, EVERYTHING, name_contains=None).rows)


# ── Upload ───────────────────────────────────────────────────────────────────────────────────────


def test_what_was_streamed_can_be_read(core: Core, admin: Principal) -> None:
    core.probe.facts = FileFacts(kind="CSV", page_count=None)

    file = upload(core, admin, b"one,", b"", b"two", name="t.csv", content_type="text/csv")

    assert (file.size, file.sha256) == (7, sha256(b"one,two").hexdigest())
    assert (file.kind, file.page_count, file.created_at) == ("CSV", None, core.clock.now())
    assert core.services.files.get(admin, file.id) == file
    _, path = core.services.files.follow(core.services.files.link(admin, file))
    assert path.read_bytes() == b"one,two"
    assert core.uploads == []


def test_the_probe_is_told_what_the_caller_said(core: Core, admin: Principal) -> None:
    upload(core, admin, b"x", name="dir/a.pdf", content_type="application/pdf", password="s3")

    assert core.probe.asked == [("a.pdf", "application/pdf", "s3")]


def test_the_limit_itself_is_allowed(core: Core, admin: Principal) -> None:
    assert upload(core, admin, b"x" * (MAX_BYTES - 1), b"y").size == MAX_BYTES


def test_a_stream_is_cut_at_the_limit(core: Core, admin: Principal) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 10

    endless_upload = core.services.files.upload(
        admin, name="a", content_type=None, chunks=endless()
    )
    with pytest.raises(FileTooLarge, match=f"larger than {MAX_BYTES} bytes"):
        asyncio.run(endless_upload)

    assert core.uploads == []
    assert kept(core, admin) == []
    assert core.probe.asked == []


@pytest.mark.parametrize("chunks", [(), (b"",), (b"", b"")])
def test_an_empty_file_is_refused(core: Core, admin: Principal, chunks: tuple[bytes, ...]) -> None:
    with pytest.raises(CorruptFile, match="empty"):
        upload(core, admin, *chunks)

    assert core.uploads == []


@pytest.mark.parametrize(
    "failure",
    [
        CorruptFile("broken"),
        ProtectedFile("locked"),
        UnsupportedFile("what is it"),
        RuntimeError("a bug"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_file_that_cannot_be_used_is_not_kept(
    core: Core, admin: Principal, failure: Exception
) -> None:
    core.probe.failure = failure

    with pytest.raises(type(failure)):
        upload(core, admin, b"text")

    assert core.uploads == []
    assert kept(core, admin) == []


def test_a_client_that_goes_away_leaves_nothing_behind(core: Core, admin: Principal) -> None:
    with pytest.raises(ConnectionResetError):
        upload(core, admin, b"half of", failure=ConnectionResetError("gone"))

    assert core.uploads == []
    assert kept(core, admin) == []


def test_an_upload_that_is_cancelled_leaves_nothing_behind(core: Core, admin: Principal) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"half of"
        await asyncio.sleep(60)

    async def cancel() -> None:
        waiting = core.services.files.upload(admin, name="a", content_type=None, chunks=stalled())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(waiting, 0.05)

    asyncio.run(cancel())

    assert core.uploads == []
    assert kept(core, admin) == []


def test_what_is_measured_is_what_the_probe_left(core: Core, admin: Principal) -> None:
    class Unlocking:
        async def probe(self, path: Any, **_said: Any) -> FileFacts:
            path.write_bytes(b"unlocked")
            return FileFacts(kind="PDF", page_count=2)

    core.services.files._probe = Unlocking()

    file = upload(core, admin, b"locked", password="s3")

    assert (file.size, file.sha256) == (8, sha256(b"unlocked").hexdigest())


def test_the_same_bytes_are_stored_once(core: Core, admin: Principal) -> None:
    one, two = upload(core, admin, b"same"), upload(core, admin, b"same")

    assert one.id != two.id
    assert one.sha256 == two.sha256
    stored = [path for path in core.folder.rglob("*") if path.is_file()]
    assert len(stored) == 1


@pytest.mark.parametrize(
    ("given_name", "tidy"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\bill.pdf", "bill.pdf"),
        ("/absolute/a.txt", "a.txt"),
        ("folder/", "upload"),
        ("..", "upload"),
        ("a/..", "upload"),
        (".", "upload"),
        ("", "upload"),
        ("   ", "upload"),
        (" padded.txt ", "padded.txt"),
        ("nul\0and\nline.txt", "nulandline.txt"),
        ("gpj.\u202eexe", "gpj.exe"),
        ("\ud800.txt", ".txt"),
        ("Größe 大.pdf", "Größe 大.pdf"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_names_are_tidied(core: Core, admin: Principal, given_name: str, tidy: str) -> None:
    assert upload(core, admin, b"x", name=given_name).name == tidy


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(st.text(st.characters(), max_size=400))
def test_no_name_makes_trouble(core: Core, admin: Principal, given_name: str) -> None:
    name = upload(core, admin, b"x", name=given_name).name

    assert 0 < len(name) <= 255
    assert name.isprintable()
    assert not set(name) & {"/", "\\"}
    assert name not in (".", "..")


# ── Fetched and written ──────────────────────────────────────────────────────────────────────────


def test_a_document_is_fetched(core: Core, admin: Principal) -> None:
    core.http.answers[URL] = Response(
        status=200, body=b"%PDF", headers={"content-type": "application/pdf"}
    )

    file = fetch(core, admin, password="s3")

    assert (file.name, file.size) == ("invoice ä.pdf", 4)
    assert core.probe.asked == [("invoice ä.pdf", "application/pdf", "s3")]
    (request,) = core.http.sent
    assert (request.method, request.timeout_s) == ("GET", 60.0)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.com", "document"),
        ("https://example.com/", "document"),
        ("https://example.com/a/b/", "b"),
        ("https://example.com/a?file=/x.pdf", "a"),
        ("https://example.com/%2e%2e%2fetc%2fpasswd", "passwd"),
    ],
)
def test_without_a_name_the_address_gives_one(
    core: Core, admin: Principal, url: str, name: str
) -> None:
    core.http.answers[url] = Response(status=200, body=b"text")

    assert fetch(core, admin, url).name == name
    assert fetch(core, admin, url, name="mine.txt").name == "mine.txt"


@pytest.mark.parametrize(
    "answer",
    [
        CallFailed("unreachable", "no route", retryable=True),
        Response(status=404, body=b"<html>"),
        Response(status=302, body=b""),
        Response(status=206, body=b"half"),
    ],
)
def test_what_cannot_be_had_is_told(core: Core, admin: Principal, answer: Any) -> None:
    core.http.answers[URL] = answer

    with pytest.raises(InvalidRequest, match="could not be fetched") as caught:
        fetch(core, admin)

    assert caught.value.field == "file.url"
    assert kept(core, admin) == []


def test_a_fetched_file_has_the_same_limit(core: Core, admin: Principal) -> None:
    core.http.answers[URL] = Response(status=200, body=b"x" * (MAX_BYTES + 1))

    with pytest.raises(FileTooLarge):
        fetch(core, admin)

    assert core.uploads == []


def test_a_text_is_a_file_of_its_own(core: Core, admin: Principal) -> None:
    written = asyncio.run(core.services.files.from_text(admin, "Straße \ud800", name=None))

    assert written.name == "document.txt"
    assert written.sha256 == sha256("Straße ?".encode()).hexdigest()


# ── Reading and deleting ─────────────────────────────────────────────────────────────────────────


def test_many_come_in_the_order_asked_for(core: Core, admin: Principal) -> None:
    one, two = upload(core, admin, b"1"), upload(core, admin, b"2")
    wanted = {"items[0].fileId": two.id, "items[1].fileId": one.id, "items[2].fileId": two.id}

    assert core.services.files.many(admin, wanted) == [two, one, two]
    assert core.services.files.many(admin, {}) == []


@pytest.mark.parametrize("unknown", [None, PublicId(1)])
def test_the_member_that_names_no_file_is_told(core: Core, admin: Principal, unknown: Any) -> None:
    file = upload(core, admin, b"1")

    with pytest.raises(NotFound, match=r"items\[1\]\.fileId") as caught:
        core.services.files.many(admin, {"items[0].fileId": file.id, "items[1].fileId": unknown})

    assert caught.value.field == "items[1].fileId"


def test_a_deleted_file_is_not_served(core: Core, admin: Principal) -> None:
    file = upload(core, admin, b"1")
    link = core.services.files.link(admin, file)

    core.services.files.delete(admin, file.id)

    with pytest.raises(NotFound):
        core.services.files.follow(link)
    with pytest.raises(NotFound):
        core.services.files.delete(admin, file.id)
