"""A server and a counting provider as processes of their own, and what both have written down."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

PATIENCE_S = 60.0
FINAL = ("PROCESSED", "FAILED", "CANCELLED")

_CONFIG = {
    "schema": {
        "type": "object",
        "properties": {
            "invoice_number": {"type": ["string", "null"]},
            "total": {"type": ["number", "null"]},
        },
    }
}


class Served:
    """An installation in a folder, whose server is started, killed and started again."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.kills: list[float] = []
        self.settings = {"EVALUAND_DATA": str(self.data), **settings}
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._key = self.evaluand("keys", "create", "--workspace", "w", "--role", "admin")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server, without waiting until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "evaluand", "serve", "--port", str(self._port)],
                env=self._environment(),
                stdout=log,
                stderr=log,
            )

    def wait_until_ready(self) -> None:
        """Returns once the server answers."""
        until(lambda: self._answers(), f"the server did not start, see {self.log}")

    def kill(self) -> None:
        """Ends the server as a power cut would, as far as a process can tell."""
        assert self.process is not None
        self.kills.append(time.time())
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def terminate(self, times: int = 1) -> int:
        """Asks the server to stop, waits until it has, and returns its exit code."""
        assert self.process is not None
        for _ in range(times):
            self.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        return self.process.wait(PATIENCE_S)

    def close(self) -> None:
        """Ends the server if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE_S)

    def client(self) -> httpx.Client:
        """A client with the key and version that every request needs."""
        headers = {"Authorization": f"Bearer {self._key}", "x-extend-api-version": "2026-02-09"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE_S)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says."""
        with closing(sqlite3.connect(self.data / "evaluand.db", timeout=PATIENCE_S)) as opened:
            return opened.execute(statement, values).fetchall()

    def evaluand(self, *words: str) -> str:
        """What a command prints that works on the same data."""
        command = [sys.executable, "-m", "evaluand", *words]
        done = subprocess.run(
            command, env=self._environment(), check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def _environment(self) -> dict[str, str]:
        own = {name: text for name, text in os.environ.items() if "OPENAI" not in name}
        return {**own, **self.settings}

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.url}/readyz").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[Served]:
    """A running server."""
    server = Served(folder, **settings)
    try:
        server.start()
        server.wait_until_ready()
        yield server
    finally:
        server.close()


class Witness:
    """The provider's own account of what it was asked and what it answered."""

    def __init__(self, base_url: str, log: Path) -> None:
        self.endpoint = base_url.removesuffix("/v1") + "/extract"
        self._log = log

    def lines(self) -> list[dict[str, Any]]:
        """Everything written down so far."""
        text = self._log.read_text() if self._log.exists() else ""
        return [json.loads(line) for line in text.splitlines() if line.endswith("}")]

    def received(self) -> list[tuple[str, int]]:
        """The requests that came in: name of the question, number of the attempt."""
        return [
            (line["idempotency_key"], int(line["attempt"]))
            for line in self.lines()
            if line["event"] == "request"
        ]


@contextmanager
def counting_provider(folder: Path, *, latency_ms: int) -> Iterator[Witness]:
    """A provider that outlives the server and writes down each request before it answers."""
    log = folder / "provider.jsonl"
    command = [sys.executable, "-m", "evaluand.testing.provider"]
    options = ["--log", str(log), "--latency-ms", str(latency_ms)]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Witness(process.stdout.readline().split()[-1], log)
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def a_set_of_invoices(
    client: httpx.Client, count: int, engine: dict[str, Any], *, files: int | None = None
) -> str:
    """The id of a set of text files; every fifth item expects what its file does not say.

    With ``files`` the items share that many.
    """
    extractor = _made(client, "/extractors", name="x", config={**_CONFIG, "engine": engine})
    evaluated = _made(client, "/evaluation_sets", name="s", description="", entityId=extractor)
    sent = [_uploaded(client, number) for number in range(files or count)]
    items = [
        {"fileId": sent[number % len(sent)], "expectedOutput": {"value": _truth(number)}}
        for number in range(count)
    ]
    for start in range(0, count, 100):
        answer = client.post(
            f"/evaluation_sets/{evaluated}/items", json={"items": items[start : start + 100]}
        )
        answer.raise_for_status()
    return evaluated


def a_set_of_long_texts(client: httpx.Client, count: int) -> str:
    """The id of a set of files that keep a processor busy for a second or so each."""
    extractor = _made(client, "/extractors", name="x", config=_CONFIG)
    evaluated = _made(client, "/evaluation_sets", name="s", description="", entityId=extractor)
    filler = "".join(
        f"Line {n}: nothing of interest, {n}.{n % 100:02d} pieces\n" for n in range(500)
    )
    texts = [f"Invoice number: INV-{number}\nTotal: {number}\n{filler}" for number in range(count)]
    items = [
        {
            "fileId": _sent(client, f"{number}.txt", text),
            "expectedOutput": {"value": {"invoice_number": f"INV-{number}"}},
        }
        for number, text in enumerate(texts)
    ]
    client.post(f"/evaluation_sets/{evaluated}/items", json={"items": items}).raise_for_status()
    return evaluated


def started(client: httpx.Client, set_id: str) -> str:
    """The id of a new run of the set."""
    return _made(client, "/evaluation_set_runs", evaluationSetId=set_id)


def run_of(client: httpx.Client, run_id: str) -> dict[str, Any]:
    """The run as the API shows it."""
    answer = client.get(f"/evaluation_set_runs/{run_id}")
    answer.raise_for_status()
    shown: dict[str, Any] = answer.json()
    return shown


def ended(client: httpx.Client, run_id: str) -> dict[str, Any]:
    """The run once its status is final."""
    shown: list[dict[str, Any]] = []

    def final() -> bool:
        shown[:] = [run_of(client, run_id)]
        return shown[0]["status"] in FINAL

    until(final, f"{run_id} does not end")
    return shown[0]


def until(condition: Any, else_say: str, pause_s: float = 0.05) -> None:
    """Waits for a condition. Raises TimeoutError with the words given when it never holds."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(else_say)
        time.sleep(pause_s)


def _truth(number: int) -> dict[str, Any]:
    return {"invoice_number": f"INV-{number}", "total": number + (number % 5 == 0)}


def _uploaded(client: httpx.Client, number: int) -> str:
    return _sent(client, f"{number}.txt", f"Invoice number: INV-{number}\nTotal: {number}\n")


def _sent(client: httpx.Client, name: str, text: str) -> str:
    answer = client.post("/files/upload", files={"file": (name, text.encode(), "text/plain")})
    answer.raise_for_status()
    return str(answer.json()["id"])


def _made(client: httpx.Client, path: str, **body: Any) -> str:
    answer = client.post(path, json=body)
    assert answer.is_success, answer.text
    return str(answer.json()["id"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def children(server: int) -> list[psutil.Process]:
    """The processes below the server, at any depth."""
    return psutil.Process(server).children(recursive=True)
