"""Files: uploads of every make, links, lists, and files that are not what they claim to be."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator

import httpx
import pytest
from extend_ai import Extend
from extend_ai.errors import BadRequestError, NotFoundError
from tests.dialects.extend.conftest import Server
from tests.dialects.extend.polling import every
from tests.dialects.extend.samples import Invoice

from evaluand.testing.pdf import make_encrypted_pdf, make_pdf

PDF = Invoice(number="F-1").pdf()
BOUNDARY = "----evaluand"


def form(*parts: tuple[str, str, bytes]) -> bytes:
    """A multipart body: name, further header text, content."""
    body = b""
    for name, more, content in parts:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def in_pieces(body: bytes, size: int) -> Iterator[bytes]:
    """The body as a client sends it that does not know its length."""
    for start in range(0, len(body), size):
        yield body[start : start + size]


def send(raw: httpx.Client, body: bytes | Iterator[bytes]) -> httpx.Response:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return raw.post("/files/upload", content=body, headers=headers)


def test_an_uploaded_file_has_every_member(client: Extend) -> None:
    file = client.files.upload(file=("Rechnung März.pdf", PDF, "application/pdf"))
    assert file.object == "file"
    assert file.id.startswith("file_")
    assert (file.name, file.type, file.parent_file_id) == ("Rechnung März.pdf", "PDF", None)
    assert file.metadata.page_count == 1
    assert file.updated_at >= file.created_at


def test_bare_bytes_arrive_without_a_name(client: Extend) -> None:
    file = client.files.upload(file=PDF)
    assert (file.name, file.type) == ("upload", "PDF")


def test_a_stream_is_read_to_its_end(client: Extend) -> None:
    file = client.files.upload(file=("stream.pdf", io.BytesIO(PDF)))
    assert file.type == "PDF"


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
@pytest.mark.parametrize("first", [True, False])
def test_chunks_of_any_size_with_the_password_first_or_last(
    raw: httpx.Client, size: int, first: bool
) -> None:
    locked = make_encrypted_pdf([["secret"]], password="öffne")
    parts = [("password", "", "öffne".encode()), ("file", '; filename="a.pdf"', locked)]
    body = form(*(parts if first else parts[::-1]))
    answer = send(raw, in_pieces(body, size))
    assert answer.status_code == 200, answer.text
    assert answer.json()["metadata"] == {"pageCount": 1}


def test_the_sdk_sends_the_password_first(client: Extend) -> None:
    locked = make_encrypted_pdf([["secret"], ["two"]], password="pass")
    file = client.files.upload(file=("locked.pdf", locked), password="pass")
    assert file.metadata.page_count == 2


@pytest.mark.parametrize("password", [None, "wrong"])
def test_a_protected_file_needs_its_password(client: Extend, password: str | None) -> None:
    locked = make_encrypted_pdf([["secret"]], password="right")
    given = {} if password is None else {"password": password}
    with pytest.raises(BadRequestError) as caught:
        client.files.upload(file=("locked.pdf", locked), **given)
    assert caught.value.body["code"] == "PASSWORD_PROTECTED_FILE"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.pdf", b"", "CORRUPT_FILE"),
        ("broken.pdf", PDF[:200], "CORRUPT_FILE"),
        ("misnamed.pdf", b"PK\x03\x04 not a pdf", "CORRUPT_FILE"),
        ("misnamed.png", PDF[5:], "CORRUPT_FILE"),
        ("broken.png", b"\x89PNG\r\n\x1a\n" + b"x" * 100, "CORRUPT_FILE"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    client: Extend, name: str, content: bytes, code: str
) -> None:
    before = {file.id for file in client.files.list(max_page_size=1000).data}
    with pytest.raises(BadRequestError) as caught:
        client.files.upload(file=(name, content))
    assert caught.value.body["code"] == code
    assert caught.value.body["retryable"] is False
    # Where the server keeps its files is nobody's business.
    assert "/" not in caught.value.body["message"]
    assert {file.id for file in client.files.list(max_page_size=1000).data} == before


def test_a_misnamed_pdf_is_taken_for_what_it_is(client: Extend) -> None:
    assert client.files.upload(file=("scan.txt", PDF)).type == "PDF"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", b"plain text", "TXT"),
        ("a.csv", b"a,b\n1,2\n", "CSV"),
        ("a.xml", b"<a><b>1</b></a>", "XML"),
        ("a.html", b"<!doctype html><p>x</p>", "HTML"),
        ("a.unknown", b"\x00\x01\x02\x03", None),
    ],
)
def test_kinds_are_told_apart(client: Extend, name: str, content: bytes, kind: str | None) -> None:
    file = client.files.upload(file=(name, content))
    assert file.type == kind
    assert file.metadata.page_count is None


def test_a_large_file_is_streamed(raw: httpx.Client) -> None:
    # Larger than any body of JSON may be: uploads have a limit of their own.
    content = b"x" * (6 << 20)
    body = form(("file", '; filename="large.txt"', content))
    answer = send(raw, in_pieces(body, 65536))
    assert answer.status_code == 200


def test_a_file_over_the_limit_is_refused_as_it_arrives(raw: httpx.Client) -> None:
    body = form(("file", '; filename="huge.txt"', b"x" * (9 << 20)))
    answer = send(raw, in_pieces(body, 65536))
    assert answer.status_code == 400
    assert answer.json()["code"] == "FILE_SIZE_TOO_LARGE"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([("other", '; filename="a.pdf"', PDF)], "no part 'file'"),
        ([("file", "", PDF), ("file", "", PDF)], "more than one"),
        ([("password", "", b"x" * 5000), ("file", "", PDF)], "too long"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(
    raw: httpx.Client, parts: list[tuple[str, str, bytes]], message: str
) -> None:
    answer = send(raw, form(*parts))
    assert answer.status_code == 400
    assert message in answer.json()["message"]


def test_a_form_that_breaks_off_is_refused(raw: httpx.Client) -> None:
    answer = send(raw, form(("file", "", PDF))[:-60])
    assert answer.status_code == 400
    assert "breaks off" in answer.json()["message"]


def test_a_boundary_that_is_too_long_is_refused(raw: httpx.Client) -> None:
    headers = {"Content-Type": f"multipart/form-data; boundary={'b' * 257}"}
    answer = raw.post("/files/upload", content=b"", headers=headers)
    assert answer.status_code == 400
    assert "cannot be read" in answer.json()["message"]


def test_an_upload_must_be_a_form(raw: httpx.Client) -> None:
    answer = raw.post("/files/upload", json={"file": "x"})
    assert answer.status_code == 415
    assert answer.json()["retryable"] is False


def test_only_one_file_has_a_link_and_it_works_without_a_key(
    client: Extend, server: Server
) -> None:
    file = client.files.upload(file=("link äö.pdf", PDF))
    assert file.presigned_url is None
    link = client.files.retrieve(file.id).presigned_url
    assert link.startswith(f"{server.url}/files/")
    answer = httpx.get(link)
    assert answer.content == PDF
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]


def test_an_altered_link_opens_nothing(client: Extend) -> None:
    file = client.files.upload(file=("link.pdf", PDF))
    link = client.files.retrieve(file.id).presigned_url
    assert httpx.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 401
    assert httpx.get(link.replace("expires=", "expires=9")).status_code == 401


def test_a_link_below_a_prefix_keeps_the_prefix(server: Server) -> None:
    with httpx.Client() as http:
        base = f"{server.url}/extend/"
        prefixed = Extend(token=server.key, base_url=base, httpx_client=http)
        file = prefixed.files.upload(file=("prefix.pdf", PDF))
        link = prefixed.files.retrieve(file.id).presigned_url
    assert link.startswith(f"{server.url}/extend/files/")
    assert httpx.get(link).content == PDF


def test_files_are_listed_by_name_to_the_end(client: Extend) -> None:
    mark = os.urandom(4).hex()
    made = [client.files.upload(file=(f"{mark}-100%_{n}.txt", b"x")).id for n in range(5)]
    client.files.upload(file=(f"{mark}-1000_9.txt", b"x"))
    listed = every(client.files.list, name_contains=f"{mark.upper()}-100%_", max_page_size=2)
    assert [file.id for file in listed] == made[::-1]
    upward = every(client.files.list, name_contains=f"{mark}-100%_", sort_dir="asc")
    assert [file.id for file in upward] == made


def test_a_deleted_file_is_gone(client: Extend, upload: Callable[..., str]) -> None:
    file_id = upload(make_pdf([["gone"]]))
    assert client.files.delete(file_id).id == file_id
    for use in (client.files.retrieve, client.files.delete):
        with pytest.raises(NotFoundError):
            use(file_id)


def test_the_deprecated_parameters_are_accepted(client: Extend, upload: Callable[..., str]) -> None:
    file = client.files.retrieve(upload(PDF), raw_text=True, markdown=True, html=False)
    assert file.contents is None
