"""How endpoints describe themselves in the OpenAPI document, and how that document is made."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from evaluand.dialects.extend import errors, gate, run_views, views, wire
from evaluand.dialects.extend.words import API_VERSION

_REF = "#/components/schemas/{name}"
_ERRORS = {
    400: "The request cannot be understood, contradicts itself, or names another API version.",
    401: "The API key is missing or unknown.",
    402: "The workspace's budget would be exceeded.",
    403: "The key may not do this.",
    404: "Something the request names does not exist for this key.",
    422: "Well formed, but it cannot be carried out.",
    429: "Too much at once; try again later.",
    500: "Something went wrong on the server.",
}
_ABOUT = """\
Evaluation sets, runs and document processors over the wire protocol of Extend, version 2026-02-09.
Point the official SDK at this server by its base URL. Every body, success or error, is a JSON
object; errors have `code`, `message`, `retryable` and `requestId`.
"""


def documented(
    summary: str,
    *,
    answer: Any,
    example: Mapping[str, Any],
    body: Any = None,
    body_example: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Arguments of a route that has msgspec types, which the framework cannot read by itself."""
    arguments: dict[str, Any] = {
        "summary": summary,
        "responses": {
            200: {"description": "Success", "content": _json(answer, example)},
            **{status: _error(status, text) for status, text in _ERRORS.items()},
        },
    }
    if body is not None:
        content = _json(body, body_example or {})
        arguments["openapi_extra"] = {"requestBody": {"required": True, "content": content}}
    return arguments


def install(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Makes the application serve the whole document, with the types of bodies in it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, routers)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI, routers: Sequence[APIRouter]) -> dict[str, Any]:
    document = get_openapi(
        title="Evaluand: Extend dialect",
        version=API_VERSION,
        description=_ABOUT,
        routes=app.routes,
    )
    types = [errors.ErrorBody, *_structs(views), *_structs(run_views), *_structs(wire)]
    _, components = msgspec.json.schema_components(types, ref_template=_REF)
    parts = document.setdefault("components", {})
    parts.setdefault("schemas", {}).update(components)
    parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    _restore_examples(document, routers)
    document["security"] = [{"key": []}]
    for path in document["paths"].values():
        for operation in path.values():
            operation.setdefault("parameters", []).extend(_HEADERS)
    return document


def _restore_examples(document: dict[str, Any], routers: Sequence[APIRouter]) -> None:
    """Puts back the nulls that the framework drops from examples."""
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                operation = document["paths"][route.path_format][method.lower()]
                operation["responses"]["200"] |= route.responses.get(200, {})


_HEADERS = [
    {
        "name": gate.VERSION_HEADER,
        "in": "header",
        "required": True,
        "schema": {"type": "string", "enum": [API_VERSION]},
    },
    {
        "name": gate.WORKSPACE_HEADER,
        "in": "header",
        "required": False,
        "description": "The workspace to act in; required with an organization key.",
        "schema": {"type": "string"},
    },
]


def _structs(module: ModuleType) -> list[type[msgspec.Struct]]:
    found = inspect.getmembers(module, inspect.isclass)
    own = [kind for _, kind in found if kind.__module__ == module.__name__]
    return [kind for kind in own if issubclass(kind, msgspec.Struct) and _is_concrete(kind)]


def _is_concrete(kind: type[msgspec.Struct]) -> bool:
    return bool(kind.__struct_fields__) and not getattr(kind, "__parameters__", ())


def _json(kind: Any, example: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": _schema(kind), "example": example}}


def _schema(kind: Any) -> dict[str, Any]:
    origin = getattr(kind, "__origin__", None)
    if origin is views.ListView:
        return {
            "type": "object",
            "properties": {
                "object": {"const": "list"},
                "data": {"type": "array", "items": _schema(kind.__args__[0])},
                "nextPageToken": {"type": ["string", "null"]},
            },
        }
    return {"$ref": _REF.format(name=kind.__name__)}


def _error(status: int, text: str) -> dict[str, Any]:
    code = next(wire.code for wire in errors.TABLE.values() if wire.status == status)
    example = {
        "code": code,
        "message": text,
        "retryable": status in (429, 500),
        "requestId": "req_7Qm2cV9xT4bLk1Zs8RwYd",
    }
    return {"description": text, "content": _json(errors.ErrorBody, example)}
