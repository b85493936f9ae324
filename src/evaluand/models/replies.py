"""Reading answers from outside: nothing in them is taken on trust, everything shown is bounded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec

from evaluand.domain.model import Failure
from evaluand.ports import Response

# Enough to recognise an error page or message, little enough for a table cell.
_EXCERPT_CHARACTERS = 240
# Bytes looked at for an excerpt: no need to decode megabytes to show a line.
_EXCERPT_BYTES = 4096
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_FENCED = re.compile(r"\A\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
_HINTS = {
    HTTPStatus.UNAUTHORIZED: "the key was refused: check the provider's key",
    HTTPStatus.FORBIDDEN: "the key may not do this: check its permissions",
    HTTPStatus.NOT_FOUND: "no such model or path: check the model's name and the address",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the document is too large for it: send less",
    HTTPStatus.TOO_MANY_REQUESTS: "too many requests, also after waiting: lower the load or"
    " raise the quota",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who answered, as messages name it, and what must not be shown even if it is repeated."""

    name: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def excerpt(self, body: bytes | str) -> str:
        """The beginning of ``body`` as one line of printable text, without the secrets."""
        text = body[:_EXCERPT_BYTES]
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        for secret in self.secrets:
            text = text.replace(secret, "***")
        text = _BLANKS.sub(" ", text).strip()
        shown = text[:_EXCERPT_CHARACTERS]
        return f"{shown}…" if len(text) > len(shown) else shown


class BadReply(Exception):
    """An answer that cannot be used, with the failure to record for it."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(reason=reason, message=message)


def check_status(response: Response, sender: Sender) -> None:
    """Raises BadReply unless the status says that the question was answered."""
    if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        return
    said = sender.excerpt(_error_message(response.body) or response.body)
    parts = [
        f"{sender.name} answered {response.status}",
        _hint(response.status),
        said and f"it says: {said}",
    ]
    raise BadReply("target_error", "; ".join(part for part in parts if part))


def decode_json(body: bytes | str, sender: Sender) -> Any:
    """The JSON value ``body`` spells. Raises BadReply for anything else.

    Stricter than Python's own reader: no NaN, no numbers beyond a float, no broken Unicode.
    """
    raw = body.encode("utf-8", "replace") if isinstance(body, str) else body
    if not raw.strip():
        raise BadReply("target_error", f"{sender.name} answered with nothing")
    try:
        return msgspec.json.decode(raw)
    except RecursionError as error:
        raise BadReply(
            "target_error", f"{sender.name} answered with JSON nested too deeply"
        ) from error
    except ValueError as error:
        kind = "an HTML page" if raw.lstrip()[:1] == b"<" else "something that is not JSON"
        shown = sender.excerpt(body)
        raise BadReply("target_error", f"{sender.name} answered with {kind}: {shown}") from error


def unfenced(text: str) -> str:
    """The inside of a Markdown code fence, when that is all there is; else the text itself."""
    found = _FENCED.match(text)
    return found.group(1) if found else text


def _hint(status: int) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "its own fault, also after waiting"
    return _HINTS.get(HTTPStatus(status), "") if status in _HINTS else ""


def _error_message(body: bytes) -> str | None:
    """The sentence inside the error objects of OpenAI-compatible and many other servers."""
    try:
        found = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    return found if isinstance(found, str) else None
