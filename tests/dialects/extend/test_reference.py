"""The OpenAPI document: every endpoint of the contract, described, with examples that are true."""

from __future__ import annotations

from typing import Any

import httpx
import jsonschema_rs
import pytest
from tests.dialects.extend.conftest import Server

PROCESSORS = ("extractors", "classifiers", "splitters")
RUNS = ("extract_runs", "classify_runs", "split_runs")
ENDPOINTS = {
    ("get", "/evaluation_sets"),
    ("post", "/evaluation_sets"),
    ("get", "/evaluation_sets/{id}"),
    ("get", "/evaluation_sets/{set_id}/items"),
    ("post", "/evaluation_sets/{set_id}/items"),
    ("get", "/evaluation_sets/{set_id}/items/{item_id}"),
    ("post", "/evaluation_sets/{set_id}/items/{item_id}"),
    ("delete", "/evaluation_sets/{set_id}/items/{item_id}"),
    ("post", "/evaluation_set_runs"),
    ("get", "/evaluation_set_runs/{id}"),
    ("post", "/files/upload"),
    ("get", "/files"),
    ("get", "/files/{id}"),
    ("delete", "/files/{id}"),
    ("get", "/batch_runs/{id}"),
    ("get", "/batch_processor_runs/{id}"),
    *(("get", f"/{name}") for name in (*PROCESSORS, *RUNS)),
    *(("post", f"/{name}") for name in (*PROCESSORS, *RUNS)),
    *(("get", f"/{name}/{{id}}") for name in (*PROCESSORS, *RUNS)),
    *(("post", f"/{name}/{{id}}") for name in PROCESSORS),
    *(("get", f"/{name}/{{id}}/versions") for name in PROCESSORS),
    *(("post", f"/{name}/{{id}}/versions") for name in PROCESSORS),
    *(("get", f"/{name}/{{id}}/versions/{{version_id}}") for name in PROCESSORS),
    *(("delete", f"/{name}/{{id}}") for name in RUNS),
    *(("post", f"/{name}/{{id}}/cancel") for name in RUNS),
    *(("post", f"/{name}/batch") for name in RUNS),
}


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}/extend/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_endpoint_of_the_contract_is_there_and_no_other(document: dict[str, Any]) -> None:
    assert set(operations(document)) == ENDPOINTS


def test_every_endpoint_is_described(document: dict[str, Any]) -> None:
    for place, operation in operations(document).items():
        assert operation["summary"], place
        assert operation["description"], place
        assert operation["tags"], place
        assert {"400", "401", "402", "403", "404", "422", "429", "500"} <= set(
            operation["responses"]
        ), place
        content = operation["responses"]["200"]["content"]["application/json"]
        assert content["example"], place
        assert content["schema"], place


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(ids)) == len(ids)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def references(node: Any) -> Any:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for inner in node.values():
                yield from references(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from references(inner)

    found = set(references(document))
    assert found
    assert {name.rsplit("/", 1)[-1] for name in found} <= set(schemas)


def test_examples_have_the_shape_of_their_schemas(document: dict[str, Any]) -> None:
    for place, operation in operations(document).items():
        bodies = [operation["responses"]["200"], operation.get("requestBody", {})]
        for body in bodies:
            content = body.get("content", {}).get("application/json")
            if content is None:
                continue
            schema = {**content["schema"], "components": document["components"]}
            errors = [e.message for e in jsonschema_rs.iter_errors(schema, content["example"])]
            assert errors == [], place
