"""Connections. Reads come from a pool; on SQLite all writes go through one thread.

One writer is how SQLite wants it: two would only wait for each other's lock. Everything is
synchronous; asyncio callers await the future that ``submit`` gives.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.pool import StaticPool

from evaluand.errors import Unavailable

T = TypeVar("T")

# Another process (the command line) may hold the write lock for a moment.
_BUSY_TIMEOUT_MS = 15_000
# Readers share the pool; more than the web framework's threads would never be used at once.
_READERS = 16
# PostgreSQL writes run side by side, but few at a time: commits queue at the disk anyway.
_WRITERS = 8


class Database:
    """A database by URL: ``sqlite:///path``, ``sqlite://`` (in memory) or ``postgresql+psycopg://``."""

    def __init__(self, url: str, *, synchronous: str = "FULL") -> None:
        self.url = url
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        in_memory = self.is_sqlite and parsed.database in (None, "", ":memory:")
        # One shared connection cannot serve two threads at once: in memory, reads queue too.
        self._alone: AbstractContextManager[object] = (
            threading.RLock() if in_memory else nullcontext()
        )
        self.engine = (
            _sqlite_engine(url, in_memory, synchronous) if self.is_sqlite else _engine(url)
        )
        self._writer = ThreadPoolExecutor(
            1 if self.is_sqlite else _WRITERS, thread_name_prefix="store-writer"
        )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; what it sees is one consistent moment."""
        with self._alone, _told_plainly(), self.engine.connect() as connection:
            yield connection

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Runs ``work`` in one transaction on the writer thread; the future has its result."""
        return self._writer.submit(self._transact, work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Runs ``work`` in one transaction and returns its result once it is committed."""
        return self.submit(work).result()

    def close(self) -> None:
        """Finishes the writes under way and closes all connections."""
        self._writer.shutdown(wait=True)
        self.engine.dispose()

    def _transact(self, work: Callable[[Connection], T]) -> T:
        with self._alone, _told_plainly(), self.engine.begin() as connection:
            return work(connection)


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(
            f"The database is away or its disk is full: {error.orig}. Nothing was stored."
        ) from error


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


def _engine(url: str) -> Engine:
    return create_engine(url, pool_size=_READERS + _WRITERS, pool_pre_ping=True)


def _sqlite_engine(url: str, in_memory: bool, synchronous: str) -> Engine:
    pool: dict[str, Any] = (
        {"poolclass": StaticPool} if in_memory else {"pool_size": _READERS, "max_overflow": 8}
    )
    engine = create_engine(url, connect_args={"check_same_thread": False}, **pool)

    @event.listens_for(engine, "connect")
    def _settle(connection: Any, _record: Any) -> None:
        # Transactions are begun by hand below: the driver's own habit would begin them too late.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()
        # SQLite's own lower() knows ASCII only: names in other scripts would not be found.
        connection.create_function("lower", 1, _lower, deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock at once: upgrading a read later can fail without any retry.
        writing = threading.current_thread().name.startswith("store-writer")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
