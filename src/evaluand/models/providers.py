"""The model providers an operator has declared: where they are, with which key, at what price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from evaluand.errors import InvalidConfig
from evaluand.models.replies import Sender

_NONE_DECLARED = (
    "no model provider is configured: set EVALUAND_OPENAI_BASE_URL and EVALUAND_OPENAI_API_KEY,"
    " or declare one in evaluand.toml"
)
# OpenAI's own newer models refuse the older name; most compatible servers know only that one.
_NEW_LIMIT_HOSTS = frozenset({"api.openai.com"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a million tokens cost, in US dollars."""

    input_usd: float
    output_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An OpenAI-compatible server. ``base_url`` ends before ``/chat/completions``.

    ``models`` are the ones it may be asked for, the first by default; empty means any. ``prices``
    by model name replace the published ones. Raises InvalidConfig for an address or a key that
    cannot work.
    """

    name: str
    base_url: str
    api_key: str | None = field(default=None, repr=False)
    models: tuple[str, ...] = ()
    prices: Mapping[str, Price] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Pasted keys and addresses bring blanks and line ends along.
        key = (self.api_key or "").strip() or None
        object.__setattr__(self, "api_key", key)
        object.__setattr__(self, "base_url", self.base_url.strip().rstrip("/"))
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise InvalidConfig(
                f"the base URL of provider '{self.name}' must look like https://host/v1, without"
                " a query",
                field="base_url",
            )
        if parts.username or parts.password:
            raise InvalidConfig(
                f"the base URL of provider '{self.name}' carries a user name or password: give the"
                " key as api_key",
                field="base_url",
            )
        if key and not (key.isascii() and key.isprintable()):
            raise InvalidConfig(
                f"the key of provider '{self.name}' holds characters that cannot be sent: copy it"
                " again",
                field="api_key",
            )

    @property
    def headers(self) -> Mapping[str, str]:
        """What identifies this server to the provider."""
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    @property
    def sender(self) -> Sender:
        """How messages name it; its key is never shown, even if an answer repeats it."""
        secrets = (self.api_key,) if self.api_key else ()
        return Sender(name=urlsplit(self.base_url).hostname or self.name, secrets=secrets)

    @property
    def token_limit_name(self) -> str:
        """How the provider calls the bound on the length of an answer."""
        host = urlsplit(self.base_url).hostname
        return "max_completion_tokens" if host in _NEW_LIMIT_HOSTS else "max_tokens"

    def url(self, path: str) -> str:
        """The address of one of its endpoints, such as ``chat/completions``."""
        return f"{self.base_url}/{path}"


class Providers:
    """Providers by name. The default is ``default``, or else the first one declared."""

    def __init__(
        self,
        declared: Iterable[Provider] = (),
        *,
        default: str | None = None,
        default_model: str | None = None,
    ) -> None:
        self._by_name = {provider.name: provider for provider in declared}
        self._default = default or next(iter(self._by_name), None)
        self._default_model = default_model

    @property
    def base_urls(self) -> tuple[str, ...]:
        """Where requests may go although the address is private: the operator declared it."""
        return tuple(provider.base_url for provider in self._by_name.values())

    def find(self, name: str) -> Provider | None:
        """The provider of that name, if there is one."""
        return self._by_name.get(name)

    def named(self, name: str | None, *, field: str = "provider") -> Provider:
        """The provider called ``name``, or the default one. Raises InvalidConfig."""
        if not self._by_name:
            raise InvalidConfig(_NONE_DECLARED, field=field)
        found = self._by_name.get(name or self._default or "")
        if found is None:
            known = ", ".join(sorted(self._by_name))
            raise InvalidConfig(
                f"there is no provider '{name or self._default}'; declared are: {known}",
                field=field,
            )
        return found

    def model(self, provider: Provider, wanted: str | None, *, field: str = "model") -> str:
        """The model to ask ``provider`` for. Raises InvalidConfig when none is known or allowed."""
        if wanted is None:
            is_default = provider.name == self._default
            fallback = self._default_model if is_default else None
            wanted = fallback or next(iter(provider.models), None)
        if wanted is None:
            raise InvalidConfig(
                f"name a model: provider '{provider.name}' declares none", field=field
            )
        if provider.models and wanted not in provider.models:
            raise InvalidConfig(
                f"provider '{provider.name}' does not offer '{wanted}'; it offers:"
                f" {', '.join(provider.models)}",
                field=field,
            )
        return wanted
