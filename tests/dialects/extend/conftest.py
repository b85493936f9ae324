"""A real server in a process of its own, and the official client pointed at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from extend_ai import Extend

from evaluand.domain.ids import to_prefixed
from evaluand.store.database import Database
from evaluand.store.sql import SqlStore

VERSION = "2026-02-09"
_STARTING_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where the server is, what keys open it, and which workspaces there are."""

    url: str
    key: str
    other_key: str
    viewer_key: str
    organization_key: str
    workspace_id: str
    other_workspace_id: str

    def headers(self, key: str | None = None) -> dict[str, str]:
        """What every raw request needs."""
        return {"Authorization": f"Bearer {key or self.key}", "x-extend-api-version": VERSION}


def _environment(data: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if "OPENAI" not in name}
    return {
        **own,
        "EVALUAND_DATA": str(data),
        "EVALUAND_MAX_BODY_BYTES": str(4 << 20),
        "EVALUAND_DOCUMENT_MAX_MB": "8",
    }


def _key(data: Path, *options: str) -> str:
    command = [sys.executable, "-m", "evaluand", "keys", "create", *options]
    made = subprocess.run(
        command, env=_environment(data), check=True, capture_output=True, text=True
    )
    return made.stdout.strip()


def _workspace_id(data: Path, name: str) -> str:
    store = SqlStore(Database(f"sqlite:///{data / 'evaluand.db'}"))
    try:
        return to_prefixed("ws", store.access.find_workspace(name)[0].id)
    finally:
        store.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _STARTING_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("extend") / "data"
    key = _key(data, "--workspace", "first")
    with ThreadPoolExecutor() as several:
        other, viewer, organization = several.map(
            lambda options: _key(data, *options),
            [
                ("--workspace", "second"),
                ("--workspace", "first", "--role", "viewer"),
                ("--organization", "default", "--role", "admin"),
            ],
        )
    first, second = _workspace_id(data, "first"), _workspace_id(data, "second")
    url = f"http://127.0.0.1:{(port := _free_port())}"
    log = data.parent / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "evaluand", "serve", "--port", str(port)],
            env=_environment(data),
            stdout=stream,
            stderr=stream,
        )
    try:
        _wait_until_ready(url, process, log)
        yield Server(
            url=url,
            key=key,
            other_key=other,
            viewer_key=viewer,
            organization_key=organization,
            workspace_id=first,
            other_workspace_id=second,
        )
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[Extend]:
    """The official client, as its users make it."""
    with httpx.Client(timeout=60) as http:
        yield Extend(token=server.key, base_url=server.url, httpx_client=http)


@pytest.fixture(scope="session")
def raw(server: Server) -> Iterator[httpx.Client]:
    """A bare HTTP client with the headers that every request needs."""
    with httpx.Client(base_url=server.url, headers=server.headers(), timeout=60) as http:
        yield http


Upload = Callable[..., str]


@pytest.fixture(scope="session")
def upload(client: Extend) -> Upload:
    """Uploads bytes under a name and gives the file's id."""

    def send(content: bytes, name: str = "document.pdf") -> str:
        return client.files.upload(file=(name, content)).id

    return send


@pytest.fixture(scope="session")
def extractor(client: Extend) -> Any:
    """An extractor for the invoices of ``samples``."""
    from tests.dialects.extend.samples import INVOICE_CONFIG

    return client.extractors.create(name="Invoices", config=INVOICE_CONFIG)
