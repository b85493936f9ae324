"""The use cases over SQLite in memory, with fakes for everything outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from evaluand.domain.model import Principal, Role
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import a_principal, a_workspace
from evaluand.testing.core import Core, build_core
from evaluand.testing.stores import memory_store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """A store for all tests; each works in a workspace of its own."""
    with memory_store(tmp_path_factory.mktemp("store")) as opened:
        yield opened


@pytest.fixture
def core(store: SqlStore, tmp_path: Path) -> Core:
    """The services, with fresh fakes and an empty folder."""
    return build_core(store, tmp_path)


@pytest.fixture
def admin(store: SqlStore) -> Principal:
    """An admin of an empty workspace."""
    return a_principal(a_workspace(store, token_hex(8)), Role.ADMIN)


@pytest.fixture
def stranger(store: SqlStore) -> Principal:
    """An admin of another workspace."""
    return a_principal(a_workspace(store, token_hex(8)), Role.ADMIN)
