"""What becomes of an item when something on the way to its output goes wrong."""

from __future__ import annotations

from evaluand.domain.model import Failure
from evaluand.errors import EvaluandError, InvalidConfig, Overloaded, ReadingStopped, Unavailable
from evaluand.models.replies import BadReply
from evaluand.ports import CallFailed

ItemFault = (BadReply, CallFailed, EvaluandError)
"""Exceptions that are one item's failure; anything else is a bug and goes up."""


def failure_of(fault: Exception) -> Failure:
    """The failure to record for one of ``ItemFault``."""
    match fault:
        case BadReply():
            return fault.failure
        case CallFailed():
            reason = "timeout" if fault.reason == "timeout" else "target_error"
            return Failure(reason=reason, message=fault.message)
        case InvalidConfig():
            return Failure(reason="invalid_config", message=fault.message)
        case ReadingStopped():
            return Failure(reason="reading_stopped", message=fault.message)
        case Overloaded() | Unavailable():
            return Failure(reason="target_error", message=fault.message)
        case EvaluandError():
            # Broken, protected, too large, of an unknown kind: the message tells which.
            return Failure(reason="document_unreadable", message=fault.message)
    raise fault
