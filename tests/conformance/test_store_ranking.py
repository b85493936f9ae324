"""The items of a run by how bad they are, and keys by their id."""

from __future__ import annotations

import pytest

from evaluand.domain.ids import new_public_id
from evaluand.domain.model import Outcome, Role, Run, Score
from evaluand.domain.paging import PageRequest
from evaluand.ports import KeyRecord, RankFilter, WorkspaceStore
from evaluand.services.access import Access
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import a_flush, a_result, a_run, a_workspace
from evaluand.testing.clock import START, SettableClock
from evaluand.testing.ledger import commit, take

METRIC = "field_accuracy"
# By position: worse than nothing, all there is between, and two that share a rank.
VALUES = [1.0, 0.25, None, 0.5, 0.25, -3.0, 0.0, 7.5]


@pytest.fixture
def run(store: SqlStore, door: WorkspaceStore, workspace: int) -> Run:
    """A run with an item for each of VALUES, an error after them, and one not done."""
    made = a_run(door, items=len(VALUES) + 2)
    take(store.ledger, made)
    results = []
    for position, value in enumerate(VALUES):
        scores = (
            Score(metric="another", value=1 - position / 10, passed=True),
            Score(metric=METRIC, value=value, passed=None),
        )
        outcome = Outcome.SKIPPED if value is None else Outcome.FAILED
        results.append(a_result(made, workspace, position, outcome, scores=scores))
    results.append(a_result(made, workspace, len(VALUES), Outcome.ERROR))
    commit(store.ledger, a_flush(results=results))
    return made


def ranked(door: WorkspaceStore, run: Run, wanted: RankFilter, size: int) -> list[int]:
    """All positions, page by page."""
    found: list[int] = []
    after: tuple[int, ...] | None = None
    while True:
        request = PageRequest(size=size, descending=False, after=after)
        page = door.runs.worst(run.key, wanted, request)
        found += [row.position for row in page.rows]
        after = page.next
        if after is None:
            return found


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_errors_come_first_then_low_values_then_what_was_not_measured(
    door: WorkspaceStore, run: Run, size: int
) -> None:
    assert ranked(door, run, RankFilter(metric=METRIC), size) == [8, 5, 6, 1, 4, 3, 0, 7, 2]


def test_without_a_metric_the_order_is_that_of_the_run(door: WorkspaceStore, run: Run) -> None:
    assert ranked(door, run, RankFilter(metric=None), 4) == list(range(9))


@pytest.mark.parametrize(
    ("outcome", "positions"),
    [
        (Outcome.ERROR, [8]),
        (Outcome.SKIPPED, [2]),
        (Outcome.FAILED, [5, 6, 1, 4, 3, 0, 7]),
        (Outcome.PASSED, []),
    ],
)
def test_one_outcome_alone(
    door: WorkspaceStore, run: Run, outcome: Outcome, positions: list[int]
) -> None:
    assert ranked(door, run, RankFilter(metric=METRIC, outcome=outcome), 3) == positions


def test_items_that_were_deleted_are_not_ranked(door: WorkspaceStore, run: Run) -> None:
    door.runs.delete_item(run.key, 5, START)

    assert ranked(door, run, RankFilter(metric=METRIC), 3)[:2] == [8, 6]


def test_another_workspace_ranks_nothing(store: SqlStore, run: Run) -> None:
    other = store.workspace(a_workspace(store, name="others"))

    assert ranked(other, run, RankFilter(metric=METRIC), 3) == []


def test_a_key_is_found_by_its_id_until_it_is_revoked(store: SqlStore) -> None:
    made = Access(store.access, SettableClock()).create_key(workspace="by id", role=Role.VIEWER)

    found = store.access.key_by_id(made.id)

    assert isinstance(found, KeyRecord)
    assert (found.id, found.role) == (made.id, Role.VIEWER)
    assert store.access.key_by_id(new_public_id()) is None
    store.access.revoke_key(made.id, START)
    assert store.access.key_by_id(made.id) is None
