"""Answers from outside: read strictly, shown briefly."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.models.replies import BadReply, Sender, check_status, decode_json, unfenced
from evaluand.ports import Response

SENDER = Sender(name="h.example", secrets=("sk-secret",))


def message_of(status: int, body: bytes) -> str:
    with pytest.raises(BadReply) as caught:
        check_status(Response(status=status, body=body), SENDER)
    assert caught.value.failure.reason == "target_error"
    return caught.value.failure.message


@pytest.mark.parametrize("status", [200, 201, 204])
def test_success_passes(status: int) -> None:
    check_status(Response(status=status, body=b""), SENDER)


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "key"), (403, "permissions"), (404, "model"), (429, "quota"), (503, "own fault")],
)
def test_a_bad_status_comes_with_what_to_do(status: int, hint: str) -> None:
    message = message_of(status, b"")

    assert f"h.example answered {status}" in message
    assert hint in message


@pytest.mark.parametrize("status", [100, 304, 418, 799])
def test_unusual_statuses_are_failures_too(status: int) -> None:
    assert str(status) in message_of(status, b"")


@pytest.mark.parametrize(
    "body", [{"error": {"message": "why"}}, {"error": "why"}, {"message": "why"}, {"detail": "why"}]
)
def test_the_sentence_inside_an_error_object_is_shown(body: object) -> None:
    assert message_of(400, json.dumps(body).encode()).endswith("it says: why")


def test_keys_that_are_repeated_back_are_hidden() -> None:
    body = json.dumps({"error": {"message": "bad key sk-secret"}}).encode()

    assert "sk-secret" not in message_of(401, body)
    assert "***" in message_of(401, body)


@given(st.one_of(st.binary(max_size=6000), st.text(max_size=6000)))
def test_excerpts_are_short_single_lines(body: bytes | str) -> None:
    shown = SENDER.excerpt(body)

    assert len(shown) <= 241
    assert "\n" not in shown
    assert "\r" not in shown


@pytest.mark.parametrize(
    "body", [b"{}", b" [1] ", b'"x"', b"null", b"123456789012345678901234567890"]
)
def test_json_is_read(body: bytes) -> None:
    assert decode_json(body, SENDER) == json.loads(body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "nothing"),
        (b" \n", "nothing"),
        (b"<!doctype html><title>Log in</title>", "an HTML page"),
        (b"sorry", "not JSON"),
        (b"NaN", "not JSON"),
        (b"1e999", "not JSON"),
        (b'"\\ud800"', "not JSON"),
        (b'"\xff"', "not JSON"),
        (b"{} {}", "not JSON"),
        (b"[" * 100_000, "too deeply"),
    ],
)
def test_everything_else_is_a_failure_with_words(body: bytes, said: str) -> None:
    with pytest.raises(BadReply, match=said) as caught:
        decode_json(body, SENDER)

    assert caught.value.failure.reason == "target_error"


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ('```json\n{"a": 1}\n```', '{"a": 1}'),
        ("```\n[]\n```\n", "[]"),
        ('{"a": "```"}', '{"a": "```"}'),
        ("see ```x``` there", "see ```x``` there"),
    ],
)
def test_a_code_fence_around_everything_is_taken_off(text: str, inside: str) -> None:
    assert unfenced(text) == inside
