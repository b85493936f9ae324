"""Several threads at once: nothing is lost, nothing is numbered twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from evaluand.domain.lifecycle import IllegalTransition
from evaluand.domain.model import Counters, Run
from evaluand.domain.paging import PageRequest
from evaluand.ports import ChunkHint, ExecutionFilter, WorkspaceStore
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import (
    AUTHOR,
    a_file,
    a_flush,
    a_result,
    a_run,
    a_set,
    a_target,
    some_content,
)
from evaluand.testing.clock import START
from evaluand.testing.ledger import commit, take

T = TypeVar("T")

THREADS = 4
ROUNDS = 8
EVERYTHING = PageRequest(size=1_000, sort="created_at", descending=False)


def together(work: Callable[[int], T], threads: int = THREADS) -> list[T]:
    """What ``work`` returns in each of some threads that start at the same moment."""
    ready = threading.Barrier(threads)

    def begin(number: int) -> T:
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(begin, range(threads)))


def test_versions_are_numbered_once_each(door: WorkspaceStore) -> None:
    target = a_target(door).summary.id

    def publish(number: int) -> list[str]:
        made = []
        for _ in range(ROUNDS):
            version = door.targets.publish(
                target,
                major=number == 0,
                description=None,
                config=None,
                author=AUTHOR,
                at=START,
            )
            assert version is not None
            made.append(version.number or "")
        return made

    numbers = [number for made in together(publish) for number in made]

    assert len(set(numbers)) == THREADS * ROUNDS
    majors = {int(number.split(".")[0]) for number in numbers}
    assert majors - {0} == set(range(1, ROUNDS + 1))
    rows = door.targets.published(target, EVERYTHING).rows
    newest = door.targets.newest(target)
    assert newest == rows[-1]


def test_items_added_at_once_are_all_there_each_in_its_version(door: WorkspaceStore) -> None:
    made = a_set(door)

    def add(number: int) -> None:
        for turn in range(ROUNDS):
            contents = [some_content(f"{number}.{turn}.{n}") for n in range(3)]
            door.sets.add_items(made.key, contents, AUTHOR, START)

    together(add)

    rows = door.sets.items(made.id, EVERYTHING).rows
    totals = [row.content.expected["value"]["total"] for row in rows if row.content.expected]
    assert len(set(totals)) == len(totals) == THREADS * ROUNDS * 3
    # What was added together stands together.
    for first in range(0, len(totals), 3):
        assert len({total.rsplit(".", 1)[0] for total in totals[first : first + 3]}) == 1
    found = door.sets.get(made.id)
    assert found is not None
    assert found.version == THREADS * ROUNDS


def test_an_item_deleted_twice_at_once_is_deleted_once(door: WorkspaceStore) -> None:
    made = a_set(door)
    items = door.sets.add_items(made.key, [some_content(n) for n in range(ROUNDS)], AUTHOR, START)

    deleted = together(lambda _: [door.sets.delete_item(made.id, item.id, START) for item in items])

    assert [sum(wins) for wins in zip(*deleted, strict=True)] == [1] * ROUNDS
    found = door.sets.get(made.id)
    assert found is not None
    assert found.version == 1 + ROUNDS


def test_runs_started_while_items_are_added_freeze_whole_versions(door: WorkspaceStore) -> None:
    made = a_set(door, 2)

    def work(number: int) -> list[Run]:
        if number == 0:
            for _ in range(ROUNDS):
                door.sets.add_items(made.key, [some_content()] * 2, AUTHOR, START)
            return []
        return [a_run(door, made, chunk_size=3) for _ in range(ROUNDS)]

    runs = [run for started in together(work) for run in started]

    assert len({run.id for run in runs}) == (THREADS - 1) * ROUNDS
    for run in runs:
        version = run.snapshot.set_version
        assert version is not None
        assert run.item_count == 2 * version
        wanted = ExecutionFilter(kind=run.snapshot.kind, run=run.id)
        places = door.runs.executions(EVERYTHING, wanted).rows
        assert [place.position for place in places] == list(range(run.item_count))


def test_a_chunk_taken_by_many_is_closed_by_one(store: SqlStore, door: WorkspaceStore) -> None:
    run = a_run(door, items=1)
    hint = ChunkHint(run.key, 0)

    def close(_number: int) -> bool:
        work = store.ledger.take_chunk(hint, START)
        return work is not None and store.ledger.close_chunk(hint, work.epoch, {"n": 1}, START)

    assert sum(together(close)) == 1
    assert store.ledger.folds(run.key) == [{"n": 1}]


def test_results_of_many_workers_count_once(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=40)
    take(store.ledger, run)

    def deliver(number: int) -> None:
        for first in range(number, 40 - 9, 3):
            results = [a_result(run, workspace, n) for n in range(first, first + 10)]
            commit(store.ledger, a_flush(results=results))

    together(deliver)

    found = door.runs.get(run.id)
    assert found is not None
    delivered = {
        n for first in range(THREADS) for s in range(first, 31, 3) for n in range(s, s + 10)
    }
    assert found.counters == Counters(passed=len(delivered), pages=len(delivered))


def test_a_run_cancelled_by_many_is_cancelled_once(door: WorkspaceStore) -> None:
    run = a_run(door, items=2)

    def cancel(_number: int) -> bool:
        try:
            return door.runs.request_cancel(run.id, START) is not None
        except IllegalTransition:
            return False

    assert sum(together(cancel)) == 1


def test_an_item_cancelled_and_finished_at_once_has_one_outcome(
    store: SqlStore, workspace: int, door: WorkspaceStore
) -> None:
    run = a_run(door, items=ROUNDS)

    def work(number: int) -> None:
        for position in range(ROUNDS):
            if number % 2:
                door.runs.cancel_item(run.key, position, START)
            else:
                commit(store.ledger, a_flush(results=[a_result(run, workspace, position)]))

    together(work)

    found = door.runs.get(run.id)
    assert found is not None
    assert found.counters.done == ROUNDS
    shown = [door.runs.execution(run.key, position) for position in range(ROUNDS)]
    cancelled = sum(bool(p and p.execution and p.execution.answer.failure) for p in shown)
    assert (found.counters.error, found.counters.passed) == (cancelled, ROUNDS - cancelled)


def test_workspaces_asked_for_at_once_are_made_once(store: SqlStore) -> None:
    places = together(lambda _: store.access.ensure_workspace("racing", "same", START))

    assert len({place.id for place in places}) == 1


@pytest.mark.parametrize("threads", [8])
def test_readers_see_whole_writes_only(door: WorkspaceStore, threads: int) -> None:
    made = a_set(door)

    def work(number: int) -> set[int]:
        if number == 0:
            for _ in range(ROUNDS):
                door.sets.add_items(made.key, [some_content(1, a_file())] * 5, AUTHOR, START)
            return set()
        return {len(door.sets.items(made.id, EVERYTHING).rows) % 5 for _ in range(ROUNDS)}

    assert set().union(*together(work, threads)) == {0}
