"""A clock that tests set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# Any moment would do; the microsecond shows whether a store keeps it.
START = datetime(2026, 3, 21, 16, 45, 0, 250_001, tzinfo=UTC)


class SettableClock:
    """Fits :class:`evaluand.ports.Clock`: stands still until it is moved, or ticks when read."""

    def __init__(self, at: datetime = START, *, tick: timedelta = timedelta()) -> None:
        self.at = at
        self._tick = tick

    def now(self) -> datetime:
        """The moment it was set to, moved on by one tick per reading."""
        moment = self.at
        self.at += self._tick
        return moment

    def advance(self, *, seconds: float = 0.0, minutes: float = 0.0) -> datetime:
        """Moves the clock on (or back, where negative) and returns the new moment."""
        self.at += timedelta(seconds=seconds, minutes=minutes)
        return self.at
