"""A server in a process of its own, and its memory."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import psutil

_PATIENCE_S = 60
_SAMPLE_S = 0.1
_MB = 1e6


class Server:
    """``evaluand serve`` on a data folder; a context manager. ``kill`` is ``kill -9``."""

    def __init__(self, data: Path, **settings: str) -> None:
        self._data = data
        self._program = Path(sys.executable).parent / "evaluand"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            "EVALUAND_DATA": str(data),
            "EVALUAND_PORT": str(self.port),
            "EVALUAND_LOG_LEVEL": "WARNING",
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(_PATIENCE_S)

    def start(self) -> float:
        """Starts the server; the seconds until it answered."""
        started = time.perf_counter()
        self.process = subprocess.Popen([self._program, "serve"], env=self._environment)
        while True:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/readyz", timeout=5).is_success:
                    return time.perf_counter() - started
            if self.process.poll() is not None or time.perf_counter() - started > _PATIENCE_S:
                raise RuntimeError("the server did not start")
            time.sleep(0.02)

    def kill(self) -> None:
        """Ends the server as a crash does, and what it left running."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(_PATIENCE_S)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()

    def key(self) -> str:
        """A fresh key."""
        return self._command("keys", "create", "--workspace", "bench")

    def last_run(self) -> dict[str, Any]:
        """The newest run as the command line reports it."""
        report: dict[str, Any] = json.loads(self._command("runs", "show", "latest", "--json"))
        return report

    def _command(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._program, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


class Memory:
    """The greatest resident memory of a process, and of it with its children, while inside."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.alone_mb = 0.0
        self.tree_mb = 0.0

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_SAMPLE_S):
            with suppress(psutil.NoSuchProcess):
                alone = self._process.memory_info().rss / _MB
                tree = alone + sum(_resident(p) for p in self._process.children(recursive=True))
                self.alone_mb = max(self.alone_mb, alone)
                self.tree_mb = max(self.tree_mb, tree)


def _resident(process: psutil.Process) -> float:
    try:
        return process.memory_info().rss / _MB
    except psutil.NoSuchProcess:
        return 0.0
