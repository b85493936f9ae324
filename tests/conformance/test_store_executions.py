"""Lists of executions: every order, page size and filter against what single looks say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from evaluand.domain.ids import new_public_id
from evaluand.domain.lifecycle import item_status
from evaluand.domain.model import (
    Outcome,
    Purpose,
    Run,
    RunItem,
    RunStatus,
    Target,
    TargetKind,
)
from evaluand.domain.paging import PageRequest
from evaluand.ports import ExecutionFilter, WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import (
    a_file,
    a_flush,
    a_result,
    a_run,
    a_snapshot,
    a_target,
    some_content,
)
from evaluand.testing.clock import START
from evaluand.testing.ledger import commit, complete, take
from evaluand.testing.paging import walk

EXTRACTOR = TargetKind.EXTRACTOR
LATER = START + timedelta(minutes=60)
EVERYTHING = PageRequest(size=1_000, sort="created_at", descending=False)
NAMES = ["Invoice_1.pdf", "invoice%2.pdf", "RECHNUNG ÄÖ.pdf", "a\\b.txt"]


@dataclass(frozen=True)
class Mixture:
    """Runs in every stage, and every place of them that can be seen."""

    door: WorkspaceStore
    runs: dict[str, Run]
    target: Target

    def places(self) -> list[RunItem]:
        found = (
            self.door.runs.execution(run.key, position)
            for run in self.runs.values()
            for position in range(run.item_count)
        )
        return [place for place in found if place is not None]

    def expected(self, keep: Callable[[RunItem], bool]) -> set[tuple[int, int]]:
        return {at(place) for place in self.places() if keep(place)}

    def listed(self, **wanted: Any) -> set[tuple[int, int]]:
        chosen = ExecutionFilter(**{"kind": EXTRACTOR, **wanted})
        rows = self.door.runs.executions(EVERYTHING, chosen).rows
        assert len({at(row) for row in rows}) == len(rows)
        return {at(row) for row in rows}


def at(place: RunItem) -> tuple[int, int]:
    return place.run.key, place.position


def status(place: RunItem) -> RunStatus:
    done = place.execution
    if done is None:
        return item_status(place.run.status, None, None)
    failure = done.answer.failure
    reason = None if failure is None else failure.reason
    return item_status(place.run.status, done.outcome, reason)


def updated(place: RunItem) -> tuple[Any, int, int]:
    done = place.execution.finished_at if place.execution else None
    return (done or place.run.finished_at or place.run.created_at, *at(place))


@pytest.fixture
def mixture(store: SqlStore, workspace: int, door: WorkspaceStore) -> Mixture:
    target = a_target(door)
    contents = [some_content(n, a_file(name)) for n, name in enumerate(NAMES)]
    minutes = iter(range(100))

    def run(purpose: Purpose = Purpose.EVALUATION, **other: Any) -> Run:
        when = START + timedelta(minutes=next(minutes))
        return a_run(door, contents=contents, purpose=purpose, at=when, **other)

    def results(made: Run, *outcomes: Outcome) -> None:
        take(store.ledger, made)
        done = [
            a_result(made, workspace, place, outcome, at=START + timedelta(minutes=20 - place))
            for place, outcome in enumerate(outcomes)
        ]
        commit(store.ledger, a_flush(results=done))

    runs = {
        "ended": run(),
        "pending": run(Purpose.BATCH),
        "running": run(snapshot=a_snapshot(target=target)),
        "cancelled": run(Purpose.SINGLE),
        "broken": run(),
        "of a classifier": run(snapshot=a_snapshot(TargetKind.CLASSIFIER)),
    }
    complete(store.ledger, runs["ended"], workspace, at=START + timedelta(minutes=9))
    results(runs["running"], Outcome.PASSED, Outcome.ERROR)
    door.runs.cancel_item(runs["running"].key, 3, LATER)
    results(runs["cancelled"], Outcome.FAILED)
    door.runs.request_cancel(runs["cancelled"].id, START + timedelta(minutes=15))
    complete(store.ledger, runs["broken"], workspace, outcome=Outcome.ERROR, at=LATER)
    door.runs.delete_item(runs["ended"].key, 1, LATER)
    return Mixture(door, runs, target)


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", ["created_at", "updated_at"])
def test_each_page_size_visits_each_execution_once_in_order(
    mixture: Mixture, sort: str, descending: bool
) -> None:
    key = at if sort == "created_at" else updated
    wanted = ExecutionFilter(kind=EXTRACTOR)
    expected = [p for p in mixture.places() if p.run.snapshot.kind is EXTRACTOR]
    expected.sort(key=key, reverse=descending)

    for size in (1, 2, 3, 7, len(expected), 1_000):
        rows = walk(
            lambda request: mixture.door.runs.executions(request, wanted),
            size,
            sort=sort,
            descending=descending,
        )
        assert [at(row) for row in rows] == [at(place) for place in expected]
        assert rows == expected


@pytest.mark.parametrize("wanted", RunStatus)
def test_by_status(mixture: Mixture, wanted: RunStatus) -> None:
    expected = mixture.expected(
        lambda place: status(place) is wanted and place.run.snapshot.kind is EXTRACTOR
    )

    assert expected
    assert mixture.listed(status=wanted) == expected


def test_statuses_part_the_executions_among_them(mixture: Mixture) -> None:
    shares = [mixture.listed(status=wanted) for wanted in RunStatus]

    assert set().union(*shares) == mixture.listed()
    assert sum(map(len, shares)) == len(mixture.listed())


@pytest.mark.parametrize("name", ["ended", "pending", "running", "cancelled", "broken"])
def test_by_run(mixture: Mixture, name: str) -> None:
    run = mixture.runs[name]

    expected = mixture.expected(lambda place: place.run.key == run.key)
    assert mixture.listed(run=run.id) == expected
    assert len(expected) == (3 if name == "ended" else 4)


def test_by_target_and_by_kind(mixture: Mixture) -> None:
    running, classifying = mixture.runs["running"], mixture.runs["of a classifier"]

    assert {key for key, _ in mixture.listed(target=mixture.target.summary.id)} == {running.key}
    assert {key for key, _ in mixture.listed(kind=TargetKind.CLASSIFIER)} == {classifying.key}
    assert mixture.listed(kind=TargetKind.SPLITTER) == set()
    assert mixture.listed(run=running.id, kind=TargetKind.CLASSIFIER) == set()


def test_by_purpose(mixture: Mixture) -> None:
    def keys(*purposes: Purpose) -> set[int]:
        return {key for key, _ in mixture.listed(purposes=frozenset(purposes))}

    assert keys(Purpose.BATCH) == {mixture.runs["pending"].key}
    assert keys(Purpose.SINGLE, Purpose.BATCH) == {
        mixture.runs[name].key for name in ("pending", "cancelled")
    }
    assert keys() == set()


@pytest.mark.parametrize("unknown", ["run", "target"])
def test_an_unknown_id_matches_nothing(mixture: Mixture, unknown: str) -> None:
    assert mixture.listed(**{unknown: new_public_id()}) == set()


@pytest.mark.parametrize(
    ("part", "places"),
    [
        ("invoice", {0, 1}),
        ("INVOICE_", {0}),
        ("%", {1}),
        ("_", {0}),
        ("\\", {3}),
        ("rechnung äö", {2}),
        ("ÄÖ.PDF", {2}),
        ("/", set()),
        ("", {0, 1, 2, 3}),
    ],
)
def test_by_a_part_of_the_files_name_taken_literally(
    mixture: Mixture, part: str, places: set[int]
) -> None:
    run = mixture.runs["pending"]

    assert mixture.listed(run=run.id, file_name_contains=part) == {
        (run.key, place) for place in places
    }


def test_filters_are_joined(mixture: Mixture) -> None:
    run = mixture.runs["running"]

    found = mixture.listed(run=run.id, status=RunStatus.FAILED, file_name_contains="invoice")

    assert found == {(run.key, 1)}
