"""Addresses of requests: what can be called, and how little of it is shown."""

from __future__ import annotations

import pytest
from yarl import URL

from evaluand.models.urls import checked_url, is_within, place
from evaluand.ports import CallFailed


@pytest.mark.parametrize(
    "text",
    ["ftp://h/x", "file:///etc/passwd", "http:///x", "h/x", "", "http://h:99999/", "http://[x/"],
)
def test_what_is_no_web_address_cannot_be_called(text: str) -> None:
    with pytest.raises(CallFailed) as caught:
        checked_url(text)

    assert caught.value.reason == "bad_request"
    assert not caught.value.retryable


def test_secrets_in_addresses_are_refused_and_not_repeated() -> None:
    with pytest.raises(CallFailed) as caught:
        checked_url("https://ada:hunter2@h.example/x?token=s3cret")

    assert "h.example" in caught.value.message
    assert "hunter2" not in caught.value.message
    assert "s3cret" not in caught.value.message


def test_only_host_and_unusual_port_are_shown() -> None:
    assert place(URL("https://h.example/path?key=1")) == "h.example"
    assert place(URL("http://h.example:8080/path")) == "h.example:8080"
    assert place(URL("http://[::1]:8080/")) == "[::1]:8080"


@pytest.mark.parametrize(
    ("url", "within"),
    [
        ("http://h:1/v1/chat/completions", True),
        ("http://h:1/v1", True),
        ("http://h:1/v10/x", False),
        ("http://h:1/v1/../admin", False),
        ("http://h:1/v1/..%2fadmin", False),
        ("http://h:1/v1/%2e%2e/admin", False),
        ("http://h:2/v1/x", False),
        ("https://h:1/v1/x", False),
        ("http://h.evil:1/v1/x", False),
    ],
)
def test_an_address_lies_below_a_base_by_origin_and_path(url: str, within: bool) -> None:
    assert is_within(URL("http://h:1/v1"), URL(url)) is within
