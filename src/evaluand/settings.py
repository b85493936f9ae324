"""Settings: read once, from the environment, ``.env`` and ``evaluand.toml``, in this order.

Every setting is documented in docs/settings.md; a test keeps the page complete.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

_MB = 2**20
_KEY_BYTES = 32


class PriceSettings(BaseModel):
    """What a million tokens of a model cost, in US dollars."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input_usd: float = Field(ge=0)
    output_usd: float = Field(ge=0)


class ProviderSettings(BaseModel):
    """A provider of models, declared under ``[[providers]]`` in evaluand.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    base_url: str
    api_key: SecretStr | None = None
    api_key_env: str | None = None
    """The environment variable that holds the key, so that the file holds none."""
    models: tuple[str, ...] = ()
    prices: dict[str, PriceSettings] = {}
    """US dollars per million tokens, by model, where the published prices do not apply."""

    def key(self) -> str | None:
        """The API key, if one is set here or in the variable named here."""
        if self.api_key is not None:
            return self.api_key.get_secret_value()
        return os.environ.get(self.api_key_env) if self.api_key_env else None


class Settings(BaseSettings):
    """Everything that can be set. Names in the environment carry the prefix ``EVALUAND_``."""

    model_config = SettingsConfigDict(
        env_prefix="EVALUAND_",
        env_file=".env",
        toml_file="evaluand.toml",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    data: Path = Path("evaluand-data")
    database_url: str = ""
    sqlite_synchronous: Literal["FULL", "NORMAL"] = "FULL"
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    secret_key: SecretStr | None = None
    log_level: str = "INFO"

    openai_base_url: str | None = Field(
        None, validation_alias=AliasChoices("EVALUAND_OPENAI_BASE_URL", "OPENAI_BASE_URL")
    )
    openai_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("EVALUAND_OPENAI_API_KEY", "OPENAI_API_KEY")
    )
    judge_model: str | None = None
    embedding_model: str | None = None
    providers: tuple[ProviderSettings, ...] = ()
    allow_private_targets: bool | None = None
    call_attempts: int = Field(4, ge=1, le=20)
    max_response_bytes: int = Field(20 * _MB, ge=1024)

    default_engine: str = "baseline"
    max_lanes: int = Field(32, ge=1, le=1000)
    processes: int = Field(default_factory=lambda: max(1, os.cpu_count() or 1), ge=1, le=256)
    drain_s: float = Field(20.0, ge=0)
    max_body_bytes: int = Field(32 * _MB, ge=1024)

    document_max_mb: int = Field(100, ge=1)
    document_max_pages: int = Field(500, ge=1)
    document_max_pixels: int = Field(80_000_000, ge=1)
    document_max_characters: int = Field(5_000_000, ge=1)
    document_timeout_s: float = Field(300.0, gt=0)
    document_memory_mb: int = Field(1536, ge=128)
    upload_timeout_s: float = Field(20.0, gt=0)
    scoring_timeout_s: float = Field(120.0, gt=0)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls)
        return init_settings, env_settings, dotenv_settings, toml

    @property
    def database(self) -> str:
        """The database's URL; SQLite in the data folder unless one is set."""
        if not self.database_url:
            return f"sqlite:///{self.data.resolve() / 'evaluand.db'}"
        # The driver is psycopg 3; plain URLs would ask for its predecessor.
        for scheme in ("postgresql://", "postgres://"):
            if self.database_url.startswith(scheme):
                return "postgresql+psycopg://" + self.database_url.removeprefix(scheme)
        return self.database_url

    @property
    def base_url(self) -> str:
        """How others reach this server, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def private_targets_allowed(self) -> bool:
        """Whether targets on private addresses may be called: yes while serving on loopback."""
        if self.allow_private_targets is not None:
            return self.allow_private_targets
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def secret_of(settings: Settings) -> bytes:
    """The key that signs links: from the settings, or made once in the data folder."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    path = settings.data / "secret.key"
    if not path.exists():
        _create(path, secrets.token_hex(_KEY_BYTES).encode())
    return path.read_bytes()


def _create(path: Path, content: bytes) -> None:
    """Makes the file whole or not at all; who comes second keeps the first one's."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
