"""The SDK in other ways: asynchronous, below a prefix, repeating what failed, with raw answers."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from extend_ai import AsyncExtend, Extend
from extend_ai.core.api_error import ApiError
from extend_ai.errors import NotFoundError, UnauthorizedError
from tests.dialects.extend.conftest import Server
from tests.dialects.extend.polling import FINAL
from tests.dialects.extend.samples import INVOICE_CONFIG, Invoice


class Unreliable(httpx.BaseTransport):
    """A line on which the first tries of every request fail before they reach the server."""

    def __init__(self, failures: int) -> None:
        self._line = httpx.HTTPTransport()
        self._left = failures

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._left:
            self._left -= 1
            request.read()
            return httpx.Response(503, headers={"Retry-After": "0.05"}, json={})
        return self._line.handle_request(request)

    def close(self) -> None:
        self._line.close()


async def _evaluate(server: Server) -> float:
    async with httpx.AsyncClient() as http:
        client = AsyncExtend(token=server.key, base_url=f"{server.url}/extend", httpx_client=http)
        owner = await client.extractors.create(name="async", config=INVOICE_CONFIG)
        file = await client.files.upload(file=("a.pdf", Invoice(number="A-1").pdf()))
        created = await client.evaluation_sets.create(name="async", entity_id=owner.id)
        truth = {"value": {"invoice_number": "A-1"}}
        await client.evaluation_set_items.create(
            created.id, items=[{"file_id": file.id, "expected_output": truth}]
        )
        run = await client.evaluation_set_runs.create(evaluation_set_id=created.id)
        while run.status not in FINAL:
            await asyncio.sleep(0.1)
            run = await client.evaluation_set_runs.retrieve(run.id)
        accuracy: float = run.metrics.accuracy
        return accuracy


def test_the_asynchronous_client_evaluates_below_a_prefix(server: Server) -> None:
    assert asyncio.run(_evaluate(server)) == 1


@pytest.mark.parametrize("base", ["{}", "{}/", "{}/extend", "{}/extend/"])
def test_every_form_of_base_url_works(server: Server, base: str) -> None:
    with httpx.Client() as http:
        client = Extend(token=server.key, base_url=base.format(server.url), httpx_client=http)
        made = client.extractors.create(name="base")
        assert client.extractors.retrieve(made.id) == made


def test_a_repeated_request_is_answered_once(server: Server) -> None:
    with httpx.Client(transport=Unreliable(2)) as http:
        client = Extend(token=server.key, base_url=server.url, httpx_client=http)
        made = client.extractors.create(name="repeated once")
        named = [row.id for row in client.extractors.list().data if row.name == "repeated once"]
        assert named == [made.id]


def test_a_permanent_refusal_is_not_repeated(server: Server) -> None:
    tries = []
    hooks = {"response": [lambda response: tries.append(response.status_code)]}
    with httpx.Client(event_hooks=hooks) as http:
        client = Extend(token=server.key, base_url=server.url, httpx_client=http)
        with pytest.raises(NotFoundError):
            client.extractors.retrieve("ex_1")
        with pytest.raises(ApiError):
            client.evaluation_set_runs.create(evaluation_set_id="ev_1")
    assert tries == [404, 404]


def test_errors_carry_what_support_asks_for(server: Server) -> None:
    with httpx.Client() as http:
        client = Extend(token="sk_wrong", base_url=server.url, httpx_client=http)
        with pytest.raises(UnauthorizedError) as caught:
            client.evaluation_sets.list()
    error = caught.value
    assert error.status_code == 401
    assert error.body["code"] == "UNAUTHORIZED"
    assert error.headers["x-extend-request-id"] == error.body["requestId"]


def test_raw_answers_have_headers_and_data(client: Extend) -> None:
    answer = client.extractors.with_raw_response.list(max_page_size=1)
    assert answer.headers["x-extend-request-id"].startswith("req_")
    assert answer.data.object == "list"
