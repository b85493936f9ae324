"""Progress in a log: enough lines to see it move, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evaluand.cli import progress
from evaluand.cli.progress import Lines, label, make_progress
from evaluand.domain.model import Counters, Run
from evaluand.testing.builders import a_run, a_workspace
from evaluand.testing.stores import memory_store


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with memory_store(tmp_path) as store:
        yield a_run(store.workspace(a_workspace(store)), items=10)


class Watch:
    """A clock for the lines, set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(progress, "time", watch)
    return watch


def _at(run: Run, passed: int, error: int = 0, cost: float = 0.0) -> list[Run]:
    return [replace(run, counters=Counters(passed=passed, error=error, cost_usd=cost))]


def test_a_line_comes_every_few_seconds_and_at_the_end(
    run: Run, watch: Watch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Lines(every_s=5.0) as lines:
        for second in range(11):
            watch.seconds = second
            lines.show(_at(run, second))

    assert capsys.readouterr().err.splitlines() == [
        "5/10 items, 1.0 items/s, about 5 s left",
        "10/10 items, 1.0 items/s, done",
    ]


def test_errors_and_cost_are_told(
    run: Run, watch: Watch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines(every_s=5.0)
    lines.show(_at(run, 0))
    watch.seconds = 5.0
    lines.show(_at(run, 4, error=1, cost=0.25))

    told = capsys.readouterr().err
    assert told == "5/10 items, 1.0 items/s, about 5 s left, 1 errors, $0.2500\n"


def test_a_standstill_does_not_fill_the_log(
    run: Run, watch: Watch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines(every_s=5.0)
    for second in range(121):
        watch.seconds = second
        lines.show(_at(run, 0))

    assert len(capsys.readouterr().err.splitlines()) <= 3


def test_quiet_progress_says_only_what_is_said(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with make_progress(quiet=True) as quiet:
        quiet.show(_at(run, 10))
        quiet.say("Stopping")

    assert capsys.readouterr() == ("", "Stopping\n")


def test_a_run_without_a_target_is_called_by_its_kind(run: Run) -> None:
    assert label(run) == "extractor"
