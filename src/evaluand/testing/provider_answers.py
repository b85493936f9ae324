"""Answers a scripted provider can give: plausible by default, or wrong in a chosen way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Delivery = Literal["whole", "hang", "endless", "drip", "cut", "hang up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came in. ``number`` counts from 1 over all requests."""

    number: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is sent back, and how.

    ``whole`` is the ordinary way; ``hang`` sends nothing, ``endless`` never stops, ``drip`` sends a
    byte at a time, ``cut`` breaks off half way, ``hang up`` closes without a word.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    delivery: Delivery = "whole"


def completion(
    content: str | None,
    *,
    model: str = "scripted-1",
    input_tokens: int = 1000,
    output_tokens: int = 100,
    finish_reason: str = "stop",
    **message: Any,
) -> Reply:
    """A chat completion that says ``content``."""
    return Reply(
        body=json.dumps(
            {
                "id": "chatcmpl-scripted",
                "object": "chat.completion",
                "created": 0,
                "model": model,
                "choices": [
                    {
                        "index": 0,
                        "finish_reason": finish_reason,
                        "message": {"role": "assistant", "content": content, **message},
                    }
                ],
                "usage": {
                    "prompt_tokens": input_tokens,
                    "completion_tokens": output_tokens,
                    "total_tokens": input_tokens + output_tokens,
                },
            }
        ).encode()
    )


def plausible(request: Received) -> Reply:
    """The default script: answers with JSON that fits what was asked, read off the prompt.

    A field is found by its name: ``invoice_number`` takes what follows "invoice number" on a line.
    The same request always gets the same answer. Other paths are document endpoints: they find
    their configuration in the request, and the fields in files that are plain text.
    """
    if not request.path.endswith("/chat/completions"):
        return Reply(body=json.dumps(_endpoint_answer(request.body)).encode())
    asked = request.json()
    prompt = _prompt(asked)
    wanted = asked.get("response_format", {}).get("json_schema", {}).get("schema")
    answer = json.dumps(_fill(wanted, prompt, "")) if wanted else "4"
    tokens_in, tokens_out = len(prompt) // 4 + 1, len(answer) // 4 + 1
    model = str(asked.get("model"))
    return completion(answer, model=model, input_tokens=tokens_in, output_tokens=tokens_out)


_ERROR = b'{"error": {"message": "scripted failure", "type": "scripted"}}'
_MANY = 20 * 2**20 + 1

MISBEHAVIOURS: Mapping[str, Reply] = {
    "429": Reply(status=429, body=_ERROR, headers={"Retry-After": "1"}),
    "500": Reply(status=500, body=_ERROR),
    "401": Reply(status=401, body=_ERROR),
    "html": Reply(body=b"<html><h1>Please log in</h1></html>", content_type="text/html"),
    "empty": Reply(),
    "not-json": Reply(body=b"sorry, what?"),
    "large": Reply(body=b" " * _MANY),
    "mismatch": completion('{"unexpected": ["shape"]}'),
    "prose": completion("The total is 42."),
    "refusal": completion(None, refusal="I cannot help with that."),
    "length": completion('{"total": 4', finish_reason="length"),
    "tool": completion(None, finish_reason="tool_calls", tool_calls=[{"id": "call_1"}]),
    "no-choice": Reply(body=b'{"choices": []}'),
    "redirect": Reply(status=302, headers={"Location": "http://169.254.169.254/latest/"}),
    "hang": Reply(delivery="hang"),
    "endless": Reply(delivery="endless"),
    "drip": Reply(body=b" " * 3600, delivery="drip"),
    "cut": Reply(body=b'{"value": {}}', delivery="cut"),
    "hang-up": Reply(delivery="hang up"),
}
"""Replies by the names that the command line takes."""


def _endpoint_answer(body: bytes) -> Any:
    text = body.decode("utf-8", "replace")
    begin = text.find("{", text.find('"config"'))
    config = json.JSONDecoder().raw_decode(text, begin)[0] if begin >= 0 else {}
    if "classifications" in config:
        return {"id": config["classifications"][0]["id"], "confidence": 0.9}
    if "splitClassifications" in config:
        first = config["splitClassifications"][0]["id"]
        return {"splits": [{"classificationId": first, "startPage": 1, "endPage": 1}]}
    return {"value": _fill(config.get("schema") or {"type": "object"}, text, "")}


def _prompt(asked: Mapping[str, Any]) -> str:
    texts: list[str] = []
    for message in asked.get("messages", ()):
        content = message.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        texts += [part["text"] for part in parts if isinstance(part.get("text"), str)]
    return "\n".join(texts)


def _fill(schema: Mapping[str, Any], prompt: str, name: str) -> Any:
    if "anyOf" in schema:
        schema = next((one for one in schema["anyOf"] if one.get("type") != "null"), {})
    if "enum" in schema:
        return next((one for one in schema["enum"] if one and str(one) in prompt), None)
    declared = schema.get("type")
    types = declared if isinstance(declared, list) else [declared]
    if "object" in types:
        return {
            key: _fill(child, prompt, key) for key, child in schema.get("properties", {}).items()
        }
    if "array" in types:
        # One part that spans all pages is a valid split of any document.
        return [_fill(schema["items"], prompt, name)] if name == "splits" else []
    return _scalar(types, prompt, name)


def _scalar(types: list[Any], prompt: str, name: str) -> Any:
    if name == "startPage":
        return 1
    if name == "endPage":
        return max(1, len(re.findall(r"^### Page \d+$", prompt, re.MULTILINE)))
    if name == "confidence":
        return 0.9
    words = r"[\W_]*".join(map(re.escape, re.findall(r"[A-Za-z][a-z]*|\d+", name))) or r"\Z"
    found = re.search(rf"^\W*{words}\W*?[:#\s]\s*(\S.*?)\s*$", prompt, re.I | re.M)
    if "string" in types:
        return found.group(1) if found else (None if "null" in types else "")
    if "number" in types or "integer" in types:
        digits = re.search(r"-?\d+(\.\d+)?", found.group(1).replace(",", "")) if found else None
        number = float(digits.group()) if digits else (None if "null" in types else 0)
        return int(number) if number is not None and "number" not in types else number
    return None if "null" in types else False
