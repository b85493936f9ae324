"""Chat questions and answers, without a network."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evaluand.models.chat import (
    ChatQuestion,
    ResponseSchema,
    chat_request,
    json_answer,
    read_chat,
)
from evaluand.models.providers import Provider
from evaluand.models.replies import BadReply
from evaluand.ports import Response
from evaluand.testing.provider_answers import MISBEHAVIOURS, completion

PROVIDER = Provider(name="p", base_url="https://h.example/v1", api_key="sk-secret")
MESSAGES = ({"role": "user", "content": "How much?"},)


def body_of(**members: Any) -> dict[str, Any]:
    question = ChatQuestion(model="m", messages=MESSAGES, **members)
    body: dict[str, Any] = json.loads(chat_request(PROVIDER, question).body)
    return body


def said(body: bytes, status: int = 200) -> str:
    with pytest.raises(BadReply) as caught:
        json_answer(read_chat(PROVIDER, Response(status=status, body=body)))
    assert caught.value.failure.reason == "target_error"
    return caught.value.failure.message


def test_a_question_goes_to_the_chat_endpoint_with_the_key_in_its_header() -> None:
    request = chat_request(PROVIDER, ChatQuestion(model="m", messages=MESSAGES), timeout_s=7)

    assert (request.method, request.url) == ("POST", "https://h.example/v1/chat/completions")
    assert request.headers["Authorization"] == "Bearer sk-secret"
    assert (request.provider, request.model, request.timeout_s) == ("p", "m", 7)
    assert b"sk-secret" not in request.body


def test_answers_are_asked_to_be_repeatable() -> None:
    assert body_of() == {"model": "m", "messages": list(MESSAGES), "temperature": 0.0, "seed": 0}


def test_what_a_model_refuses_can_be_left_out() -> None:
    assert body_of(temperature=None, seed=None).keys() == {"model", "messages"}


def test_a_schema_is_sent_as_structured_output() -> None:
    wanted = ResponseSchema(name="extraction", schema={"type": "object"}, strict=True)

    assert body_of(response_schema=wanted, json_only=True)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "extraction", "schema": {"type": "object"}, "strict": True},
    }
    assert body_of(json_only=True)["response_format"] == {"type": "json_object"}


def test_the_token_limit_goes_under_the_providers_name_for_it() -> None:
    assert body_of(max_tokens=9)["max_tokens"] == 9


def test_an_answer_is_read_with_the_model_that_served() -> None:
    reply = read_chat(PROVIDER, Response(status=200, body=completion("yes", model="m-2").body))

    assert (reply.text, reply.model) == ("yes", "m-2")


@pytest.mark.parametrize("content", ['{"total": 4}', '```json\n{"total": 4}\n```'])
def test_json_is_taken_out_of_an_answer(content: str) -> None:
    reply = read_chat(PROVIDER, Response(status=200, body=completion(content).body))

    assert json_answer(reply) == {"total": 4}


def test_content_may_come_in_parts() -> None:
    parts: Any = [{"type": "text", "text": "4"}, {"type": "other"}, 3, {"text": "2"}]

    assert read_chat(PROVIDER, Response(status=200, body=completion(parts).body)).text == "42"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("html", "HTML page"),
        ("empty", "nothing"),
        ("not-json", "not JSON"),
        ("prose", "not JSON"),
        ("refusal", "refused: I cannot help"),
        ("length", "maxTokens"),
        ("tool", "tool"),
        ("no-choice", "without a choice"),
        ("429", "429"),
        ("500", "500"),
        ("401", "key was refused"),
    ],
)
def test_every_unusable_answer_says_what_is_wrong(name: str, words: str) -> None:
    reply = MISBEHAVIOURS[name]

    assert words in said(reply.body, reply.status)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b'{"choices": 3}',
        b'{"choices": [3]}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": null}]}',
        b'{"choices": [{"message": {"content": null}}]}',
        b'{"choices": [{"message": {"content": " "}}]}',
        b'{"choices": [{"message": {"content": {"a": 1}}}]}',
    ],
)
def test_odd_shapes_are_failures_not_crashes(body: bytes) -> None:
    assert "h.example answered" in said(body)


def test_an_error_inside_a_good_status_is_shown() -> None:
    assert "out of memory" in said(b'{"error": {"message": "out of memory"}}')


def test_a_filtered_answer_says_so() -> None:
    assert "content filter" in said(completion("", finish_reason="content_filter").body)


def test_a_key_in_a_refusal_is_hidden() -> None:
    assert "sk-secret" not in said(completion(None, refusal="not with sk-secret").body)
