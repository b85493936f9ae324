"""Runs: what is evaluated unless said otherwise, stopping and going on, single executions."""

from __future__ import annotations

from typing import Any

import pytest

from evaluand.domain.ids import PublicId, new_public_id
from evaluand.domain.lifecycle import IllegalTransition
from evaluand.domain.model import (
    EvaluationSet,
    Metric,
    Principal,
    Purpose,
    Run,
    RunItem,
    RunStatus,
    Suite,
    Target,
    TargetKind,
    TargetVersion,
)
from evaluand.domain.paging import PageRequest
from evaluand.errors import InvalidConfig, InvalidRequest, NotFound
from evaluand.ports import DEFAULT_PRIORITY, ExecutionFilter
from evaluand.services.runs import CHUNK_SIZE, Runs
from evaluand.services.targets import VersionRef
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import some_content
from evaluand.testing.core import Core
from evaluand.testing.ledger import complete, open_chunks, take

EXTRACTOR, CLASSIFIER = TargetKind.EXTRACTOR, TargetKind.CLASSIFIER
EVERYTHING = PageRequest(size=1_000, sort="created_at", descending=False)
ECHO = {"engine": {"kind": "echo"}}


@pytest.fixture
def runs(core: Core) -> Runs:
    return core.services.runs


@pytest.fixture
def target(core: Core, admin: Principal) -> Target:
    return core.services.targets.create(admin, EXTRACTOR, name="reader", config={"draft": 1})


@pytest.fixture
def golden(core: Core, admin: Principal, target: Target) -> EvaluationSet:
    made = core.services.sets.create(admin, name="golden", description="", target=target.summary.id)
    core.services.sets.add_items(admin, made.id, [some_content(n) for n in range(3)])
    return core.services.sets.get(admin, made.id)


def publish(core: Core, who: Principal, target: Target, **config: Any) -> TargetVersion:
    return core.services.targets.publish(
        who, target.summary.kind, target.summary.id, major=False, description=None, config=config
    )


def places(runs: Runs, who: Principal, run: Run) -> list[RunItem]:
    wanted = ExecutionFilter(kind=run.snapshot.kind, run=run.id)
    return list(runs.executions(who, EVERYTHING, wanted).rows)


# ── What is run ──────────────────────────────────────────────────────────────────────────────────


def test_without_a_target_it_is_the_sets_own_at_its_draft(
    core: Core, runs: Runs, admin: Principal, target: Target, golden: EvaluationSet
) -> None:
    publish(core, admin, target, published=1)

    run = runs.start(admin, evaluation_set=golden.id)

    summary = core.services.targets.get(admin, EXTRACTOR, target.summary.id).summary
    assert (run.snapshot.target, run.snapshot.version) == (summary, target.draft)
    assert run.snapshot.config == {"draft": 1} | ECHO
    assert (run.status, run.item_count, run.purpose) == (
        RunStatus.PENDING,
        3,
        Purpose.EVALUATION,
    )
    assert (run.snapshot.set_name, run.snapshot.set_version) == ("golden", 1)
    assert (run.created_by, run.created_at) == (admin.author, core.clock.now())
    assert core.engine.submitted == [run.key]


@pytest.mark.parametrize(
    ("version", "config"),
    [
        (None, {"second": 1}),
        ("latest", {"second": 1}),
        ("draft", {"draft": 1}),
        ("0.1", {"first": 1}),
        ("0.2", {"second": 1}),
    ],
)
def test_with_a_target_it_is_its_newest_version_unless_one_is_named(
    core: Core,
    runs: Runs,
    admin: Principal,
    target: Target,
    golden: EvaluationSet,
    version: VersionRef | None,
    config: dict[str, Any],
) -> None:
    publish(core, admin, target, first=1)
    publish(core, admin, target, second=1)

    run = runs.start(
        admin,
        evaluation_set=golden.id,
        target=target.summary.id,
        other_target=True,
        version=version,
    )

    assert run.snapshot.config == config | ECHO


def test_a_version_can_be_named_by_its_id(
    core: Core, runs: Runs, admin: Principal, target: Target, golden: EvaluationSet
) -> None:
    first, _ = publish(core, admin, target, first=1), publish(core, admin, target, second=1)

    run = runs.start(
        admin,
        evaluation_set=golden.id,
        target=target.summary.id,
        other_target=True,
        version=first.id,
    )

    assert run.snapshot.version == first


def test_with_nothing_published_it_is_the_draft(
    core: Core, runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    other = core.services.targets.create(admin, EXTRACTOR, name="b", config={"other": 1})

    run = runs.start(admin, evaluation_set=golden.id, target=other.summary.id, other_target=True)

    assert run.snapshot.version == other.draft
    assert run.snapshot.target == other.summary


def test_a_target_of_another_kind_is_refused(
    core: Core, runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    classifier = core.services.targets.create(admin, CLASSIFIER, name="c", config=None)

    with pytest.raises(
        InvalidRequest, match="'extractor', the one to run is of the kind 'classifier'"
    ) as caught:
        runs.start(admin, evaluation_set=golden.id, target=classifier.summary.id, other_target=True)

    assert caught.value.field == "entity"
    assert core.engine.submitted == []


def test_a_target_that_is_named_but_unreadable_is_unknown(
    runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    with pytest.raises(NotFound) as caught:
        runs.start(admin, evaluation_set=golden.id, target=None, other_target=True)

    assert caught.value.field == "entity.id"


def test_a_configuration_that_cannot_work_is_refused_before_anything_is_stored(
    core: Core, runs: Runs, store: SqlStore, admin: Principal, target: Target, golden: EvaluationSet
) -> None:
    # It was good once: what engines take may change under a stored draft.
    store.workspace(admin.workspace).targets.update(
        target.summary.id, name=None, config={"broken": 1}, at=core.clock.now()
    )

    with pytest.raises(InvalidConfig):
        runs.start(admin, evaluation_set=golden.id)

    assert runs.page(admin, EVERYTHING, purposes=None).rows == ()
    assert core.engine.submitted == []


# ── Options and items ────────────────────────────────────────────────────────────────────────────


def test_options_reach_the_headline_metric(
    runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    plain = runs.start(admin, evaluation_set=golden.id)
    options = {"fuzzyMatchFields": ["vendor"], "excludeFields": []}
    with_options = runs.start(admin, evaluation_set=golden.id, options=options)

    (metric,) = with_options.snapshot.suite.metrics
    assert metric == Metric(evaluator="field_accuracy", arguments=options, threshold=1.0)
    assert plain.snapshot.suite.metrics[0].arguments == {}
    assert plain.digest != with_options.digest


def test_a_suite_given_is_what_is_measured(
    runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    suite = Suite(metrics=(Metric(evaluator="exact_match"), Metric(evaluator="field_accuracy")))

    run = runs.start(admin, evaluation_set=golden.id, suite=suite, options={"not": "used"})

    assert run.snapshot.suite == suite


def test_repeated_items_count_once(
    core: Core, runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    items = [i.id for i in core.services.sets.items(admin, golden.id, EVERYTHING).rows]

    run = runs.start(admin, evaluation_set=golden.id, items=[items[2], items[0], items[2]])

    assert {place.item for place in places(runs, admin, run)} == {items[0], items[2]}
    assert run.item_count == 2


@pytest.mark.parametrize(
    ("chosen", "error"),
    [([], InvalidRequest), ([None], NotFound), ([new_public_id()], NotFound)],
)
def test_items_that_cannot_be_are_refused_whole(
    core: Core,
    runs: Runs,
    admin: Principal,
    golden: EvaluationSet,
    chosen: list[PublicId | None],
    error: type[Exception],
) -> None:
    known = core.services.sets.items(admin, golden.id, EVERYTHING).rows[0].id

    with pytest.raises(error) as caught:
        runs.start(admin, evaluation_set=golden.id, items=[known, *chosen] if chosen else [])

    assert caught.value.field == "evaluationSetItemIds"  # type: ignore[attr-defined]
    assert runs.page(admin, EVERYTHING, purposes=None).rows == ()
    assert core.engine.submitted == []


def test_an_empty_set_is_refused(core: Core, runs: Runs, admin: Principal, target: Target) -> None:
    empty = core.services.sets.create(admin, name="e", description="", target=target.summary.id)

    with pytest.raises(InvalidRequest, match="no items"):
        runs.start(admin, evaluation_set=empty.id)


def test_the_same_twice_is_two_runs_with_one_digest(
    runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    one, two = (runs.start(admin, evaluation_set=golden.id) for _ in range(2))

    assert one.id != two.id
    assert one.digest == two.digest


def test_large_sets_are_cut_into_chunks(
    core: Core, store: SqlStore, runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    core.services.sets.add_items(admin, golden.id, [some_content(n) for n in range(CHUNK_SIZE)])

    run = runs.start(admin, evaluation_set=golden.id)

    assert len(open_chunks(store.ledger, run)) == 2


# ── Processing without measuring ─────────────────────────────────────────────────────────────────


def test_documents_are_processed_by_a_target_with_changes_over_it(
    core: Core, runs: Runs, admin: Principal, target: Target
) -> None:
    version = publish(core, admin, target, a=1, b=2)

    run = runs.process(
        admin,
        EXTRACTOR,
        [some_content()],
        purpose=Purpose.BATCH,
        target=target.summary.id,
        changes={"b": 3},
    )

    assert run.snapshot.version == version
    assert run.snapshot.config == {"a": 1, "b": 3} | ECHO
    assert run.snapshot.suite == Suite()
    assert (run.purpose, run.evaluation_set) == (Purpose.BATCH, None)
    assert core.engine.submitted == [run.key]


def test_documents_are_processed_by_a_configuration_alone(runs: Runs, admin: Principal) -> None:
    run = runs.process(
        admin, CLASSIFIER, [some_content()], purpose=Purpose.SINGLE, config={"inline": 1}
    )

    assert (run.snapshot.target, run.snapshot.version) == (None, None)
    assert run.snapshot.config == {"inline": 1} | ECHO
    assert run.snapshot.kind is CLASSIFIER


@pytest.mark.parametrize("given", [{"config": {"broken": 1}}, {"changes": {"broken": 1}}])
def test_processing_refuses_what_cannot_work(
    core: Core, runs: Runs, admin: Principal, target: Target, given: dict[str, Any]
) -> None:
    with pytest.raises(InvalidConfig):
        runs.process(
            admin,
            EXTRACTOR,
            [some_content()],
            purpose=Purpose.SINGLE,
            target=target.summary.id,
            **given,
        )

    assert core.engine.submitted == []


def test_more_urgent_work_goes_first(
    store: SqlStore, runs: Runs, admin: Principal, target: Target
) -> None:
    def process(priority: int = DEFAULT_PRIORITY) -> Run:
        return runs.process(
            admin,
            EXTRACTOR,
            [some_content()],
            purpose=Purpose.SINGLE,
            config={},
            priority=priority,
        )

    patient, plain, urgent = process(1), process(), process(99)

    hints = open_chunks(store.ledger, patient, plain, urgent)
    assert [hint.run for hint in hints] == [urgent.key, plain.key, patient.key]


# ── Stopping and going on ────────────────────────────────────────────────────────────────────────


def test_a_run_is_cancelled_and_taken_up_again(
    core: Core, runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    run = runs.start(admin, evaluation_set=golden.id)

    cancelled = runs.cancel(admin, run.id)
    assert cancelled.status is RunStatus.CANCELLED
    assert core.engine.cancelled == [run.key]
    resumed = runs.resume(admin, run.id)

    assert resumed.status is RunStatus.PENDING
    assert core.engine.submitted == [run.key, run.key]


def test_what_cannot_be_stopped_or_taken_up_is_told_and_the_engine_is_not(
    core: Core, store: SqlStore, runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    run = runs.start(admin, evaluation_set=golden.id)
    complete(store.ledger, run, admin.workspace)

    with pytest.raises(IllegalTransition):
        runs.cancel(admin, run.id)
    with pytest.raises(IllegalTransition):
        runs.resume(admin, run.id)

    assert core.engine.cancelled == []
    assert core.engine.submitted == [run.key]


# ── Executions ───────────────────────────────────────────────────────────────────────────────────


def test_an_executions_id_leads_back_to_it(
    runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    run = runs.start(admin, evaluation_set=golden.id)
    found = places(runs, admin, run)

    ids = [runs.execution_id(place) for place in found]

    assert len(set(ids)) == 3
    assert [runs.execution(admin, EXTRACTOR, key) for key in ids] == found
    for key in ids:
        with pytest.raises(NotFound, match="no classifier run"):
            runs.execution(admin, CLASSIFIER, key)


def test_an_executions_id_does_not_change_when_it_happens(
    store: SqlStore, runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    run = runs.start(admin, evaluation_set=golden.id)
    before = [runs.execution_id(place) for place in places(runs, admin, run)]
    complete(store.ledger, run, admin.workspace)

    after = places(runs, admin, run)

    assert [runs.execution_id(place) for place in after] == before
    assert all(place.execution for place in after)


def test_cancelling_a_single_execution_cancels_its_run(
    core: Core, runs: Runs, admin: Principal
) -> None:
    run = runs.process(admin, EXTRACTOR, [some_content()], purpose=Purpose.SINGLE, config={})
    (place,) = places(runs, admin, run)

    cancelled = runs.cancel_execution(admin, EXTRACTOR, runs.execution_id(place))

    assert cancelled.run.status is RunStatus.CANCELLED
    assert core.engine.cancelled == [run.key]


def test_cancelling_one_of_many_leaves_the_others(
    core: Core, store: SqlStore, runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    run = runs.start(admin, evaluation_set=golden.id)
    execution = runs.execution_id(places(runs, admin, run)[1])

    cancelled = runs.cancel_execution(admin, EXTRACTOR, execution)

    assert cancelled.execution is not None
    assert cancelled.run.status is RunStatus.PENDING
    assert [item.position for item in take(store.ledger, run).items] == [0, 2]
    with pytest.raises(InvalidRequest, match="ended already"):
        runs.cancel_execution(admin, EXTRACTOR, execution)


def test_an_execution_of_a_run_that_ended_cannot_be_cancelled(
    runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    run = runs.start(admin, evaluation_set=golden.id)
    runs.cancel(admin, run.id)

    with pytest.raises(InvalidRequest, match="ended already"):
        runs.cancel_execution(admin, EXTRACTOR, runs.execution_id(places(runs, admin, run)[0]))


def test_a_deleted_execution_is_unknown(
    runs: Runs, admin: Principal, golden: EvaluationSet
) -> None:
    run = runs.start(admin, evaluation_set=golden.id)
    first = runs.execution_id(places(runs, admin, run)[0])

    runs.delete_execution(admin, EXTRACTOR, first)

    assert len(places(runs, admin, run)) == 2
    for attempt in (runs.execution, runs.delete_execution, runs.cancel_execution):
        with pytest.raises(NotFound):
            attempt(admin, EXTRACTOR, first)
