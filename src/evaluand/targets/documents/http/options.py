"""How the ``http`` engine is configured, and which secrets it refuses to take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import parse_qsl, urlsplit

from evaluand.domain.model import Json
from evaluand.errors import InvalidConfig
from evaluand.models.providers import Provider, Providers
from evaluand.models.urls import checked_url, is_within
from evaluand.ports import CallFailed
from evaluand.targets.documents.engine_options import Options

_KNOWN = frozenset({"url", "send", "provider", "headers", "timeoutS"})
# Document endpoints take seconds to minutes.
_TIMEOUT_S, _LONGEST_TIMEOUT_S = 120.0, 3600.0
# Names of headers and query parameters that carry secrets. Configurations are read by everybody in
# the workspace and frozen into every run: keys belong to providers, which keep them apart.
_SECRET = re.compile(
    r"auth|cookie|token|secret|passw|credential|session|signature|\bsig\b|(?:\b|_|-|api)key\b",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(r"\A\s*(?:bearer|basic|token|digest)\s+\S", re.IGNORECASE)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
# These frame the message or belong to the connection; the client sets them itself.
_RESERVED = frozenset(
    {
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "idempotency-key",
        "evaluand-attempt",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """What ``config["engine"]`` says; ``provider`` is the declared one whose key goes along."""

    url: str
    send: Literal["multipart", "url"]
    provider: Provider | None
    headers: Mapping[str, str]
    timeout_s: float

    @classmethod
    def of(cls, config: Json, providers: Providers) -> HttpOptions:
        """The options of a configuration. Raises InvalidConfig."""
        options = Options(config, _KNOWN)
        name = options.text("provider")
        provider = None if name is None else providers.named(name, field="config.engine.provider")
        timeout_s = options.number("timeoutS", _TIMEOUT_S, 1, _LONGEST_TIMEOUT_S)
        return cls(
            url=_url(options.text("url"), provider),
            send=cast('Literal["multipart", "url"]', options.choice("send", ("multipart", "url"))),
            provider=provider,
            headers=_headers(options.texts("headers")),
            timeout_s=timeout_s or _TIMEOUT_S,
        )


def _url(text: str | None, provider: Provider | None) -> str:
    field = "config.engine.url"
    if text is None:
        raise InvalidConfig("the http engine needs a 'url' to send documents to", field=field)
    try:
        url = checked_url(text)
    except CallFailed as failed:
        raise InvalidConfig(failed.message, field=field) from failed
    for name, _ in parse_qsl(urlsplit(text).query, keep_blank_values=True):
        if _SECRET.search(name):
            raise InvalidConfig(_instead(f"the query parameter '{name}'"), field=field)
    if provider and not is_within(checked_url(provider.base_url), url):
        # Otherwise anyone who may write a configuration could have the key sent to himself.
        raise InvalidConfig(
            f"the key of provider '{provider.name}' is only sent to addresses below"
            f" {provider.base_url}: change the url, or declare a provider for it",
            field=field,
        )
    return text


def _headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        field = f"config.engine.headers.{name[:80]}"
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise InvalidConfig(
                f"'{name[:80]}' is no header that can be sent: use ASCII without line breaks",
                field=field,
            )
        if name.lower() in _RESERVED:
            raise InvalidConfig(
                f"the header '{name}' is set by the server itself: leave it out", field=field
            )
        if _SECRET.search(name) or _SECRET_VALUE.match(value):
            raise InvalidConfig(_instead(f"the header '{name}'"), field=field)
    return headers


def _instead(what: str) -> str:
    return (
        f"{what} looks like a secret, and configurations are no place for one: declare a provider"
        " with the key and name it as engine.provider"
    )
