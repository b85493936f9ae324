"""The server that the demo starts: found, started, waited for and stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from evaluand.errors import Unavailable

_HOST = "127.0.0.1"
_PREFERRED_PORT = 8080
# On a cold disk the libraries alone take some seconds.
_START_S = 60.0
_STOP_S = 30.0
_LOOK_S = 0.2
_TAIL = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoServer:
    """A server on loopback. ``is_own`` says that this demo has started it."""

    url: str
    pid: int
    is_own: bool

    def stop(self) -> None:
        """Ends a server this demo has started; it finishes what is under way."""
        if not self.is_own:
            return
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_S
        while time.monotonic() < deadline:
            ended, _ = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                return
            time.sleep(_LOOK_S)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def serve(data: Path) -> DemoServer:
    """The server on this data folder: the one an earlier demo left running, or a new one.

    Raises Unavailable when it does not start, with the end of its log.
    """
    note = data / "server.json"
    left = _left_running(note)
    if left is not None:
        return left
    data.mkdir(parents=True, exist_ok=True)
    log, port = data / "server.log", _free_port()
    command = [sys.executable, "-m", "evaluand", "serve", "--host", _HOST]
    with log.open("w", encoding="utf-8") as stream:
        # In a session of its own: Ctrl-C is for the demo, which then stops the server in order.
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, "--port", str(port), "--data", str(data)],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = DemoServer(url=f"http://{_HOST}:{port}", pid=process.pid, is_own=True)
    deadline = time.monotonic() + _START_S
    while not _is_ready(server.url):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            tail = "\n".join(log.read_text(encoding="utf-8").splitlines()[-_TAIL:])
            raise Unavailable(f"The server did not start. The end of {log}:\n{tail}")
        time.sleep(_LOOK_S)
    note.write_text(json.dumps({"url": server.url, "pid": server.pid}), encoding="utf-8")
    return server


def _left_running(note: Path) -> DemoServer | None:
    try:
        noted = json.loads(note.read_text(encoding="utf-8"))
        server = DemoServer(url=noted["url"], pid=noted["pid"], is_own=False)
        os.kill(server.pid, 0)
    except (OSError, ValueError, KeyError):
        return None
    return server if _is_ready(server.url) else None


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=1.0) as response:  # noqa: S310 - loopback
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    for port in (_PREFERRED_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            chosen: int = probe.getsockname()[1]
            return chosen
    raise Unavailable(f"There is no free port on {_HOST}.")
