"""Progress of runs on standard error: bars on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from evaluand.domain.model import Run

if TYPE_CHECKING:
    from rich.progress import TaskID

# A log should tell that something happens, not be filled by it.
_LINE_EVERY_S = 5.0
_STILL_EVERY_S = 60.0


class Progress(Protocol):
    """Shows how far runs are, from entering to leaving."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def show(self, runs: Sequence[Run]) -> None:
        """The runs as they are now; always the same ones in the same order."""
        ...

    def say(self, text: str) -> None:
        """A line beside the progress."""
        ...


def make_progress(*, quiet: bool = False) -> Progress:
    """Bars where a person looks; lines in a log; only what is said when ``quiet``."""
    if sys.stderr.isatty():
        return Bars()
    return Lines(every_s=None if quiet else _LINE_EVERY_S)


def label(run: Run) -> str:
    """What a run evaluates, in a few words."""
    target, version = run.snapshot.target, run.snapshot.version
    number = None if version is None else version.number or "draft"
    return f"{target.name if target else run.snapshot.kind} {number or ''}".strip()


class Lines:
    """One line every few seconds and one at the end; ``every_s`` None leaves only what is said."""

    def __init__(self, every_s: float | None) -> None:
        self._every_s = every_s
        self._begun = self._last = time.monotonic()
        self._first: int | None = None
        self._done = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, runs: Sequence[Run]) -> None:
        done = sum(run.counters.done for run in runs)
        total = sum(run.item_count for run in runs)
        if self._first is None:
            self._first = done
        now = time.monotonic()
        if self._every_s is None or not self._is_due(done, done >= total, now - self._last):
            return
        rate = (done - self._first) / max(now - self._begun, 1e-9)
        left = _left(total - done, rate)
        line = f"{done}/{total} items, {rate:.1f} items/s, {left}{_money(runs)}"
        print(line, file=sys.stderr, flush=True)
        self._last, self._done = now, done

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def _is_due(self, done: int, finished: bool, silent_s: float) -> bool:
        if done == self._done:
            return silent_s >= _STILL_EVERY_S and not finished
        return finished or silent_s >= (self._every_s or 0.0)


class Bars:
    """A bar for each run, with rate, time left, errors and cost."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as RichProgress

        self._bars = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[notes]}", markup=False),
            console=Console(stderr=True),
        )
        self._tasks: list[TaskID] = []
        self._begun: dict[TaskID, tuple[float, int]] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def show(self, runs: Sequence[Run]) -> None:
        for run in runs[len(self._tasks) :]:
            fields: dict[str, Any] = {"rate": "", "notes": ""}
            task = self._bars.add_task(label(run), total=run.item_count, **fields)
            self._tasks.append(task)
            self._begun[task] = (time.monotonic(), run.counters.done)
        for task, run in zip(self._tasks, runs, strict=True):
            since, first = self._begun[task]
            rate = (run.counters.done - first) / max(time.monotonic() - since, 1e-9)
            if run.finished_at is None:
                self._bars.update(task, rate=f"{rate:.1f}/s")
            self._bars.update(task, completed=run.counters.done, notes=_money([run]).lstrip(", "))

    def say(self, text: str) -> None:
        self._bars.console.print(text, markup=False, highlight=False)


def _left(items: int, rate: float) -> str:
    if items == 0:
        return "done"
    return f"about {items / rate:.0f} s left" if rate > 0 else "starting"


def _money(runs: Sequence[Run]) -> str:
    errors = sum(run.counters.error for run in runs)
    cost = sum(run.counters.cost_usd for run in runs)
    notes = [f"{errors} errors"] if errors else []
    notes += [f"${cost:.4f}"] if cost else []
    return "".join(f", {note}" for note in notes)
