"""Reports of runs: the figures a gate may ask for, the worst items, and what people read."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evaluand.cli.gates import Bound, Checked, flattened
from evaluand.cli.rendering import intervals_in, render_comparison, render_gate, render_run
from evaluand.cli.report import (
    describe,
    describe_comparison,
    figures_of,
    item_row,
    pooled,
    sliced,
    worst_items,
)
from evaluand.cli.run import Finished, exit_code
from evaluand.domain.comparison import Share
from evaluand.domain.model import ItemContent, Outcome, Principal, Run, RunStatus, Score
from evaluand.services.results import ItemResult, Results
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import a_flush, a_principal, a_result, a_run, a_set, a_workspace
from evaluand.testing.core import Core, build_core
from evaluand.testing.stores import memory_store

STAR = "field_accuracy"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with memory_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def core(store: SqlStore, tmp_path: Path) -> Core:
    return build_core(store, tmp_path / "blobs")


@pytest.fixture
def principal(store: SqlStore) -> Principal:
    return a_principal(a_workspace(store))


def _score(value: float | None) -> Score:
    credit = value or 0.0
    fields = {"total": {"credit": credit, "expected": 1}} if value is not None else {}
    passed = None if value is None else value == 1
    return Score(
        metric=STAR, value=value, passed=passed, explanation="why", detail={"fields": fields}
    )


def _finished(store: SqlStore, principal: Principal, values: list[float | None]) -> Run:
    """A finished run whose items earned these values; None is an error of the target."""
    door = store.workspace(principal.workspace)
    run = a_run(door, a_set(door, len(values)))
    results = [
        a_result(
            run,
            principal.workspace,
            position,
            Outcome.ERROR if value is None else Outcome.PASSED if value == 1 else Outcome.FAILED,
            scores=(_score(value),),
        )
        for position, value in enumerate(values)
    ]
    asyncio.run(_commit(store, results))
    summary = {"metrics": {STAR: {"accuracy": 0.5, "interval": [0.1, 0.9]}}, "latency": {}}
    store.ledger.finish(run.key, RunStatus.SUCCEEDED, summary, None, run.created_at)
    return door.runs.get(run.id) or run


async def _commit(store: SqlStore, results: list[Any]) -> None:
    await store.ledger.commit(a_flush(results=results))


def _items(core: Core, principal: Principal, run: Run) -> list[ItemResult]:
    return list(Results(core.services.runs).items(principal, run))


def _printed(render: Any, *arguments: Any, **options: Any) -> str:
    stream = io.StringIO()
    out = Console(file=stream, width=120, markup=False, highlight=False)
    render(out, *arguments, **options)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


# ── Figures ──────────────────────────────────────────────────────────────────────────────────────


def test_a_gate_may_ask_for_figures_by_short_and_long_names(
    store: SqlStore, principal: Principal
) -> None:
    run = _finished(store, principal, [1.0, 0.0, None])

    figures = dict(flattened(figures_of(describe(run))))

    assert figures["accuracy"] == figures["field_accuracy.accuracy"] == 0.5
    assert figures["interval.low"] == 0.1
    assert figures["error_count"] == 1
    assert figures["passed_rate"] == pytest.approx(1 / 3)
    assert figures["cost_usd"] == 0


def test_the_worst_items_are_errors_and_then_the_lowest_values(
    core: Core, store: SqlStore, principal: Principal
) -> None:
    run = _finished(store, principal, [1.0, 0.5, None, 0.25, 1.0])

    worst = worst_items(_items(core, principal, run), STAR)

    assert [row["value"] for row in worst] == [None, 0.25, 0.5]
    assert worst[0]["error"] == {"reason": "target_error", "message": "The target said no."}


def test_at_most_five_items_are_the_worst(
    core: Core, store: SqlStore, principal: Principal
) -> None:
    run = _finished(store, principal, [0.0] * 9)

    assert len(worst_items(_items(core, principal, run), STAR)) == 5


def test_items_are_called_by_their_own_id_or_their_place(
    core: Core, store: SqlStore, principal: Principal
) -> None:
    door = store.workspace(principal.workspace)
    contents = [
        ItemContent(expected={"value": {}}, metadata={"id": "inv-1"}),
        ItemContent(expected={"value": {}}),
    ]
    run = a_run(door, contents=contents)

    rows = [item_row(result, STAR) for result in _items(core, principal, run)]

    assert [row["item"] for row in rows] == ["inv-1", "item 2"]
    assert [row["outcome"] for row in rows] == [None, None]


def test_slices_have_the_star_metric_of_their_items(
    core: Core, store: SqlStore, principal: Principal
) -> None:
    run = _finished(store, principal, [1.0, 0.0])

    found = sliced(_items(core, principal, run), STAR, ["layout"])

    assert found["layout"]["(none)"]["items"] == 2
    assert found["layout"]["(none)"]["value"] == 0.5


def test_nothing_pooled_is_no_number() -> None:
    assert pooled([]) == {"items": 0, "value": None, "interval": None}
    assert pooled([Share(1, 2), Share(3, 4)])["value"] == pytest.approx(4 / 6)


# ── What people read ─────────────────────────────────────────────────────────────────────────────


def test_a_run_is_printed_with_its_figures_and_their_meaning(
    core: Core, store: SqlStore, principal: Principal
) -> None:
    run = _finished(store, principal, [1.0, 0.25])
    report = {**describe(run), "worst": worst_items(_items(core, principal, run), STAR)}

    printed = _printed(render_run, report)

    assert "2 items: 1 passed, 1 failed, 0 error, 0 skipped" in printed
    assert (
        "accuracy        0.500  0.100 to 0.900  share of expected fields that are right" in printed
    )
    assert "item 2       0.250  why" in printed
    assert "cost $0.0000 · calls: 0 paid, 0 reused, 0 of unknown fate" in printed


def test_a_brief_run_leaves_the_items_out(
    core: Core, store: SqlStore, principal: Principal
) -> None:
    run = _finished(store, principal, [0.0])
    report = {**describe(run), "worst": worst_items(_items(core, principal, run), STAR)}

    assert "worst items" not in _printed(render_run, report, brief=True)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ([0.0] * 12 + [1.0], [1.0] * 12 + [1.0], "better"),
        ([1.0] * 12 + [0.0], [0.0] * 12 + [0.0], "worse"),
        ([1.0, 0.0, 1.0], [0.0, 1.0, 1.0], "cannot tell"),
    ],
)
def test_a_comparison_says_its_verdict_in_words(
    core: Core,
    store: SqlStore,
    principal: Principal,
    before: list[float | None],
    after: list[float | None],
    told: str,
) -> None:
    door = store.workspace(principal.workspace)
    evaluated = a_set(door, len(before))
    first, second = (_of(store, principal, evaluated, values) for values in (before, after))
    results = Results(core.services.runs)
    comparison = results.compare(principal, first, second)

    data = describe_comparison(first, second, comparison, results.items(principal, second))
    printed = _printed(render_comparison, data)

    flipped = sum(one != other for one, other in zip(before, after, strict=True))
    assert f": {told}\n" in printed
    assert len(data["improved"]) + len(data["worsened"]) == flipped
    assert all(change["flipped"] for change in data["improved"] + data["worsened"])


def _of(store: SqlStore, principal: Principal, evaluated: Any, values: list[float | None]) -> Run:
    run = a_run(store.workspace(principal.workspace), evaluated)
    results = [
        a_result(run, principal.workspace, position, scores=(_score(value),))
        for position, value in enumerate(values)
    ]
    asyncio.run(_commit(store, results))
    return run


def test_the_gate_is_printed_bound_by_bound() -> None:
    checked = [
        Checked(Bound("accuracy", ">=", 0.5), 0.75, "passed"),
        Checked(Bound("f1", ">=", 0.5), None, "not measured"),
    ]

    assert _printed(render_gate, checked) == (
        "\nGate accuracy >= 0.5: 0.750, passed\nGate f1 >= 0.5: -, not measured"
    )


def test_only_figures_with_an_interval_are_listed() -> None:
    figures = {
        "items": 3,
        "accuracy": 0.5,
        "interval": [0.1, 0.9],
        "f1": 0.25,
        "f1_interval": [0.0, 0.5],
        "fields": {},
    }

    assert intervals_in(figures) == [("accuracy", 0.5, [0.1, 0.9]), ("f1", 0.25, [0.0, 0.5])]


# ── Exit codes ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("statuses", "verdicts", "code"),
    [
        (["succeeded"], [], 0),
        (["succeeded", "succeeded"], ["passed"], 0),
        (["succeeded", "failed"], ["passed"], 1),
        (["succeeded"], ["passed", "failed"], 3),
        (["succeeded"], ["failed", "not measured"], 3),
        (["succeeded"], ["passed", "not measured"], 4),
        (["succeeded", "cancelled"], ["failed"], 5),
        (["running"], [], 5),
        (["pending", "failed"], [], 5),
    ],
)
def test_the_exit_code_says_how_it_ended(
    store: SqlStore, principal: Principal, statuses: list[str], verdicts: list[Any], code: int
) -> None:
    from dataclasses import replace

    run = a_run(store.workspace(principal.workspace))
    runs = [replace(run, status=RunStatus(status)) for status in statuses]
    gate = [Checked(Bound("accuracy", ">=", 0.5), 0.5, verdict) for verdict in verdicts]

    assert exit_code(Finished(runs, {}, gate)) == code
