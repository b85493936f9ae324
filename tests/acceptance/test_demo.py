"""``make demo``: the first thing anybody runs. It ends, it is right, and it repeats itself."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests.acceptance.command_line import CommandLine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

EXAMPLES = Path(__file__).parents[2] / "examples"


def _figures(printed: str) -> list[str]:
    """The lines with numbers, without ids and times, which differ from run to run."""
    lines = [re.sub(r"(run_\w+|per item .*)", "", line).rstrip() for line in printed.splitlines()]
    return [line for line in lines if re.search(r"\d\.\d{3}", line)]


def _quality(printed: str) -> dict[str, float]:
    """The last table: engine and value."""
    row = re.compile(r"^  (templates|baseline \w+) .* (\d\.\d{3})  \d\.\d{3} to", re.MULTILINE)
    return {match[1]: float(match[2]) for match in row.finditer(printed)}


def test_the_demo_does_the_main_job_twice_the_same(tmp_path: Path) -> None:
    cli = CommandLine(tmp_path, EVALUAND_DATA=str(tmp_path / ".demo"))
    command = ("demo", "--examples", str(EXAMPLES))

    first, again = cli.run(*command), cli.run(*command)

    assert (first.returncode, again.returncode) == (0, 0), first.stdout + first.stderr
    assert _figures(first.stdout) == _figures(again.stdout)
    quality = _quality(first.stdout)
    assert quality["templates"] >= 0.95
    assert quality["baseline extractor"] >= 0.55
    assert quality["baseline classifier"] >= 0.8
    assert quality["baseline splitter"] >= 0.6
    assert "Version 2.0 against 1.0: better" in first.stdout
    reports: list[dict[str, Any]] = cli.json("runs", "list", "-w", "demo")
    assert len(reports) == 10
    assert {report["outcomes"]["error"] for report in reports} == {0}
    assert {report["open"] for report in reports} == {0}
    assert [report["items"] for report in reports].count(30) == 4
    assert not psutil.pid_exists(_server(tmp_path)["pid"]), "the server has stopped"


def test_the_server_can_be_kept_and_is_found_again(tmp_path: Path) -> None:
    small = _small_examples(tmp_path / "examples")
    cli = CommandLine(tmp_path, EVALUAND_DATA=str(tmp_path / ".demo"))
    command = ("demo", "--examples", str(small), "--keep")

    try:
        done = cli.run(*command)
        server = _server(tmp_path)
        assert done.returncode in (0, 3), done.stderr
        assert f"kill {server['pid']}" in done.stdout
        (curl,) = re.findall(r"^  curl (.*) (http\S+)$", done.stdout, re.MULTILINE)
        headers = dict(re.findall(r"-H '([\w-]+): ([^']+)'", curl[0]))
        assert httpx.get(curl[1], headers=headers).json()["status"] == "PROCESSED"
        again = cli.run(*command)
        assert again.returncode == done.returncode
        assert _server(tmp_path) == server
    finally:
        os.kill(_server(tmp_path)["pid"], signal.SIGTERM)


def test_without_the_examples_it_says_what_it_needs(tmp_path: Path) -> None:
    done = CommandLine(tmp_path).run("demo", "--examples", str(tmp_path))

    assert done.returncode == 1
    assert "needs the examples of the repository" in done.stderr


def _server(tmp_path: Path) -> dict[str, Any]:
    noted: dict[str, Any] = json.loads((tmp_path / ".demo" / "server.json").read_text())
    return noted


def _small_examples(folder: Path) -> Path:
    """The examples with their first documents only."""
    for part, name in (("invoices", "items"), ("mixed", "items"), ("mixed", "packs")):
        (folder / part).mkdir(parents=True, exist_ok=True)
        for source in (EXAMPLES / part).iterdir():
            if not (folder / part / source.name).exists():
                (folder / part / source.name).symlink_to(source)
        lines = (EXAMPLES / part / f"{name}.jsonl").read_text().splitlines()[:2]
        (folder / part / f"{name}.jsonl").unlink()
        (folder / part / f"{name}.jsonl").write_text("\n".join(lines))
    return folder
