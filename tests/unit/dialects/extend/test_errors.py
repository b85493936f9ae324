"""What every error of the core becomes on the wire, whatever part of the server raised it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from evaluand import errors
from evaluand.dialects import DialectSettings
from evaluand.dialects.extend import DIALECT
from evaluand.dialects.extend.errors import TABLE, wire_of
from evaluand.domain.model import Author, Principal, Role
from evaluand.services import Services

PRINCIPAL = Principal(workspace=1, author=Author(kind="api_key", name="k"), role=Role.ADMIN)
HEADERS = {"Authorization": "Bearer x", "x-extend-api-version": "2026-02-09"}
# 409 and everything from 500 on is repeated by the SDK.
REPEATED = {errors.Unavailable, errors.EvaluandError}


class Breaking:
    """A service of which every use fails in the same way."""

    def __init__(self, problem: Exception) -> None:
        self._problem = problem

    def page(self, *_: object, **__: object) -> Any:
        raise self._problem


def ask(problem: Exception) -> httpx.Response:
    """The answer to a request that meets ``problem``."""
    access = SimpleNamespace(authenticate=lambda *_: PRINCIPAL)
    services = SimpleNamespace(access=access, sets=Breaking(problem))
    app = DIALECT.build(cast(Services, services), DialectSettings(max_body_bytes=1000))

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/evaluation_sets", headers=HEADERS)

    return asyncio.run(send())


def kinds(root: type[errors.EvaluandError] = errors.EvaluandError) -> Iterator[Any]:
    """All error classes there are."""
    yield root
    for kind in root.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield from kinds(kind)


@pytest.mark.parametrize("kind", sorted(set(kinds()), key=lambda kind: kind.__name__))
def test_every_error_goes_out_in_the_vendors_shape(kind: type[errors.EvaluandError]) -> None:
    answer = ask(kind("what to do"))
    status, code = wire_of(kind)
    assert answer.status_code == status
    body = answer.json()
    assert body["code"] == code
    assert body["message"] == "what to do"
    assert body["requestId"] == answer.headers["x-extend-request-id"]
    assert body["retryable"] is (kind.retryable or status >= 500)


@pytest.mark.parametrize(
    ("kind", "status", "code", "retryable"),
    [
        (errors.BudgetExceeded, 402, "USAGE_BLOCKED", False),
        (errors.Overloaded, 429, "RATE_LIMIT_EXCEEDED", True),
        (errors.InvalidConfig, 400, "INVALID_REQUEST", False),
        (errors.MissingExtra, 422, "UNPROCESSABLE_ENTITY", False),
        (errors.ReadingStopped, 422, "UNPROCESSABLE_ENTITY", False),
    ],
)
def test_statuses_that_a_healthy_server_seldom_sends(
    kind: type[errors.EvaluandError], status: int, code: str, retryable: bool
) -> None:
    answer = ask(kind("x"))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["retryable"] is retryable


def test_nothing_permanent_has_a_status_that_clients_repeat() -> None:
    for kind, wire in TABLE.items():
        if kind not in REPEATED:
            assert wire.status < 500, kind
        assert wire.status != 409, kind


def test_an_unexpected_error_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = ask(ZeroDivisionError("password=hunter2"))
    assert answer.status_code == 500
    body = answer.json()
    assert (body["code"], body["retryable"]) == ("INTERNAL_ERROR", True)
    assert "hunter2" not in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert body["requestId"] in caplog.text
    assert "hunter2" in caplog.text
