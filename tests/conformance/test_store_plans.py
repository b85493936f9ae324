"""How SQLite finds what is asked for often: by an index, and in the order in which it is shown."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from evaluand.domain.model import TargetKind
from evaluand.domain.paging import PageRequest
from evaluand.ports import ChunkHint, ExecutionFilter, WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.testing.belongings import Belongings, furnish
from evaluand.testing.builders import (
    AUTHOR,
    a_file,
    a_flush,
    a_result,
    a_run,
    a_set,
    an_answer,
    an_intent,
    some_content,
)
from evaluand.testing.clock import START
from evaluand.testing.ledger import commit, take
from evaluand.testing.watching import explained, watched

Question = Callable[[SqlStore, WorkspaceStore, Belongings], Any]


def page(sort: Any = "created_at", after: tuple[int, ...] | None = None) -> PageRequest:
    return PageRequest(size=10, sort=sort, after=after)


def executions(run: Any = None) -> ExecutionFilter:
    return ExecutionFilter(kind=TargetKind.EXTRACTOR, run=run)


def one_commit(store: SqlStore, door: WorkspaceStore, of: Belongings) -> None:
    intent = an_intent(of.run, of.workspace, 1)
    result = a_result(of.run, of.workspace, 1)
    commit(store.ledger, a_flush(intents=[intent], outcomes=[an_answer(intent)], results=[result]))


# What is asked while runs go on and while somebody looks at them.
OFTEN: dict[str, Question] = {
    "a run": lambda s, d, of: d.runs.get(of.run.id),
    "runs": lambda s, d, of: d.runs.page(page("updated_at", (1, 1)), purposes=None),
    "executions of a run": lambda s, d, of: d.runs.executions(
        page(after=(of.run.key, 1)), executions(of.run.id)
    ),
    "executions of a run by change": lambda s, d, of: d.runs.executions(
        page("updated_at", (1, 1, 1)), executions(of.run.id)
    ),
    "all executions": lambda s, d, of: d.runs.executions(page(after=(1, 1)), executions()),
    "all executions by change": lambda s, d, of: d.runs.executions(
        page("updated_at", (1, 1, 1)), executions()
    ),
    "one execution": lambda s, d, of: d.runs.execution(of.run.key, 0),
    "scores": lambda s, d, of: d.runs.scores(of.run.key, [0, 1]),
    "starting": lambda s, d, of: a_run(d, of.set),
    "open chunks": lambda s, d, of: s.ledger.open_chunks(10, ()),
    "taking a chunk": lambda s, d, of: take(s.ledger, of.run),
    "a group commit": one_commit,
    "a chunk's details": lambda s, d, of: s.ledger.chunk_details(ChunkHint(of.run.key, 0)),
    "closing a chunk": lambda s, d, of: s.ledger.close_chunk(
        ChunkHint(of.run.key, 0), take(s.ledger, of.run).epoch, {}, START
    ),
    "runs to finish": lambda s, d, of: s.ledger.runs_to_finish(),
    "items": lambda s, d, of: d.sets.items(of.set.id, page(after=(1, 1))),
    "an item": lambda s, d, of: d.sets.item(of.set.id, of.item.id),
    "sets": lambda s, d, of: d.sets.page(page("updated_at", (1, 1)), target=None),
    "targets": lambda s, d, of: d.targets.page(TargetKind.EXTRACTOR, page(after=(1, 1))),
    "versions": lambda s, d, of: d.targets.newest(of.target.summary.id),
    "files": lambda s, d, of: d.files.page(page(after=(1, 1)), name_contains=None),
    "many files": lambda s, d, of: d.files.many([of.file.id]),
    "a key": lambda s, d, of: s.access.key_by_hash(b"x" * 32),
}
# These come out of their index in order; a sort would read all rows for one page.
IN_ORDER = ["runs", "executions of a run", "all executions", "items", "sets", "targets", "files"]


@pytest.fixture
def belongings(store: SqlStore, workspace: int, door: WorkspaceStore) -> Belongings:
    return furnish(door, store.ledger, workspace)


def plan(store: SqlStore, door: WorkspaceStore, of: Belongings, question: str) -> list[str]:
    with watched(store.database) as seen:
        OFTEN[question](store, door, of)
    asked = [statement for statement in seen if not statement.sql.startswith("INSERT")]
    assert asked
    return [step for statement in asked for step in explained(store.database, statement)]


@pytest.mark.parametrize("question", OFTEN)
def test_no_table_is_read_through(
    store: SqlStore, door: WorkspaceStore, belongings: Belongings, question: str
) -> None:
    steps = plan(store, door, belongings, question)

    scans = [s for s in steps if re.match(r"SCAN (?!\(subquery|CONSTANT ROW)", s)]
    assert scans == []


@pytest.mark.parametrize("question", IN_ORDER)
def test_what_is_listed_comes_in_order(
    store: SqlStore, door: WorkspaceStore, belongings: Belongings, question: str
) -> None:
    steps = plan(store, door, belongings, question)

    assert [step for step in steps if "TEMP B-TREE" in step] == []


def test_a_page_far_down_the_run_begins_where_it_begins(
    store: SqlStore, door: WorkspaceStore, belongings: Belongings
) -> None:
    steps = plan(store, door, belongings, "executions of a run")

    assert any("run_id=? AND position<?" in step for step in steps)


def test_recent_executions_are_found_by_their_time(
    store: SqlStore, door: WorkspaceStore, belongings: Belongings
) -> None:
    steps = plan(store, door, belongings, "all executions by change")

    assert any("ix_executions_workspace_id_finished_at" in step for step in steps)


def test_ten_thousand_items_go_in_and_are_started_in_moments(door: WorkspaceStore) -> None:
    made = a_set(door)
    batch = [some_content(n, a_file()) for n in range(100)]

    def seconds(work: Callable[[], Any]) -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    def add_a_tenth() -> None:
        for _ in range(10):
            door.sets.add_items(made.key, batch, AUTHOR, START)

    tenths = [seconds(add_a_tenth) for _ in range(10)]
    starting = seconds(lambda: a_run(door, made))

    # Far above what they take (1.5 s and 0.1 s): this is about the order of magnitude.
    assert sum(tenths) < 15
    assert starting < 3
    # Not quadratic: the last thousand cost about what the first did, not nine times as much.
    assert min(tenths[-3:]) < 5 * min(tenths[:3])
