"""The command line interrupted, twice at once, and beside a server on the same data."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.command_line import PATIENCE_S, CommandLine
from tests.acceptance.engine_serving import Served, Witness, counting_provider, served, until

pytestmark = pytest.mark.slow

ITEMS = 24
MANY_ITEMS = 100
LATENCY_MS = 300
FEW_LANES = {"EVALUAND_MAX_LANES": "2"}


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    with counting_provider(tmp_path, latency_ms=LATENCY_MS) as provider:
        yield provider


def _run_file(cli: CommandLine, witness: Witness, items: int = ITEMS) -> str:
    """A run of documents that a slow endpoint reads: some seconds for two lanes."""
    documents = []
    for number in range(items):
        (cli.folder / f"{number}.txt").write_text(f"Invoice number: INV-{number}\n")
        expected = {"invoice_number": f"INV-{number}"}
        documents.append({"id": str(number), "files": [f"{number}.txt"], "expected": expected})
    properties = {"invoice_number": {"type": ["string", "null"]}}
    config = {
        "schema": {"type": "object", "properties": properties},
        "engine": {"kind": "http", "url": witness.endpoint},
    }
    path = cli.run_file(
        set={"name": "Documents", "kind": "extractor", "items": documents},
        targets=[{"name": "Endpoint", "version": "1.0", "config": config}],
    )
    return str(path)


def _after(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, err


def _run_id(cli: CommandLine) -> str:
    (run,) = cli.json("runs", "list")
    return str(run["id"])


def _done(data: Path) -> int:
    """Items with a result, by the database's own account."""
    with closing(sqlite3.connect(data / "evaluand.db", timeout=PATIENCE_S)) as opened:
        count: int = opened.execute("SELECT count(*) FROM executions").fetchone()[0]
        return count


# ── Interrupted ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_interrupted_is_resumed_and_nothing_is_paid_twice(
    tmp_path: Path, witness: Witness, number: signal.Signals
) -> None:
    cli = CommandLine(tmp_path, **FEW_LANES)
    process = cli.start("run", _run_file(cli, witness))
    until(lambda: len(witness.received()) >= 4, "no call was made")

    process.send_signal(number)
    code, _, told = _after(process)

    run = _run_id(cli)
    asked = len(witness.received())
    assert code == 5
    assert f"evaluand runs resume {run}" in told
    assert asked < ITEMS
    assert _done(cli.data) == asked, "what was under way is finished and written down"

    resumed = cli.run("runs", "resume", run)

    assert resumed.returncode == 0, resumed.stderr
    assert f"{ITEMS} items of 'Documents'" in resumed.stdout
    assert len(witness.received()) == len(set(witness.received())) == ITEMS


def test_an_interrupted_run_does_not_go_on_unasked(tmp_path: Path, witness: Witness) -> None:
    cli = CommandLine(tmp_path, **FEW_LANES)
    process = cli.start("run", _run_file(cli, witness))
    until(lambda: len(witness.received()) >= 2, "no call was made")
    process.send_signal(signal.SIGINT)
    _after(process)
    asked = len(witness.received())

    other = cli.run("run", str(cli.recorded({"a": ["yes"]})))

    assert other.returncode == 0
    assert len(witness.received()) == asked


def test_what_was_killed_is_resumed(tmp_path: Path, witness: Witness) -> None:
    cli = CommandLine(tmp_path, **FEW_LANES)
    process = cli.start("run", _run_file(cli, witness, 10))
    until(lambda: len(witness.received()) >= 4, "no call was made")
    process.kill()
    _after(process)

    report = cli.json("runs", "resume", "latest")["runs"][0]

    assert report["status"] == "succeeded"
    assert report["open"] == 0
    # Calls that were under way when it was killed are asked once more, and said to be so.
    assert len(witness.received()) == 10 + report["calls"]["unknownFate"]


def test_a_finished_run_needs_no_resuming(tmp_path: Path) -> None:
    cli = CommandLine(tmp_path)
    cli.json("run", str(cli.recorded({"a": ["yes"]})))

    done = cli.run("runs", "resume", "latest")

    assert done.returncode == 0
    assert "has ended already" in done.stderr


# ── Twice at once ────────────────────────────────────────────────────────────────────────────────


def test_two_commands_at_once_both_end_and_import_once(tmp_path: Path, witness: Witness) -> None:
    cli = CommandLine(tmp_path)
    path = _run_file(cli, witness)

    processes = [cli.start("run", path, "--json") for _ in range(2)]
    ended = [_after(process) for process in processes]

    assert [code for code, _, _ in ended] == [0, 0], ended
    (first,), (second,) = (json.loads(out)["runs"] for _, out, _ in ended)
    assert first["id"] != second["id"]
    assert first["setId"] == second["setId"]
    assert first["targetId"] == second["targetId"]
    assert first["digest"] == second["digest"]
    assert len(cli.json("sets", "list")) == len(cli.json("targets", "list")) == 1
    assert len(witness.received()) == 2 * ITEMS


# ── Beside a server ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, **FEW_LANES) as running:
        yield running


def _beside(server: Served) -> CommandLine:
    return CommandLine(server.data.parent)


def test_a_run_is_handed_to_the_server(server: Served, witness: Witness) -> None:
    cli = _beside(server)

    report = cli.json("run", _run_file(cli, witness, 4))["runs"][0]

    assert report["status"] == "succeeded"
    found = {finding["check"]: finding["found"] for finding in cli.json("doctor")}
    assert found["engine"] == "A server or a command works on the runs in this folder."
    with server.client() as client:
        shown = client.get(f"/evaluation_set_runs/{report['id'].replace('run_', 'bpr_')}").json()
    assert shown["status"] == "PROCESSED"


def test_a_run_of_the_server_is_cancelled_and_resumed(server: Served, witness: Witness) -> None:
    cli = _beside(server)
    # Two commands must fit in before the run ends, and on a busy machine each takes seconds.
    watching = cli.start("run", _run_file(cli, witness, MANY_ITEMS))
    until(lambda: len(witness.received()) >= 2, "no call was made")
    run = _run_id(cli)

    cancelled = cli.json("runs", "cancel", run)
    code, _, told = _after(watching)

    assert cancelled["status"] == "cancelled"
    assert code == 5
    assert f"evaluand runs resume {run}" in told
    resumed: dict[str, Any] = cli.json("runs", "resume", run)["runs"][0]
    assert (resumed["status"], resumed["open"]) == ("succeeded", 0)
    assert len(witness.received()) >= MANY_ITEMS


def test_who_stops_watching_stops_nothing(server: Served, witness: Witness) -> None:
    cli = _beside(server)
    watching = cli.start("run", _run_file(cli, witness, 12))
    until(lambda: len(witness.received()) >= 2, "no call was made")

    watching.send_signal(signal.SIGINT)
    code, _, told = _after(watching)

    assert code == 5
    assert "goes on in another process" in told
    until(lambda: _done(server.data) == 12, "the server did not go on")
    assert len(witness.received()) == 12


def test_a_run_goes_on_here_when_the_server_ends(server: Served, witness: Witness) -> None:
    cli = _beside(server)
    watching = cli.start("run", _run_file(cli, witness, 12))
    until(lambda: len(witness.received()) >= 2, "no call was made")

    server.terminate()
    code, _, told = _after(watching)

    assert code == 0, told
    assert _done(server.data) == 12
    assert len(witness.received()) == 12


def test_a_key_made_beside_a_server_is_all_that_is_printed(server: Served) -> None:
    cli = _beside(server)

    made = cli.run("keys", "create", "--workspace", "w")

    (token,) = made.stdout.splitlines()
    assert (made.returncode, made.stderr) == (0, "")
    with server.client() as client:
        answer = client.get("/evaluation_sets", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
