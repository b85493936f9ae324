"""The walls between tenants: in the text of each statement, and in what it does."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert

from evaluand.domain.ids import new_public_id
from evaluand.domain.model import Purpose, RunStatus, TargetKind
from evaluand.domain.paging import PageRequest
from evaluand.errors import InvalidRequest, NotFound
from evaluand.ports import (
    ExecutionFilter,
    FileStore,
    NewRun,
    RankFilter,
    RunStore,
    SetStore,
    TargetStore,
    WorkspaceStore,
)
from evaluand.store.sql import SqlStore
from evaluand.store.tables import UNSCOPED, metadata, workspaces
from evaluand.testing.belongings import Belongings, furnish
from evaluand.testing.builders import AUTHOR, a_file, a_snapshot, a_workspace, some_content
from evaluand.testing.clock import START
from evaluand.testing.watching import Statement, everything, watched

Call = Callable[[WorkspaceStore, Belongings], Any]

PAGE = PageRequest(size=50)
WALLED = sorted(set(metadata.tables) - UNSCOPED)
# A key that no other number in a statement could be.
WORKSPACE = 987_654_321


def new_run(of: Belongings, **other: Any) -> NewRun:
    values: dict[str, Any] = {"evaluation_set": of.set} | other
    return NewRun(
        purpose=Purpose.EVALUATION,
        snapshot=a_snapshot(),
        chunk_size=2,
        author=AUTHOR,
        at=START,
        **values,
    )


def publish(door: WorkspaceStore, of: Belongings) -> Any:
    return door.targets.publish(
        of.target.summary.id, major=False, description=None, config=None, author=AUTHOR, at=START
    )


def every_filter(of: Belongings) -> ExecutionFilter:
    return ExecutionFilter(
        kind=TargetKind.EXTRACTOR,
        run=of.run.id,
        target=of.target.summary.id,
        status=RunStatus.SUCCEEDED,
        purposes=frozenset(Purpose),
        file_name_contains="invoice",
    )


READS: dict[str, Call] = {
    "files.get": lambda d, of: d.files.get(of.file.id),
    "files.many": lambda d, of: d.files.many([of.file.id]),
    "files.page": lambda d, of: d.files.page(PAGE, name_contains="invoice").rows,
    "targets.get": lambda d, of: d.targets.get(of.target.summary.id),
    "targets.page": lambda d, of: d.targets.page(TargetKind.EXTRACTOR, PAGE).rows,
    "targets.draft": lambda d, of: d.targets.draft(of.target.summary.id),
    "targets.newest": lambda d, of: d.targets.newest(of.target.summary.id),
    "targets.numbered": lambda d, of: d.targets.numbered(of.target.summary.id, "1.0"),
    "targets.version": lambda d, of: d.targets.version(of.target.summary.id, of.version.id),
    "targets.published": lambda d, of: d.targets.published(of.target.summary.id, PAGE).rows,
    "sets.get": lambda d, of: d.sets.get(of.set.id),
    "sets.page": lambda d, of: (
        d.sets.page(PAGE, target=of.target.summary.id, kinds=frozenset({TargetKind.EXTRACTOR})).rows
    ),
    "sets.item": lambda d, of: d.sets.item(of.set.id, of.item.id),
    "sets.items": lambda d, of: d.sets.items(of.set.id, PAGE).rows,
    "runs.get": lambda d, of: d.runs.get(of.run.id),
    "runs.by_key": lambda d, of: d.runs.by_key(of.run.key),
    "runs.page": lambda d, of: d.runs.page(PAGE, purposes=frozenset(Purpose)).rows,
    "runs.executions": lambda d, of: d.runs.executions(PAGE, every_filter(of)).rows,
    "runs.execution": lambda d, of: d.runs.execution(of.run.key, 0),
    "runs.scores": lambda d, of: d.runs.scores(of.run.key, [0])[0],
    "runs.worst": lambda d, of: (
        d.runs.worst(of.run.key, RankFilter(metric="field_accuracy"), PAGE).rows
    ),
}

WRITES: dict[str, Call] = {
    "targets.update": lambda d, of: d.targets.update(
        of.target.summary.id, name="stolen", config={"x": 1}, at=START
    ),
    "targets.publish": publish,
    "sets.add_items": lambda d, of: d.sets.add_items(of.set.key, [some_content(9)], AUTHOR, START),
    "sets.replace_item": lambda d, of: d.sets.replace_item(
        of.set.id, of.item.id, some_content(9), START
    ),
    "sets.delete_item": lambda d, of: d.sets.delete_item(of.set.id, of.item.id, START),
    "runs.add": lambda d, of: d.runs.add(new_run(of)),
    "runs.cancel_item": lambda d, of: d.runs.cancel_item(of.run.key, 1, START),
    "runs.delete_item": lambda d, of: d.runs.delete_item(of.run.key, 0, START),
    "runs.request_cancel": lambda d, of: d.runs.request_cancel(of.run.id, START),
    "runs.reopen": lambda d, of: d.runs.reopen(of.run.id, START),
    "sets.delete": lambda d, of: d.sets.delete(of.set.id, START),
    "files.delete": lambda d, of: d.files.delete(of.file.id, START),
}

# What names nothing of anybody.
ADDITIONS: dict[str, Call] = {
    "files.add": lambda d, of: d.files.add(a_file()),
    "targets.add": lambda d, of: d.targets.add(TargetKind.EXTRACTOR, "x", {}, AUTHOR, START),
    "sets.add": lambda d, of: d.sets.add("x", "", of.target.summary, AUTHOR, START),
}


@pytest.fixture
def own(store: SqlStore) -> int:
    """A workspace whose key is unmistakable."""
    organization = store.access.ensure_organization("acme", START)
    values = {
        "id": WORKSPACE,
        "public_id": new_public_id(),
        "organization_id": organization,
        "name": "walled",
        "created_at": START,
    }

    if store.access.workspace(WORKSPACE) is None:
        store.database.write(lambda c: c.execute(insert(workspaces).values(values)))
    return WORKSPACE


def named_tables(statement: Statement) -> set[str]:
    words = set(re.findall(r"\w+", statement.sql))
    return words & set(WALLED)


def is_walled(statement: Statement) -> bool:
    """Whether the statement asks for, or writes, the one workspace."""
    given = statement.parameters
    rows = given if isinstance(given, list) else [given]
    values = [tuple(row.values()) if isinstance(row, dict) else tuple(row) for row in rows]
    condition = re.search(r"workspace_id = ", statement.sql)
    written = statement.sql.startswith("INSERT") and "workspace_id" in statement.sql
    return bool(condition or written) and all(WORKSPACE in row for row in values)


def test_every_method_of_a_workspaces_store_is_looked_at() -> None:
    ports = {"files": FileStore, "targets": TargetStore, "sets": SetStore, "runs": RunStore}

    methods = {
        f"{name}.{method}"
        for name, port in ports.items()
        for method, _ in inspect.getmembers(port, inspect.isfunction)
        if not method.startswith("_")
    }

    assert methods == set(READS) | set(WRITES) | set(ADDITIONS)


@pytest.mark.parametrize("method", [*READS, *WRITES, *ADDITIONS])
def test_every_statement_on_a_tenants_table_names_the_workspace(
    store: SqlStore, own: int, method: str
) -> None:
    door = store.workspace(own)
    belongings = furnish(door, store.ledger, own)
    if method == "runs.reopen":
        door.runs.request_cancel(belongings.run.id, START)

    with watched(store.database) as seen:
        {**READS, **WRITES, **ADDITIONS}[method](door, belongings)

    concerned = [statement for statement in seen if named_tables(statement)]
    assert concerned
    assert [statement.sql for statement in concerned if not is_walled(statement)] == []


def test_choosing_items_and_loose_contents_name_the_workspace_too(
    store: SqlStore, own: int
) -> None:
    door = store.workspace(own)
    belongings = furnish(door, store.ledger, own)

    with watched(store.database) as seen:
        door.runs.add(new_run(belongings, item_ids=[belongings.item.id]))
        door.runs.add(new_run(belongings, evaluation_set=None, contents=[some_content(1)]))

    assert [s.sql for s in seen if named_tables(s) and not is_walled(s)] == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT runs.id FROM runs WHERE runs.public_id = ?",
        "UPDATE runs SET status = ? WHERE runs.id = ?",
        "INSERT INTO scores (run_id, position) VALUES (?, ?)",
    ],
)
def test_a_statement_without_a_wall_would_be_noticed(sql: str) -> None:
    statement = Statement(sql, (WORKSPACE, 2))

    assert named_tables(statement)
    assert not is_walled(statement)
    assert not is_walled(Statement("SELECT 1 FROM runs WHERE runs.workspace_id = ?", (1,)))


@pytest.fixture
def stranger(store: SqlStore, workspace: int) -> WorkspaceStore:
    """Another tenant, with one of everything too."""
    door = store.workspace(workspace)
    furnish(door, store.ledger, workspace)
    return door


@pytest.mark.parametrize("method", READS)
def test_a_stranger_reads_nothing_of_it(
    store: SqlStore, own: int, stranger: WorkspaceStore, method: str
) -> None:
    belongings = furnish(store.workspace(own), store.ledger, own)

    found = READS[method](stranger, belongings)

    # Lists without a filter show the stranger's own, and none of the owner's.
    hidden = set(belongings.ids.values())
    rows = found if isinstance(found, list | tuple) else [found]
    shown = {getattr(getattr(row, "summary", row), "id", None) for row in rows}
    assert not shown & hidden
    if method not in {"files.page", "targets.page", "runs.page"}:
        assert not found
    assert READS[method](store.workspace(own), belongings)


@pytest.mark.parametrize("method", WRITES)
def test_a_stranger_changes_nothing_of_it(
    store: SqlStore, own: int, stranger: WorkspaceStore, method: str
) -> None:
    belongings = furnish(store.workspace(own), store.ledger, own)
    before = everything(store.database)

    try:
        changed = WRITES[method](stranger, belongings)
    except (NotFound, InvalidRequest):
        changed = None

    assert not changed
    assert everything(store.database) == before


def test_workspaces_of_one_organization_are_walled_off_too(store: SqlStore, own: int) -> None:
    furnish(store.workspace(own), store.ledger, own)
    sibling = store.workspace(a_workspace(store, "sibling"))

    assert sibling.files.page(PAGE, name_contains=None).rows == ()
    assert sibling.targets.page(TargetKind.EXTRACTOR, PAGE).rows == ()
    assert sibling.sets.page(PAGE, target=None).rows == ()
    assert sibling.runs.page(PAGE, purposes=None).rows == ()
    wanted = ExecutionFilter(kind=TargetKind.EXTRACTOR)
    for sort in ("created_at", "updated_at"):
        request = PageRequest(size=50, sort=sort)
        assert sibling.runs.executions(request, wanted).rows == ()
