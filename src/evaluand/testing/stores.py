"""The store on each database there is, for suites that hold them all to the same rules.

Another database joins by one entry in ``STORES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from evaluand.store.database import Database
from evaluand.store.sql import SqlStore


@contextmanager
def memory_store(folder: Path) -> Iterator[SqlStore]:
    """SQLite in memory, through one connection."""
    yield from _opened("sqlite://")


@contextmanager
def file_store(folder: Path) -> Iterator[SqlStore]:
    """SQLite in a file of ``folder``, with readers beside the writer."""
    yield from _opened(f"sqlite:///{folder / 'evaluand.db'}")


def _opened(url: str) -> Iterator[SqlStore]:
    # Nothing here pulls the plug: waiting for the disk would only make the suite slow.
    store = SqlStore(Database(url, synchronous="OFF"))
    try:
        yield store
    finally:
        store.close()


STORES: dict[str, Callable[[Path], AbstractContextManager[SqlStore]]] = {
    "memory": memory_store,
    "file": file_store,
}
