"""One store per database: the suites named ``test_store_*`` run on each of them."""

from __future__ import annotations

from collections.abc import Iterator
from secrets import token_hex

import pytest

from evaluand.ports import WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import a_workspace
from evaluand.testing.stores import STORES


@pytest.fixture(scope="module", params=sorted(STORES))
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqlStore]:
    """A store for all tests of a module; each has a workspace of its own in it."""
    with STORES[request.param](tmp_path_factory.mktemp("store")) as opened:
        yield opened


@pytest.fixture
def workspace(store: SqlStore) -> int:
    """The key of an empty workspace."""
    return a_workspace(store, name=token_hex(8))


@pytest.fixture
def door(store: SqlStore, workspace: int) -> WorkspaceStore:
    """What the workspace can see."""
    return store.workspace(workspace)
