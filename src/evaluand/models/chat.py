"""Questions to OpenAI-compatible chat endpoints and their answers, without any sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from evaluand.domain.model import Json
from evaluand.models.providers import Provider
from evaluand.models.replies import BadReply, Sender, check_status, decode_json, unfenced
from evaluand.ports import Request, Response

# Long documents and slow local models take minutes; what takes longer has hung.
ANSWER_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSchema:
    """The JSON Schema an answer is to follow; ``strict`` asks the provider to enforce it."""

    name: str
    schema: Json
    strict: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatQuestion:
    """One question. Members that are None are left out of the request.

    Temperature 0 and a fixed seed make answers repeatable where the provider supports it. Without
    ``response_schema``, ``json_only`` still asks for JSON.
    """

    model: str
    messages: Sequence[Json]
    temperature: float | None = 0.0
    seed: int | None = 0
    max_tokens: int | None = None
    response_schema: ResponseSchema | None = None
    json_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReply:
    """An answer's text, and the model that the provider says has given it."""

    text: str
    model: str | None
    sender: Sender


def chat_request(
    provider: Provider, question: ChatQuestion, *, timeout_s: float = ANSWER_TIMEOUT_S
) -> Request:
    """The request that asks ``question``. The same question always gives the same bytes."""
    return Request(
        method="POST",
        url=provider.url("chat/completions"),
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json",
            **provider.headers,
        },
        body=msgspec.json.encode(_body(provider, question)),
        timeout_s=timeout_s,
        provider=provider.name,
        model=question.model,
    )


def read_chat(provider: Provider, response: Response) -> ChatReply:
    """The text of an answer.

    Raises BadReply when the provider answered with an error, refused, was cut off by the token
    limit, called a tool, or sent something that is no chat completion.
    """
    sender = provider.sender
    check_status(response, sender)
    answer = decode_json(response.body, sender)
    choice = _choice(answer, sender)
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    _check_finished(choice, message, sender)
    text = _text(message.get("content"))
    if not text.strip():
        raise BadReply("target_error", f"{sender.name} answered with an empty message")
    model = answer.get("model")
    return ChatReply(text=text, model=model if isinstance(model, str) else None, sender=sender)


def json_answer(reply: ChatReply) -> Any:
    """The JSON value of an answer, out of its code fence if it is in one. Raises BadReply."""
    return decode_json(unfenced(reply.text), reply.sender)


def _body(provider: Provider, question: ChatQuestion) -> Mapping[str, Any]:
    body: dict[str, Any] = {"model": question.model, "messages": list(question.messages)}
    if question.temperature is not None:
        body["temperature"] = question.temperature
    if question.seed is not None:
        body["seed"] = question.seed
    if question.max_tokens is not None:
        body[provider.token_limit_name] = question.max_tokens
    if question.response_schema is not None:
        wanted = question.response_schema
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {
                "name": wanted.name,
                "schema": wanted.schema,
                "strict": wanted.strict,
            },
        }
    elif question.json_only:
        body["response_format"] = {"type": "json_object"}
    return body


def _choice(answer: Any, sender: Sender) -> Mapping[str, Any]:
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0]
    error = answer.get("error") if isinstance(answer, dict) else None
    said = error.get("message") if isinstance(error, dict) else error
    raise BadReply(
        "target_error",
        f"{sender.name} answered without a choice: is it an OpenAI-compatible chat endpoint?"
        + (f" It says: {sender.excerpt(said)}" if isinstance(said, str) else ""),
    )


def _check_finished(choice: Mapping[str, Any], message: Mapping[str, Any], sender: Sender) -> None:
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal:
        raise BadReply("target_error", f"the model refused: {sender.excerpt(refusal)}")
    match choice.get("finish_reason"):
        case "length":
            raise BadReply(
                "target_error",
                "the answer was cut off at the token limit: raise maxTokens, or ask for less",
            )
        case "content_filter":
            raise BadReply(
                "target_error", f"the content filter of {sender.name} stopped the answer"
            )
    if message.get("tool_calls") and not message.get("content"):
        raise BadReply("target_error", f"{sender.name} called a tool instead of answering")


def _text(content: Any) -> str:
    """Content is a text, or a list of parts of which some are text."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))
