"""The core's errors in Extend's shape: one table from class to status and code."""

from __future__ import annotations

import logging
from typing import NamedTuple

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from evaluand import errors
from evaluand.errors import EvaluandError, InvalidRequest, MethodNotAllowed, NotFound

logger = logging.getLogger(__name__)

REQUEST_ID_HEADER = "x-extend-request-id"
_UNHANDLED = "Something went wrong on the server. Its log names this request id."
_NOT_FOUND, _METHOD_NOT_ALLOWED = 404, 405


class Wire(NamedTuple):
    """How a class of errors goes out."""

    status: int
    code: str


# Permanent problems never go out as 409 or 5xx: the SDK would repeat the request.
TABLE: dict[type[EvaluandError], Wire] = {
    errors.InvalidRequest: Wire(400, "INVALID_REQUEST"),
    errors.UnsupportedFile: Wire(400, "FILE_TYPE_NOT_SUPPORTED"),
    errors.CorruptFile: Wire(400, "CORRUPT_FILE"),
    errors.ProtectedFile: Wire(400, "PASSWORD_PROTECTED_FILE"),
    errors.FileTooLarge: Wire(400, "FILE_SIZE_TOO_LARGE"),
    errors.Unauthorized: Wire(401, "UNAUTHORIZED"),
    errors.BudgetExceeded: Wire(402, "USAGE_BLOCKED"),
    errors.Forbidden: Wire(403, "FORBIDDEN"),
    errors.NotFound: Wire(404, "NOT_FOUND"),
    errors.MethodNotAllowed: Wire(405, "METHOD_NOT_ALLOWED"),
    errors.BodyTooLarge: Wire(413, "REQUEST_TOO_LARGE"),
    errors.WrongContentType: Wire(415, "UNSUPPORTED_MEDIA_TYPE"),
    errors.Unprocessable: Wire(422, "UNPROCESSABLE_ENTITY"),
    errors.DocumentUnreadable: Wire(422, "UNPROCESSABLE_ENTITY"),
    errors.MissingExtra: Wire(422, "UNPROCESSABLE_ENTITY"),
    errors.Overloaded: Wire(429, "RATE_LIMIT_EXCEEDED"),
    errors.Unavailable: Wire(503, "SERVICE_UNAVAILABLE"),
    errors.EvaluandError: Wire(500, "INTERNAL_ERROR"),
}


class ErrorBody(msgspec.Struct, kw_only=True, rename="camel"):
    """The body of every answer that is not a success."""

    code: str
    message: str
    retryable: bool
    request_id: str


def wire_of(kind: type[EvaluandError]) -> Wire:
    """The entry of the nearest class in the table."""
    return next(TABLE[base] for base in kind.__mro__ if base in TABLE)


def answer(error: EvaluandError, request_id: str) -> Response:
    """An error as a response."""
    status, code = wire_of(type(error))
    return _response(status, code, error.message, error.retryable or status >= 500, request_id)


def unhandled(error: Exception, request_id: str) -> Response:
    """The answer to an error nobody expected: the log has all of it, the client none."""
    logger.error("request %s failed", request_id, exc_info=error)
    return _response(500, "INTERNAL_ERROR", _UNHANDLED, True, request_id)


def install(app: FastAPI) -> None:
    """Makes the framework's own refusals, and the core's errors, go out in this shape."""

    async def core(request: Request, error: Exception) -> Response:
        return answer(_as_core(error), request.state.request_id)

    for kind in (EvaluandError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, core)


def _as_core(error: Exception) -> EvaluandError:
    if isinstance(error, EvaluandError):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == _NOT_FOUND:
        return NotFound("There is no such endpoint. Check the path, and the base URL's prefix.")
    if status == _METHOD_NOT_ALLOWED:
        return MethodNotAllowed("This endpoint exists, but not with this method.")
    return InvalidRequest("The request cannot be read.")


def _invalid(error: RequestValidationError) -> InvalidRequest:
    first = error.errors()[0]
    name = str(first["loc"][-1])
    return InvalidRequest(f"The parameter '{name}' is invalid: {first['msg']}.", field=name)


def _response(status: int, code: str, message: str, retryable: bool, request_id: str) -> Response:
    body = ErrorBody(code=code, message=message, retryable=retryable, request_id=request_id)
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")
