"""Workspaces: what another one has does not exist, and organization keys name where they act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from extend_ai import Extend
from extend_ai.errors import BadRequestError, ForbiddenError, NotFoundError
from tests.dialects.extend.conftest import Server
from tests.dialects.extend.polling import evaluated
from tests.dialects.extend.samples import Invoice


@pytest.fixture(scope="module")
def stranger(server: Server) -> Iterator[httpx.Client]:
    """A client with a good key of another workspace."""
    headers = server.headers(server.other_key)
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as http:
        yield http


@pytest.fixture(scope="module")
def owned(client: Extend, extractor: Any, upload: Callable[..., str]) -> dict[str, str]:
    """One object of each kind, by the path that reads it."""
    file_id = upload(Invoice(number="T-1").pdf(), "tenant.pdf")
    created = client.evaluation_sets.create(name="t", entity_id=extractor.id)
    truth = {"value": {"invoice_number": "T-1"}}
    item = client.evaluation_set_items.create(
        created.id, items=[{"file_id": file_id, "expected_output": truth}]
    ).evaluation_set_items[0]
    run = evaluated(client, created.id)
    child = client.extract_runs.list(batch_id=run.id).data[0]
    version = client.extractor_versions.create(extractor.id, release_type="major")
    return {
        f"/evaluation_sets/{created.id}": f"/evaluation_sets/{_other(created.id)}",
        f"/evaluation_sets/{created.id}/items": f"/evaluation_sets/{_other(created.id)}/items",
        f"/evaluation_sets/{created.id}/items/{item.id}": (
            f"/evaluation_sets/{_other(created.id)}/items/{_other(item.id)}"
        ),
        f"/evaluation_set_runs/{run.id}": f"/evaluation_set_runs/{_other(run.id)}",
        f"/extractors/{extractor.id}": f"/extractors/{_other(extractor.id)}",
        f"/extractors/{extractor.id}/versions": f"/extractors/{_other(extractor.id)}/versions",
        f"/extractors/{extractor.id}/versions/{version.id}": (
            f"/extractors/{_other(extractor.id)}/versions/{_other(version.id)}"
        ),
        f"/files/{file_id}": f"/files/{_other(file_id)}",
        f"/extract_runs/{child.id}": f"/extract_runs/{_other(child.id)}",
        f"/batch_runs/{run.id}": f"/batch_runs/{_other(run.id)}",
        f"/batch_processor_runs/{run.id}": f"/batch_processor_runs/{_other(run.id)}",
    }


def _other(public_id: str) -> str:
    """An id of the same form that nobody has."""
    return public_id[:-1] + ("0" if public_id[-1] != "0" else "1")


def _without_request_id(answer: httpx.Response) -> bytes:
    request_id: str = answer.json()["requestId"]
    return answer.content.replace(request_id.encode(), b"")


def test_owners_read_what_they_own(raw: httpx.Client, owned: dict[str, str]) -> None:
    assert {raw.get(path).status_code for path in owned} == {200}


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_another_tenants_id_answers_like_an_unknown_one(
    stranger: httpx.Client, owned: dict[str, str], method: str
) -> None:
    for path, unknown in owned.items():
        theirs, nobodys = stranger.request(method, path), stranger.request(method, unknown)
        assert theirs.status_code == nobodys.status_code, path
        assert theirs.status_code in (404, 405), path
        assert _without_request_id(theirs) == _without_request_id(nobodys), path


def test_another_tenants_ids_in_bodies_are_unknown(
    stranger: httpx.Client, owned: dict[str, str]
) -> None:
    ids = {path.split("/")[1]: path.split("/")[2] for path in owned}
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("/evaluation_sets", {"name": "x", "entityId": ids["extractors"]}),
        ("/evaluation_set_runs", {"evaluationSetId": ids["evaluation_sets"]}),
        ("/extractors", {"name": "x", "cloneExtractorId": ids["extractors"]}),
        ("/extractors", {"name": "x", "generate": {"files": [{"id": ids["files"]}]}}),
        ("/extract_runs", {"extractor": {"id": ids["extractors"]}, "file": {"text": "x"}}),
        (f"/extractors/{ids['extractors']}", {"name": "stolen"}),
        (f"/extractors/{ids['extractors']}/versions", {"releaseType": "major"}),
        (f"/extract_runs/{ids['extract_runs']}/cancel", {}),
    ]
    for path, body in attempts:
        assert stranger.post(path, json=body).status_code == 404, path


def test_lists_show_only_the_own_workspace(
    raw: httpx.Client, stranger: httpx.Client, owned: dict[str, str]
) -> None:
    for path in ("evaluation_sets", "extractors", "files", "extract_runs"):
        assert raw.get(f"/{path}").json()["data"], path
        mine = {row["id"] for row in stranger.get(f"/{path}?maxPageSize=1000").json()["data"]}
        assert not any(public_id in path for public_id in mine for path in owned), path
    batch = next(path.split("/")[-1] for path in owned if path.startswith("/batch_runs/"))
    assert stranger.get(f"/extract_runs?batchId={batch}").json()["data"] == []


@pytest.fixture
def organization(server: Server) -> Iterator[Extend]:
    """A client with an organization key and no workspace of its own."""
    with httpx.Client() as http:
        yield Extend(token=server.organization_key, base_url=server.url, httpx_client=http)


def test_an_organization_key_names_its_workspace(
    organization: Extend, client: Extend, server: Server, extractor: Any
) -> None:
    first, second = server.workspace_id, server.other_workspace_id
    found = organization.extractors.retrieve(extractor.id, extend_workspace_id=first)
    assert found.id == extractor.id
    with pytest.raises(NotFoundError):
        organization.extractors.retrieve(extractor.id, extend_workspace_id=second)
    with pytest.raises(BadRequestError):
        organization.extractors.retrieve(extractor.id)
    with pytest.raises(NotFoundError):
        organization.extractors.list(extend_workspace_id="ws_000000000000000000000")


def test_creating_calls_take_the_workspace_as_a_header(
    organization: Extend, client: Extend, server: Server
) -> None:
    headers = {"x-extend-workspace-id": server.workspace_id}
    made = organization.extractors.create(
        name="by organization", request_options={"additional_headers": headers}
    )
    assert client.extractors.retrieve(made.id).name == "by organization"


@pytest.mark.parametrize("workspace", ["other", "ws_nonsense"])
def test_a_workspace_key_acts_in_its_own_workspace(
    client: Extend, server: Server, workspace: str
) -> None:
    named = server.other_workspace_id if workspace == "other" else workspace
    with pytest.raises(ForbiddenError) as caught:
        client.extractors.list(extend_workspace_id=named)
    assert caught.value.body.code == "FORBIDDEN"
    assert client.extractors.list(extend_workspace_id=server.workspace_id).object == "list"
