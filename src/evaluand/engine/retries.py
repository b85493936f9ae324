"""Which calls are repeated, how often, and how long is waited in between."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from evaluand.ports import Response

# Busy, too many requests, and the server's own faults: the same question may be answered later.
_RETRYABLE_STATUSES = frozenset({408, 425, 429})
_SERVER_FAULT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how patiently a call is repeated. Waiting times double and are jittered."""

    attempts: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0

    def wait_s(self, tries: int, retry_after_s: float | None) -> float:
        """Seconds before the next try; what the provider asks for is obeyed, within reason."""
        if retry_after_s is not None:
            return min(retry_after_s, self.longest_wait_s)
        spread = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        return min(self.first_wait_s * 2.0 ** (tries - 1), self.longest_wait_s) * spread


def is_retryable(status: int) -> bool:
    """Whether the same question may get another answer later."""
    return status in _RETRYABLE_STATUSES or status >= _SERVER_FAULT


def retry_after_s(response: Response, now: datetime) -> float | None:
    """Seconds to wait by the answer's Retry-After: a number, or a date (RFC 9110, 10.2.3)."""
    text = response.headers.get("retry-after", "").strip()
    try:
        if text[:1].isdigit():
            seconds = float(text)
        else:
            moment = parsedate_to_datetime(text)
            seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    except ValueError:
        return None
    return max(0.0, seconds) if seconds < float("inf") else None
