"""Usage as reported, cost as published or declared, and None for whatever is not known."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.models.prices import CallUsage, measure, meter
from evaluand.models.providers import Price, Provider, Providers
from evaluand.ports import Request, Response

OPENAI = Provider(name="openai", base_url="https://api.openai.com/v1")
LOCAL = Provider(
    name="local",
    base_url="http://localhost:1/v1",
    prices={"m": Price(input_usd=2.0, output_usd=10.0)},
)


def answer(**members: Any) -> Response:
    return Response(status=200, body=json.dumps({"choices": [], **members}).encode())


def usage(tokens_in: Any, tokens_out: Any, **more: Any) -> dict[str, Any]:
    return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, **more}


def test_a_declared_price_applies_to_its_model() -> None:
    found = measure(LOCAL, "m", answer(usage=usage(1_000_000, 500_000)))

    assert found == CallUsage(input_tokens=1_000_000, output_tokens=500_000, cost_usd=7.0)


def test_published_prices_apply_to_providers_known_by_address() -> None:
    found = measure(OPENAI, "gpt-4o", answer(usage=usage(1_000, 100)))

    assert found.cost_usd == pytest.approx(1_000 * 2.5e-6 + 100 * 10e-6)


def test_tokens_read_from_the_cache_are_cheaper() -> None:
    cached = usage(1_000, 100, prompt_tokens_details={"cached_tokens": 800})

    whole = measure(OPENAI, "gpt-4o", answer(usage=usage(1_000, 100))).cost_usd
    part = measure(OPENAI, "gpt-4o", answer(usage=cached)).cost_usd

    assert whole is not None
    assert part is not None
    assert part < whole


def test_the_model_that_served_decides_over_the_one_asked_for() -> None:
    served = answer(usage=usage(1_000_000, 0), model="gpt-4o-mini-2024-07-18")

    assert measure(OPENAI, "gpt-4o", served).cost_usd == pytest.approx(0.15)


def test_an_unknown_model_or_provider_has_no_price_but_tokens() -> None:
    for provider, model in ((OPENAI, "never-heard-of"), (LOCAL, "gpt-4o")):
        found = measure(provider, model, answer(usage=usage(10, 5)))
        assert found == CallUsage(input_tokens=10, output_tokens=5, cost_usd=None)


def test_embeddings_cost_their_input() -> None:
    body = json.dumps({"data": [], "model": "m", "usage": {"prompt_tokens": 500_000}}).encode()

    found = measure(LOCAL, "m", Response(status=200, body=body))

    assert found == CallUsage(input_tokens=500_000, output_tokens=None, cost_usd=1.0)


def test_a_chat_answer_of_unknown_length_has_an_unknown_cost() -> None:
    found = measure(LOCAL, "m", answer(usage={"prompt_tokens": 10}))

    assert found == CallUsage(input_tokens=10)


@pytest.mark.parametrize("count", [-1, "12", 1.5, True, None, 10**30, [], {}])
def test_counts_that_are_none_are_not_taken(count: Any) -> None:
    assert measure(LOCAL, "m", answer(usage=usage(count, count))) == CallUsage()


def test_more_cached_than_sent_is_not_believed() -> None:
    odd = usage(10, 0, prompt_tokens_details={"cached_tokens": 10_000})

    cost = measure(OPENAI, "gpt-4o", answer(usage=odd)).cost_usd

    assert cost is not None
    assert cost >= 0


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b"[" * 100_000, b'{"usage": 3}', b'{"usage": []}']
)
def test_answers_without_usage_measure_nothing(body: bytes) -> None:
    assert measure(LOCAL, "m", Response(status=200, body=body)) == CallUsage()


@given(st.binary(max_size=200))
def test_no_answer_makes_measuring_fail(body: bytes) -> None:
    measure(LOCAL, "m", Response(status=200, body=body))


def test_a_meter_finds_the_provider_of_a_request() -> None:
    measured = meter(Providers([LOCAL]))
    response = answer(usage=usage(1_000_000, 0))

    known = Request(method="POST", url="http://localhost:1/v1", provider="local", model="m")
    other = Request(method="POST", url="http://elsewhere", provider="", model="m")

    assert measured(known, response).cost_usd == 2.0
    assert measured(other, response) == CallUsage()
