"""What raw clients can do wrong: keys, versions, paths, bodies, parameters; and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.dialects.extend.conftest import VERSION, Server

CODES = {
    400: "INVALID_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "REQUEST_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}


def refused(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The error body, after checking that it is a proper one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body: dict[str, Any] = answer.json()
    assert set(body) == {"code", "message", "retryable", "requestId"}
    assert body["code"] == CODES[status]
    assert body["retryable"] is False
    assert body["requestId"].startswith("req_")
    assert answer.headers["x-extend-request-id"] == body["requestId"]
    assert body["message"].strip()
    return body


@pytest.fixture
def bare(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as http:
        yield http


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer nonsense", "Basic eDp5", "ключ".encode()]
)
def test_a_request_without_a_good_key_is_unauthorized(
    bare: httpx.Client, header: str | bytes | None
) -> None:
    headers: dict[str, Any] = {} if header is None else {"Authorization": header}
    refused(bare.get("/evaluation_sets", headers=headers), 401)


@pytest.mark.parametrize("path", ["/evaluation_sets", "/files/none/at/all", "/extend/nowhere"])
def test_the_key_is_looked_at_before_anything_else(bare: httpx.Client, path: str) -> None:
    refused(bare.post(path, content=b"{", headers={"x-extend-api-version": "1999"}), 401)


@pytest.mark.parametrize("version", [None, "", "2025-04-21", "latest"])
@pytest.mark.parametrize("path", ["/evaluation_sets", "/evaluation_sets/x/y/z"])
def test_the_version_is_looked_at_before_the_path(
    bare: httpx.Client, server: Server, version: str | None, path: str
) -> None:
    headers = {"Authorization": f"Bearer {server.key}"}
    if version is not None:
        headers["x-extend-api-version"] = version
    assert VERSION in refused(bare.get(path, headers=headers), 400)["message"]


@pytest.mark.parametrize("path", ["/evaluation_sets/", "/evaluation_sets/a/b/c", "/extend/nowhere"])
def test_an_unknown_path_is_not_found(raw: httpx.Client, path: str) -> None:
    refused(raw.get(path), 404)


@pytest.mark.parametrize("joined", ["//extractors", "/extend//extractors", "//extend/extractors"])
def test_a_base_url_may_end_in_a_slash(server: Server, joined: str) -> None:
    # Put together as text: httpx would take what follows two slashes for a host.
    answer = httpx.get(server.url + joined, headers=server.headers())
    assert answer.json()["object"] == "list"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/evaluation_sets"),
        ("DELETE", "/evaluation_sets/ev_1"),
        ("PUT", "/extractors/ex_1"),
        ("GET", "/evaluation_set_runs"),
        ("DELETE", "/evaluation_set_runs/bpr_1"),
        ("POST", "/batch_runs/bpr_1"),
    ],
)
def test_a_wrong_method_is_not_allowed(raw: httpx.Client, method: str, path: str) -> None:
    refused(raw.request(method, path), 405)


IDS = [
    "ev_000000000000000000000",
    "ev_1",
    "x",
    "bpr_Xj8mK2pL9nR4vT7qY5wZa",
    "..%2f",
    "é",
    "a" * 300,
]


@pytest.mark.parametrize("unknown", IDS)
@pytest.mark.parametrize(
    "path",
    [
        "/evaluation_sets/{}",
        "/evaluation_sets/{}/items",
        "/evaluation_set_runs/{}",
        "/extractors/{}",
        "/classifiers/{}/versions",
        "/splitters/{}/versions/draft",
        "/files/{}",
        "/extract_runs/{}",
        "/classify_runs/{}",
        "/batch_runs/{}",
        "/batch_processor_runs/{}",
    ],
)
def test_an_unknown_id_is_not_found(raw: httpx.Client, path: str, unknown: str) -> None:
    refused(raw.get(path.format(unknown)), 404)


def test_an_id_of_another_kind_is_not_found(raw: httpx.Client, extractor: Any) -> None:
    tail = extractor.id.removeprefix("ex_")
    for path in ("/extractors/{}", "/classifiers/cl_{}", "/files/file_{}", "/batch_runs/bpr_{}"):
        refused(raw.get(path.format(tail)), 404)


MALFORMED = [
    b"",
    b"{",
    b"not json",
    b'{"name": "x",}',
    b'{"name": NaN}',
    b'{"name": "\xff\xfe"}',
    b'{"name": "\\ud800"}',
    b'\xef\xbb\xbf{"name": "x"}',
    b'{"name": "x"} trailing',
    b'{"name": 1e999}',
    b"[" * 100_000,
    b'{"config":' * 3000 + b"1" + b"}" * 3000,
]


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_a_body_that_is_no_json_is_refused(raw: httpx.Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    refused(raw.post("/extractors", content=body, headers=headers), 400)


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_a_body_that_is_no_object_is_refused(raw: httpx.Client, body: bytes) -> None:
    answer = raw.post("/extractors", content=body, headers={"Content-Type": "application/json"})
    assert "object" in refused(answer, 400)["message"]


def test_a_body_nested_too_deep_is_refused(raw: httpx.Client) -> None:
    inner = b'{"a":' * 200 + b"1" + b"}" * 200
    body = b'{"name":"deep","config":{"parseConfig":' + inner + b"}}"
    answer = raw.post("/extractors", content=body, headers={"Content-Type": "application/json"})
    assert "levels" in refused(answer, 400)["message"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_body_of_another_type_is_refused(raw: httpx.Client, kind: str) -> None:
    answer = raw.post("/extractors", content=b'{"name":"x"}', headers={"Content-Type": kind})
    refused(answer, 415)


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "Application/JSON", None]
)
def test_json_goes_by_all_its_names(raw: httpx.Client, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    assert raw.post("/extractors", content=b'{"name":"x"}', headers=headers).status_code == 200


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_over_the_limit_is_refused(raw: httpx.Client, chunked: bool) -> None:
    body = b'{"name":"' + b"x" * (5 << 20) + b'"}'
    content = iter([body[:1000], body[1000:]]) if chunked else body
    answer = raw.post("/extractors", content=content, headers={"Content-Type": "application/json"})
    refused(answer, 413)


def test_great_numbers_and_doubled_keys_are_kept(raw: httpx.Client) -> None:
    body = b'{"name":"old","name":"new","config":{"someday":123456789012345678901234567890}}'
    answer = raw.post("/extractors", content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["name"] == "new"
    assert answer.json()["draftVersion"]["config"]["someday"] == 123456789012345678901234567890


@pytest.mark.parametrize(
    ("path", "body", "member"),
    [
        ("/evaluation_sets", {"name": "x"}, "entityId"),
        ("/evaluation_sets", {"entityId": "ex_1"}, "name"),
        ("/evaluation_sets", {"name": "x", "entityId": 5}, "entityId"),
        ("/evaluation_sets", {"name": "x", "entityId": "ex_1", "description": []}, "description"),
        ("/evaluation_set_runs", {}, "evaluationSetId"),
        ("/evaluation_set_runs", {"evaluationSetId": "ev_1", "entity": {}}, "entity.id"),
        ("/evaluation_set_runs", {"evaluationSetId": "ev_1", "entity": "ex_1"}, "entity"),
        (
            "/evaluation_set_runs",
            {"evaluationSetId": "ev_1", "entity": {"id": "ex_1", "version": 1}},
            "entity.version",
        ),
        (
            "/evaluation_set_runs",
            {"evaluationSetId": "ev_1", "evaluationSetItemIds": "evi_1"},
            "evaluationSetItemIds",
        ),
        (
            "/evaluation_set_runs",
            {"evaluationSetId": "ev_1", "options": {"excludeFields": [1]}},
            "options.excludeFields[...]",
        ),
        ("/extractors/ex_1/versions", {"releaseType": "patch"}, "releaseType"),
        ("/extractors/ex_1/versions", {}, "releaseType"),
        ("/extract_runs/batch", {"inputs": [{"file": {"id": 1}}]}, "inputs[...].file.id"),
        ("/extractors", {"name": "x", "generate": {"files": []}}, "generate.files"),
    ],
)
def test_a_member_at_fault_is_named(
    raw: httpx.Client, path: str, body: dict[str, Any], member: str
) -> None:
    message = refused(raw.post(path, json=body), 400)["message"]
    assert f"'{member}'" in message.replace("[0]", "[...]")


@pytest.mark.parametrize(
    "body",
    [
        {"evaluationSetId": "ev_000000000000000000000"},
        {"evaluationSetId": "nonsense"},
        {"evaluationSetId": "ev_1", "entity": {"id": "ex_1"}},
    ],
)
def test_a_run_of_nothing_is_not_found(raw: httpx.Client, body: dict[str, Any]) -> None:
    refused(raw.post("/evaluation_set_runs", json=body), 404)


@pytest.mark.parametrize(
    "query",
    [
        "maxPageSize=0",
        "maxPageSize=1001",
        "maxPageSize=ten",
        "maxPageSize=",
        "sortBy=name",
        "sortBy=updated_at",
        "sortDir=up",
        "nextPageToken=nonsense",
        "nextPageToken=",
        "nextPageToken=W10%3D",
        "nextPageToken=WzEsMSwxLDEsMSwxXQ%3D%3D",
        "entityId=a%00b",
    ],
)
def test_a_list_parameter_that_makes_no_sense_is_refused(raw: httpx.Client, query: str) -> None:
    refused(raw.get(f"/evaluation_sets?{query}"), 400)


@pytest.mark.parametrize("query", ["files?nameContains=", "extract_runs?fileNameContains="])
def test_a_part_longer_than_any_name_is_refused(raw: httpx.Client, query: str) -> None:
    assert raw.get(f"/{query}{'a' * 255}").status_code == 200
    refused(raw.get(f"/{query}{'a' * 50_001}"), 400)


def test_unknown_members_and_parameters_are_ignored(raw: httpx.Client) -> None:
    answer = raw.post("/extractors?whatever=1", json={"name": "x", "unheardOf": {"a": 1}})
    assert answer.status_code == 200
    assert "unheardOf" not in answer.json()


def test_a_body_on_a_get_is_ignored(raw: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    answer = raw.request("GET", "/extractors", content=b"", headers=headers)
    assert answer.status_code == 200


def test_a_viewer_reads_and_does_not_write(server: Server) -> None:
    with httpx.Client(base_url=server.url, headers=server.headers(server.viewer_key)) as viewer:
        assert viewer.get("/extractors").status_code == 200
        refused(viewer.post("/extractors", json={"name": "x"}), 403)
        files = {"file": ("a.txt", b"x")}
        refused(viewer.post("/files/upload", files=files), 403)


def test_success_is_always_a_json_object_with_a_request_id(raw: httpx.Client) -> None:
    answer = raw.post("/extractors", json={"name": "x"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-extend-request-id"].startswith("req_")
    assert answer.json()["createdAt"].endswith("Z")
