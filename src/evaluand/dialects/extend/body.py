"""JSON bodies: read within a limit, decoded into a request type, refused with the member's path."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from fastapi import Request

from evaluand.dialects import DialectSettings
from evaluand.errors import BodyTooLarge, InvalidRequest, WrongContentType

T = TypeVar("T")

# Values nested deeper are no data anybody sends; other parts walk through them recursively.
_MAX_DEPTH = 64
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_PLACE = re.compile(r"^(?P<problem>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]*)`")
# The decoder speaks of Python's types, clients think in JSON's.
_TYPES = {"str": "string", "int": "integer", "bool": "boolean", "float": "number"}
_TYPE = re.compile(r"\b(" + "|".join(_TYPES) + r")\b")


def json_body(kind: type[T]) -> Callable[[Request], Awaitable[T]]:
    """A dependency that gives the request's body as a ``kind``.

    Raises WrongContentType, BodyTooLarge, or InvalidRequest that names the member at fault.
    """
    decoder = msgspec.json.Decoder(kind)

    async def read(request: Request) -> T:
        _check_type(request)
        settings: DialectSettings = request.app.state.settings
        data = await _bounded(request, settings.max_body_bytes)
        return _decode(decoder, data)

    return read


async def _bounded(request: Request, limit: int) -> bytes:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise BodyTooLarge(f"The body is larger than {limit} bytes. Send less at once.")
    return bytes(data)


def _check_type(request: Request) -> None:
    declared = request.headers.get("content-type")
    essence = (declared or "application/json").partition(";")[0].strip().lower()
    if essence != "application/json" and not essence.endswith("+json"):
        raise WrongContentType(f"The body must be application/json, not {essence}.")


def _decode(decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    try:
        value = decoder.decode(data)
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"The body is no valid JSON in UTF-8: {error}.") from error
    except RecursionError as error:
        raise _too_deep() from error
    if _depth_exceeds(data, _MAX_DEPTH):
        raise _too_deep()
    return value


def _explained(text: str) -> InvalidRequest:
    found = _PLACE.match(text)
    problem, path = (found["problem"], found["path"] or "") if found else (text, "")
    missing = _MISSING.fullmatch(problem)
    if missing:
        member = f"{path}.{missing['name']}".lstrip(".")
        return InvalidRequest(f"'{member}' is missing.", field=member)
    problem = _TYPE.sub(lambda match: _TYPES[match[1]], problem.replace("`", ""))
    where = f"'{path}'" if path else "The body"
    return InvalidRequest(f"{where} is invalid: {problem}.", field=path or None)


def _too_deep() -> InvalidRequest:
    return InvalidRequest(f"The body is nested more than {_MAX_DEPTH} levels deep.")


def _depth_exceeds(data: bytes, limit: int) -> bool:
    """Whether JSON is nested (far) deeper than ``limit``: a pass takes one level off, or two."""
    if data.count(b"[") + data.count(b"{") <= limit:
        return False
    brackets = _STRING.sub(b"", data).translate(None, _NOT_BRACKETS)
    for _ in range(limit):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return bool(brackets)
