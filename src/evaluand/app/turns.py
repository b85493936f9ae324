"""Taking turns: what two commands on the same data folder must not do at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from evaluand.engine.lock import EngineLock

# An import takes seconds; nobody notices a tenth.
_ASK_AGAIN_S = 0.1


@asynccontextmanager
async def importing(data: Path) -> AsyncIterator[None]:
    """Waits until no other process imports into this folder, and keeps others out meanwhile.

    Two that import the same file at once would both find nothing there, and make everything twice.
    """
    lock = EngineLock(data / "import.lock")
    while not lock.acquire():  # noqa: ASYNC110 - another process tells no event
        await asyncio.sleep(_ASK_AGAIN_S)
    try:
        yield
    finally:
        lock.release()
