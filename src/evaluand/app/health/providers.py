"""Whether the configured providers of models answer."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from evaluand.app.health.finding import CLOCK_SKEW_S, SYNCHRONISE, Finding, State
from evaluand.settings import Settings

if TYPE_CHECKING:
    from evaluand.ports import Http, Response

_TIMEOUT_S = 10.0
_UNAUTHORIZED = (401, 403)
_SERVER_FAULT = 500


async def providers(settings: Settings) -> AsyncIterator[Finding]:
    """Asks each configured provider for its models, which costs nothing."""
    from evaluand.models.http_client import AiohttpClient

    declared = {
        provider.name: (provider.base_url, provider.key()) for provider in settings.providers
    }
    if settings.openai_base_url or settings.openai_api_key:
        secret = settings.openai_api_key
        key = None if secret is None else secret.get_secret_value()
        declared["default"] = (settings.openai_base_url or "https://api.openai.com/v1", key)
    if not declared:
        told = "None is configured: judges and 'llm' targets are not available."
        yield Finding("provider", State.OK, told, "")
        return
    http = AiohttpClient(trusted_bases=[base_url for base_url, _ in declared.values()])
    try:
        for name, (base_url, key) in declared.items():
            yield await ask(http, f"provider {name}", base_url, key)
    finally:
        await http.close()


async def ask(http: Http, check: str, base_url: str, key: str | None) -> Finding:
    """Whether the provider at ``base_url`` answers, accepts the key and shares the time."""
    from evaluand.ports import CallFailed, Request

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = f"{base_url.rstrip('/')}/models"
    request = Request(method="GET", url=url, headers=headers, timeout_s=_TIMEOUT_S)
    try:
        response = await http.send(request)
    except CallFailed as failure:
        fix = "Check the base URL, the network and the provider."
        return Finding(check, State.PROBLEM, failure.message, fix)
    if response.status in _UNAUTHORIZED:
        told = f"{url} answered {response.status}: it refuses the key."
        return Finding(check, State.PROBLEM, told, "Correct its API key.")
    if response.status >= _SERVER_FAULT:
        told = f"{url} answered {response.status}."
        return Finding(check, State.WARNING, told, "Try again later, or ask the provider.")
    return _punctual(check, url, response)


def _punctual(check: str, url: str, response: Response) -> Finding:
    """A provider that answers also tells the time."""
    try:
        theirs = parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    except ValueError:
        theirs = time.time()
    if abs(theirs - time.time()) > CLOCK_SKEW_S:
        told = f"It answers, but its clock is {theirs - time.time():+.0f} s from this machine's."
        return Finding(check, State.WARNING, told, SYNCHRONISE)
    return Finding(check, State.OK, f"{url} answers.")
