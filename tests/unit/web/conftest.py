"""An installation for each test of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.web.world import SECRET, World

from evaluand.services.sessions import Sessions
from evaluand.testing.builders import a_workspace
from evaluand.testing.core import build_core
from evaluand.testing.stores import STORES


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An installation of its own for each test."""
    with STORES["memory"](tmp_path) as store:
        core = build_core(store, tmp_path)
        sessions = Sessions(
            store=store.access, access=core.services.access, clock=core.clock, secret=SECRET
        )
        yield World(core=core, workspace=a_workspace(store), sessions=sessions)
