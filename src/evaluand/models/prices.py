"""What a call used and cost, as far as that is known. What is unknown is None, never a guess."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

import msgspec

from evaluand.models.providers import Provider, Providers
from evaluand.ports import CallUsage, Meter, Request, Response

logger = logging.getLogger(__name__)

# No model takes or gives as many in one call; a larger number is a fault of the provider.
_MOST_TOKENS = 1_000_000_000
_TOKENS_PER_PRICE = 1_000_000


class _Reply(msgspec.Struct):
    """The members of a chat or embedding answer that tell what it used."""

    usage: Any = None
    model: Any = None
    choices: msgspec.Raw = msgspec.Raw(b"")


def measure(provider: Provider, model: str | None, response: Response) -> CallUsage:
    """What the provider reports to have used, at its own price or the published one.

    The price is that of the model which the answer says has served, else of ``model``. Published
    prices come with the genai-prices package and apply to the providers it knows by address.
    """
    try:
        reply = msgspec.json.decode(response.body, type=_Reply)
    except (ValueError, RecursionError):
        return CallUsage()
    if not isinstance(reply.usage, dict):
        return CallUsage()
    tokens_in = _count(reply.usage.get("prompt_tokens"))
    tokens_out = _count(reply.usage.get("completion_tokens"))
    # Embeddings have no output; a chat answer without a count has one of unknown length.
    billed_out = 0 if tokens_out is None and not reply.choices else tokens_out
    cost = None
    if tokens_in is not None and billed_out is not None:
        cached = _cached(reply.usage, tokens_in)
        served = reply.model if isinstance(reply.model, str) else None
        cost = _cost(provider, (served, model), tokens_in, billed_out, cached)
    return CallUsage(input_tokens=tokens_in, output_tokens=tokens_out, cost_usd=cost)


def meter(providers: Providers) -> Meter:
    """``measure`` for requests that carry the names of their provider and model."""

    def measured(request: Request, response: Response) -> CallUsage:
        provider = providers.find(request.provider)
        return CallUsage() if provider is None else measure(provider, request.model, response)

    return measured


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None


def _cached(usage: dict[str, Any], tokens_in: int) -> int:
    details = usage.get("prompt_tokens_details")
    cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else None
    return min(cached or 0, tokens_in)


def _cost(
    provider: Provider,
    models: tuple[str | None, str | None],
    tokens_in: int,
    tokens_out: int,
    cached: int,
) -> float | None:
    named = [model for model in models if model]
    for model in named:
        if price := provider.prices.get(model):
            total = tokens_in * price.input_usd + tokens_out * price.output_usd
            return total / _TOKENS_PER_PRICE
    for model in named:
        cost = _published_cost(provider.base_url, model, tokens_in, tokens_out, cached)
        if cost is not None:
            return cost
    return None


def _published_cost(
    base_url: str, model: str, tokens_in: int, tokens_out: int, cached: int
) -> float | None:
    # Loading the price list takes a third of a second: only servers that pay for calls need it.
    try:
        from genai_prices import Usage, calc_price
    except ImportError:
        _warn_once()
        return None
    usage = Usage(input_tokens=tokens_in, output_tokens=tokens_out, cache_read_tokens=cached)
    try:
        price = calc_price(usage, model, provider_api_url=base_url).total_price
    except (LookupError, ValueError):
        return None
    return float(price)


@cache
def _warn_once() -> None:
    logger.warning(
        "what calls cost is unknown: install the optional part 'prices' "
        "(pip install 'evaluand[prices]'), or declare prices with the provider"
    )
