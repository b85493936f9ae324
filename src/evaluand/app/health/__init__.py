"""Whether an installation can work: each check says what it found and, if need be, what to do."""

from __future__ import annotations

import asyncio
import os

from evaluand.app.health.finding import Finding, State
from evaluand.app.health.machine import clock, data, database, unknown_settings, worker
from evaluand.app.health.parts import optional_parts
from evaluand.app.health.providers import providers
from evaluand.settings import Settings

__all__ = ["Finding", "State", "examine"]


async def examine(settings: Settings) -> list[Finding]:
    """All checks, those of the machine first. None of them changes anything."""
    return [
        *unknown_settings(os.environ),
        *data(settings),
        *database(settings),
        worker(settings),
        clock(settings),
        *await asyncio.to_thread(optional_parts),
        *[finding async for finding in providers(settings)],
    ]
