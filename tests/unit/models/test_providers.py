"""Providers: found by name, with clear words when there is none, and keys that do not show."""

from __future__ import annotations

import pytest

from evaluand.errors import InvalidConfig
from evaluand.models.providers import Provider, Providers

KEY = "sk-very-secret"


def provider(name: str = "one", **members: object) -> Provider:
    return Provider(**{"name": name, "base_url": "https://h.example/v1", **members})  # type: ignore[arg-type]


def test_a_key_does_not_show() -> None:
    shown = provider(api_key=KEY)

    assert KEY not in repr(shown)
    assert KEY not in repr(shown.sender)
    assert shown.headers == {"Authorization": f"Bearer {KEY}"}


def test_blanks_around_pasted_values_are_dropped() -> None:
    tidy = provider(base_url=" https://h.example/v1/ ", api_key=f"{KEY}\n")

    assert tidy.url("chat/completions") == "https://h.example/v1/chat/completions"
    assert tidy.api_key == KEY


def test_without_a_key_nothing_is_sent() -> None:
    assert provider(api_key="  ").headers == {}


@pytest.mark.parametrize(
    "members",
    [
        {"base_url": "h.example/v1"},
        {"base_url": "ftp://h.example"},
        {"base_url": "https://h.example/v1?key=1"},
        {"base_url": "https://ada:pw@h.example/v1"},
        {"api_key": "sk-a\r\nX-Evil: 1"},
        {"api_key": "sk-ä"},
    ],
)
def test_what_cannot_work_is_refused_when_declared(members: dict[str, str]) -> None:
    with pytest.raises(InvalidConfig) as caught:
        provider(**members)

    assert "'one'" in caught.value.message
    assert all(secret not in caught.value.message for secret in ("pw@", "Evil"))


def test_openai_gets_the_newer_name_of_the_token_limit() -> None:
    assert provider().token_limit_name == "max_tokens"
    openai = provider(base_url="https://api.openai.com/v1")
    assert openai.token_limit_name == "max_completion_tokens"


def test_without_providers_the_message_names_the_settings() -> None:
    with pytest.raises(InvalidConfig) as caught:
        Providers().named(None)

    for setting in ("EVALUAND_OPENAI_BASE_URL", "EVALUAND_OPENAI_API_KEY", "evaluand.toml"):
        assert setting in caught.value.message


def test_the_default_is_the_named_one_or_the_first() -> None:
    both = [provider("one"), provider("two")]

    assert Providers(both).named(None).name == "one"
    assert Providers(both, default="two").named(None).name == "two"
    assert Providers(both).named("two").name == "two"


def test_an_unknown_provider_is_named_with_the_known_ones() -> None:
    with pytest.raises(InvalidConfig, match=r"'three'.*one, two"):
        Providers([provider("two"), provider("one")]).named("three")


def test_a_model_is_the_one_wanted_or_the_default() -> None:
    listed = provider(models=("a", "b"))
    free = provider("free")
    known = Providers([listed, free], default="free", default_model="m")

    assert known.model(listed, None) == "a"
    assert known.model(listed, "b") == "b"
    assert known.model(free, None) == "m"
    assert known.model(free, "any") == "any"


@pytest.mark.parametrize(("wanted", "models"), [("c", ("a", "b")), (None, ())])
def test_a_model_that_is_not_offered_or_not_named_is_refused(
    wanted: str | None, models: tuple[str, ...]
) -> None:
    one = provider(models=models)

    with pytest.raises(InvalidConfig, match="'one'"):
        Providers([one]).model(one, wanted)
