"""Rows a second: the ledger's group commit beside bare ``executemany`` into the same tables."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from measuring import Row, median

from evaluand.app.opening import open_store
from evaluand.domain.model import (
    Answer,
    Author,
    Execution,
    ItemContent,
    Outcome,
    Purpose,
    Score,
    Snapshot,
    Suite,
    TargetKind,
    Usage,
)
from evaluand.engine.recorder import Recorder
from evaluand.ports import Flush, ItemResult, NewRun
from evaluand.settings import Settings
from evaluand.store.sql import SqlStore

GROUP = 500
ROUNDS = 3
_ROWS_PER_ITEM = 2
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def measure(items: int) -> list[Row]:
    """Stores an execution and a score for each of ``items`` items, in turns."""
    ledger, recorder, bare = [], [], []
    for _ in range(ROUNDS):
        ledger.append(_timed(items, _through_ledger))
        recorder.append(_timed(items, _through_recorder))
        bare.append(_timed(items, _bare))
    groups = f"groups of {GROUP} items"
    return [
        Row(bench="storage", figure=f"ledger, {groups}", value=median(ledger), unit="rows/s"),
        Row(
            bench="storage",
            figure="recorder and ledger, groups as they form",
            value=median(recorder),
            unit="rows/s",
        ),
        Row(
            bench="storage", figure=f"bare executemany, {groups}", value=median(bare), unit="rows/s"
        ),
        Row(
            bench="storage",
            figure="ledger against bare executemany",
            value=median([ours / theirs for ours, theirs in zip(ledger, bare, strict=True)]),
            unit="times",
        ),
    ]


def _timed(items: int, store_all: Callable[[SqlStore, Path, list[ItemResult]], None]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        store, _ = open_store(Settings(data=Path(folder)))
        results = _results(store, items)
        started = time.perf_counter()
        store_all(store, Path(folder) / "evaluand.db", results)
        taken = time.perf_counter() - started
        store.close()
    return items * _ROWS_PER_ITEM / taken


def _through_ledger(store: SqlStore, _: Path, results: list[ItemResult]) -> None:
    async def all_of_them() -> None:
        for start in range(0, len(results), GROUP):
            await store.ledger.commit(Flush((), (), results[start : start + GROUP]))

    asyncio.run(all_of_them())


def _through_recorder(store: SqlStore, _: Path, results: list[ItemResult]) -> None:
    async def all_of_them() -> None:
        recorder = Recorder(store.ledger, on_cancelled=lambda run: None)
        recorder.start()
        for result in results:
            await recorder.result(result)
        await recorder.close()

    asyncio.run(all_of_them())


def _bare(store: SqlStore, path: Path, results: list[ItemResult]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    output, detail = b'{"id":"a","type":"a"}', b'{"part":1,"whole":1}'
    # No failure, one page, no usage, the two times, the latency.
    rest = (None, None, 1, None, 1_700_000_000_000_000, 1_700_000_000_000_000, 12)
    for start in range(0, len(results), GROUP):
        group = results[start : start + GROUP]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO executions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(r.run, r.execution.position, r.workspace, "passed", output, *rest) for r in group],
        )
        connection.executemany(
            "INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (r.run, r.execution.position, "class_accuracy", r.workspace, 1.0, 1, None, detail)
                for r in group
            ],
        )
        connection.execute("COMMIT")
    connection.close()


def _results(store: SqlStore, items: int) -> list[ItemResult]:
    workspace = store.access.ensure_workspace("bench", "bench", _NOW)
    snapshot = Snapshot(
        target=None,
        version=None,
        kind=TargetKind.CLASSIFIER,
        config={},
        suite=Suite(),
        set_name=None,
        set_version=None,
        digest="",
    )
    run = store.workspace(workspace.key).runs.add(
        NewRun(
            purpose=Purpose.BATCH,
            snapshot=snapshot,
            contents=[ItemContent(expected=None)] * items,
            chunk_size=200,
            author=Author(kind="user", name="bench"),
            at=_NOW,
        )
    )
    return [_result(run.key, workspace.key, position) for position in range(items)]


def _result(run: int, workspace: int, position: int) -> ItemResult:
    return ItemResult(
        run=run,
        workspace=workspace,
        execution=Execution(
            position=position,
            outcome=Outcome.PASSED,
            answer=Answer(output={"id": "a", "type": "a"}, pages=1),
            usage=Usage(),
            started_at=_NOW,
            finished_at=_NOW,
            latency_ms=12,
        ),
        scores=(
            Score(metric="class_accuracy", value=1.0, passed=True, detail={"part": 1, "whole": 1}),
        ),
    )
