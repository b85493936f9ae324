"""Results: a run item by item however long it is, and two runs paired by their items."""

from __future__ import annotations

import pytest

from evaluand.domain.model import (
    EvaluationSet,
    Metric,
    Outcome,
    Principal,
    Purpose,
    Run,
    RunStatus,
    Score,
    Suite,
    TargetKind,
)
from evaluand.domain.paging import PageRequest
from evaluand.errors import NotFound, Unprocessable
from evaluand.ports import ChunkHint
from evaluand.services.results import Results, star_metric
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import a_flush, a_result, some_content
from evaluand.testing.clock import START
from evaluand.testing.core import Core
from evaluand.testing.ledger import commit, complete, take


@pytest.fixture
def results(core: Core) -> Results:
    return Results(core.services.runs)


@pytest.fixture
def golden(core: Core, admin: Principal) -> EvaluationSet:
    target = core.services.targets.create(admin, TargetKind.EXTRACTOR, name="r", config=None)
    made = core.services.sets.create(admin, name="g", description="", target=target.summary.id)
    core.services.sets.add_items(admin, made.id, [some_content(n) for n in range(5)])
    return core.services.sets.get(admin, made.id)


def started(core: Core, who: Principal, golden: EvaluationSet, **other: object) -> Run:
    return core.services.runs.start(who, evaluation_set=golden.id, **other)  # type: ignore[arg-type]


def measured(store: SqlStore, who: Principal, run: Run, values: list[float | None]) -> None:
    """Gives the run's items these values, in their order."""
    work = take(store.ledger, run)
    done = [
        a_result(
            run,
            who.workspace,
            place,
            Outcome.SKIPPED if value is None else Outcome.FAILED,
            scores=(Score(metric="field_accuracy", value=value, passed=value == 1.0),),
        )
        for place, value in enumerate(values)
    ]
    commit(store.ledger, a_flush(results=done))
    if len(values) == run.item_count:
        store.ledger.close_chunk(ChunkHint(run.key, 0), work.epoch, {}, START)
        store.ledger.finish(run.key, RunStatus.SUCCEEDED, {}, None, START)


def test_every_item_of_a_long_run_comes_once_in_order(
    core: Core, store: SqlStore, results: Results, admin: Principal
) -> None:
    run = core.services.runs.process(
        admin,
        TargetKind.EXTRACTOR,
        [some_content(n) for n in range(450)],
        purpose=Purpose.BATCH,
        config={},
    )
    complete(store.ledger, run, admin.workspace)

    found = list(results.items(admin, run))

    assert [result.place.position for result in found] == list(range(450))
    assert all(result.score("field_accuracy") for result in found)
    assert [r.place.position for r in results.items(admin, run, after=447)] == [448, 449]


def test_one_item(
    core: Core, store: SqlStore, results: Results, admin: Principal, golden: EvaluationSet
) -> None:
    run = started(core, admin, golden)
    measured(store, admin, run, [0.5])

    first, second = results.item(admin, run, 0), results.item(admin, run, 1)

    assert first.scores[0].value == 0.5
    assert first.score("other") is None
    assert (second.place.execution, second.scores) == (None, ())
    for unknown in (-1, 5):
        with pytest.raises(NotFound):
            results.item(admin, run, unknown)


def test_the_worst_come_first_once_the_run_has_ended(
    core: Core, store: SqlStore, results: Results, admin: Principal, golden: EvaluationSet
) -> None:
    going, ended = started(core, admin, golden), started(core, admin, golden)
    measured(store, admin, going, [0.9, 0.1])
    measured(store, admin, ended, [0.9, 0.1, None, 1.0, 0.0])
    ended = core.services.runs.get(admin, ended.id)

    def order(run: Run) -> list[int]:
        page = results.worst(admin, run, outcome=None, size=10, after=None)
        return [result.place.position for result in page.rows]

    assert order(core.services.runs.get(admin, going.id)) == [0, 1]
    assert order(ended) == [4, 1, 0, 3, 2]


def test_runs_are_paired_by_their_items_whatever_their_places(
    core: Core, store: SqlStore, results: Results, admin: Principal, golden: EvaluationSet
) -> None:
    request = PageRequest(size=10, sort="created_at", descending=False)
    items = [item.id for item in core.services.sets.items(admin, golden.id, request).rows]
    whole = started(core, admin, golden)
    part = started(core, admin, golden, items=items[3:])
    measured(store, admin, whole, [0.0, 0.0, None, 0.5, 0.5])
    measured(store, admin, part, [0.5, 1.0])

    found = results.compare(admin, whole, part)

    assert (found.paired, found.unpaired) == (2, 2)
    assert [(c.key, c.before, c.after) for c in found.items] == [(items[4], 0.5, 1.0)]


def test_runs_that_measure_different_things_are_not_compared(
    core: Core, results: Results, admin: Principal, golden: EvaluationSet
) -> None:
    other = Suite(metrics=(Metric(evaluator="exact_match"),))
    one = started(core, admin, golden)
    two = started(core, admin, golden, suite=other)
    nothing = started(core, admin, golden, suite=Suite())

    assert [star_metric(run) for run in (one, two, nothing)] == [
        "field_accuracy",
        "exact_match",
        None,
    ]
    for first, second in ((one, two), (nothing, nothing), (one, nothing)):
        with pytest.raises(Unprocessable, match="cannot be compared"):
            results.compare(admin, first, second)
