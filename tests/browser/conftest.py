"""A real server with finished runs, and Chromium to look at it with.

Chromium is the operating system's: ``apt-get install chromium``. Where it, or the library that
drives it, is missing these tests are skipped; under ``CI=true`` that is a failure.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]
INVOICES = ROOT / "examples" / "invoices"
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
_STARTING_S = 60.0
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the server is, and a key for it."""

    url: str
    key: str


def _lacking(what: str) -> NoReturn:
    told = f"{what} is missing: the pages cannot be looked at"
    if os.environ.get("CI") == "true":
        pytest.fail(told)
    pytest.skip(told)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _lacking("the package playwright")
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        _lacking("Chromium")
    # It keeps an event loop running, which no test of another module could start beside its own.
    with sync_playwright() as driver:
        # Chromium's own sandbox needs rights that root in a container does not have; the pages
        # are this repository's.
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose workspace has a finished run of each kind of document target."""
    folder = tmp_path_factory.mktemp("site")
    own = {name: text for name, text in os.environ.items() if "OPENAI" not in name}
    environment = {**own, "EVALUAND_DATA": str(folder / "data")}

    def evaluand(*arguments: str) -> str:
        command = [sys.executable, "-m", "evaluand", *arguments]
        done = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True, cwd=folder
        )
        return done.stdout.strip()

    key = evaluand("keys", "create", "--workspace", "default")
    evaluand("run", str(_invoices(folder / "invoices")))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with (folder / "server.log").open("wb") as log:
        command = [sys.executable, "-m", "evaluand", "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield Site(url=url, key=key)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _invoices(folder: Path) -> Path:
    """A run file: some invoices of the examples, and one item that means harm."""
    shutil.copytree(INVOICES / "files", folder / "files")
    shutil.copy(INVOICES / "schema.json", folder)
    rows: list[dict[str, Any]] = [
        json.loads(line) for line in (INVOICES / "items.jsonl").read_text("utf-8").splitlines()
    ]
    chosen = rows[:3]
    # No document has this name by chance.
    hostile = folder / "files" / "x<script>alert(3)<!--.pdf"
    shutil.copy(folder / chosen[0]["files"][0], hostile)
    chosen.append(
        {
            **chosen[0],
            "id": HOSTILE,
            "files": [f"files/{hostile.name}"],
            "expected": {**chosen[0]["expected"], "vendor_name": HOSTILE},
        }
    )
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, chosen)), "utf-8")
    config = {
        "name": "Invoices",
        "set": {"name": "Invoices", "kind": "extractor", "items": {"file": "items.jsonl"}},
        "targets": [
            {
                "name": "Reader",
                "version": "1.0",
                "config": {"schema": {"file": "schema.json"}, "engine": {"kind": "baseline"}},
            }
        ],
    }
    path = folder / "run.yaml"
    path.write_text(json.dumps(config), "utf-8")
    return path


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _STARTING_S
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")
