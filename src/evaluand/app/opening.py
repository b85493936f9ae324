"""Opens the store that the settings name; on its own it is all that managing keys needs."""

from __future__ import annotations

from datetime import UTC, datetime

from evaluand.settings import Settings
from evaluand.store.database import Database
from evaluand.store.sql import SqlStore


class SystemClock:
    """Fits :class:`evaluand.ports.Clock`."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)


def open_store(settings: Settings) -> tuple[SqlStore, SystemClock]:
    """The store, migrated, and the clock. Makes the data folder if there is none."""
    settings.data.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database, synchronous=settings.sqlite_synchronous)
    return SqlStore(database), SystemClock()
