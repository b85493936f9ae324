"""Everything that can go wrong, as one tree. Each dialect renders a class in its own shape.

EvaluandError
├── InvalidRequest          400  the request cannot be understood or contradicts itself
│   ├── InvalidConfig            a target's configuration breaks a rule
│   ├── UnsupportedFile          the file's kind is not one that can be read
│   ├── CorruptFile              the file is not what it claims to be, or broken
│   ├── ProtectedFile            the file is encrypted and no password fits
│   └── FileTooLarge             more bytes or pages than the settings allow
├── Unauthorized            401  no key, or a key nobody issued
├── BudgetExceeded          402  the run would cost more than the workspace may spend
├── Forbidden               403  the key is good but may not do this
├── NotFound                404  no such object for this caller
├── MethodNotAllowed        405  the path exists, the method does not
├── BodyTooLarge            413  more bytes than the settings allow
├── WrongContentType        415  a body of another type than the endpoint takes
├── Unprocessable           422  well formed, but it cannot be carried out
├── Overloaded              429  too much at once; try again later
├── MissingExtra            501  an optional part is not installed; the message names it
├── Unavailable             503  a part the server needs is away for now
├── DocumentUnreadable       –   raised while a run reads a document; becomes an error row
│   └── ReadingStopped       –   reading took too long or too much memory and was ended
└── EvaluatorFailed          –   raised while a run measures; becomes a score without a value
"""

from __future__ import annotations

from typing import ClassVar


class EvaluandError(Exception):
    """Base of all errors that are meant to be shown; ``field`` says where in the request."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders: keyword-only arguments must survive pickling.
        return (_rebuild, (type(self), self.message, self.field))


def _rebuild(kind: type[EvaluandError], message: str, field: str | None) -> EvaluandError:
    return kind(message, field=field)


class InvalidRequest(EvaluandError):
    """The request cannot be understood or contradicts itself."""

    code = "invalid_request"
    status = 400


class InvalidConfig(InvalidRequest):
    """A target's configuration breaks a rule."""

    code = "invalid_config"


class UnsupportedFile(InvalidRequest):
    """The file's kind is not one that can be read."""

    code = "unsupported_file"


class CorruptFile(InvalidRequest):
    """The file is not what it claims to be, or broken."""

    code = "corrupt_file"


class ProtectedFile(InvalidRequest):
    """The file is encrypted and no password fits."""

    code = "protected_file"


class FileTooLarge(InvalidRequest):
    """The file has more bytes or pages than the settings allow."""

    code = "file_too_large"


class Unauthorized(EvaluandError):
    """There is no key in the request, or nobody issued it."""

    code = "unauthorized"
    status = 401


class BudgetExceeded(EvaluandError):
    """The run would cost more than the workspace may spend."""

    code = "budget_exceeded"
    status = 402


class Forbidden(EvaluandError):
    """The key is good but may not do this."""

    code = "forbidden"
    status = 403


class NotFound(EvaluandError):
    """No such object for this caller."""

    code = "not_found"
    status = 404


class MethodNotAllowed(EvaluandError):
    """The path exists, the method does not."""

    code = "method_not_allowed"
    status = 405


class BodyTooLarge(EvaluandError):
    """The body has more bytes than the settings allow."""

    code = "body_too_large"
    status = 413


class WrongContentType(EvaluandError):
    """The body is of another type than the endpoint takes."""

    code = "wrong_content_type"
    status = 415


class Unprocessable(EvaluandError):
    """Well formed, but it cannot be carried out."""

    code = "unprocessable"
    status = 422


class Overloaded(EvaluandError):
    """Too much at once; try again later."""

    code = "overloaded"
    status = 429
    retryable = True


class MissingExtra(EvaluandError):
    """An optional part is not installed."""

    code = "missing_extra"
    status = 501

    @classmethod
    def named(cls, extra: str, purpose: str) -> MissingExtra:
        """The error for ``extra``, with the command that installs it."""
        return cls(
            f"{purpose} needs the optional part '{extra}': pip install 'evaluand[{extra}]'",
            field=extra,
        )


class Unavailable(EvaluandError):
    """A part the server needs is away for now."""

    code = "unavailable"
    status = 503
    retryable = True


class DocumentUnreadable(EvaluandError):
    """A document could not be read while a run worked on it."""

    code = "document_unreadable"


class ReadingStopped(DocumentUnreadable):
    """Reading took too long or too much memory and was ended."""

    code = "reading_stopped"


class EvaluatorFailed(EvaluandError):
    """An evaluator crashed, or took too long or too much memory and was ended."""

    code = "evaluator_failed"
