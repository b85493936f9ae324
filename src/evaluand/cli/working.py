"""Waits for runs: works on them in this process, or watches the one that does.

One process works on a data folder at a time. The engine here waits for its turn, so a run is
finished whether a server runs on the same data, comes or goes.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from evaluand.cli.opening import Opened
from evaluand.cli.progress import Progress
from evaluand.domain.ids import PublicId
from evaluand.domain.lifecycle import FINAL, IllegalTransition
from evaluand.domain.model import Run

# Often enough for a bar that moves, seldom enough to cost nothing beside the work.
_LOOK_S = 0.2


async def finish(place: Opened, runs: Sequence[Run], progress: Progress) -> list[Run]:
    """The runs once they have ended, or as they are when Ctrl-C stopped the waiting.

    If the work was done here, what is under way is brought to its end first, and the runs are
    cancelled so that nothing goes on with them unasked; ``evaluand runs resume`` takes them up.
    """
    ids = [run.id for run in runs]
    stop = asyncio.Event()
    with progress, _stopping(place, stop, progress):
        await _watch(place, ids, progress, stop)
        if stop.is_set() and place.app.lock.held:
            await place.app.engine.stop(place.app.settings.drain_s)
            for run in _current(place, ids):
                with suppress(IllegalTransition):
                    place.services.runs.cancel(place.principal, run.id)
        current = _current(place, ids)
        progress.show(current)
    return current


async def _watch(
    place: Opened, ids: Sequence[PublicId], progress: Progress, stop: asyncio.Event
) -> None:
    """Returns when all runs have ended, or ``stop`` is set."""
    await place.app.start(work=True)
    while not stop.is_set():
        current = _current(place, ids)
        progress.show(current)
        if all(run.status in FINAL for run in current):
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_S)


def _current(place: Opened, ids: Sequence[PublicId]) -> list[Run]:
    return [place.services.runs.get(place.principal, run_id) for run_id in ids]


@contextmanager
def _stopping(place: Opened, stop: asyncio.Event, progress: Progress) -> Iterator[None]:
    """Sets ``stop`` on the first Ctrl-C or SIGTERM; a second one leaves what is under way."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def on_signal() -> None:
        if stop.is_set():
            place.app.hurry()
        elif place.app.lock.held:
            progress.say("Finishing what is under way. Ctrl-C again stops at once.")
        stop.set()

    for number in signals:
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
