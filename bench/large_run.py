"""A run of many text files: memory while it works, and polling when it is done."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from client import Client
from measuring import Row, at_most, median, percentile
from serving import Memory, Server

SMALL = 100
POLLS = 400
_PATIENCE_S = 900
_MEMORY_MB = 400
_POLL_MS = 20.0
# The same work whatever the size: what is left is noise.
_GROWTH = 1.5


def measure(items: int) -> list[Row]:
    """Runs ``items`` files and a hundred through one server."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder) / "data") as server:
        client = Client(server.url, server.key())
        started = time.perf_counter()
        files = client.upload((f"{n}.txt", _text(n)) for n in range(items))
        uploading_s = time.perf_counter() - started
        small = client.start(client.classifier_set(files[:SMALL], {"kind": "baseline"}))
        client.wait(small, _PATIENCE_S)
        large_set = client.classifier_set(files, {"kind": "baseline"})
        assert server.process is not None
        working: list[float] = []
        with Memory(server.process.pid) as memory:
            began = time.perf_counter()
            large = client.start(large_set)
            answering_s = time.perf_counter() - began
            while client.get(f"/evaluation_set_runs/{large}")["status"] != "PROCESSED":
                working.append(_poll(client, large))
                if time.perf_counter() - began > _PATIENCE_S:
                    raise TimeoutError("the run was not done in time")
                time.sleep(0.1)
            working_s = time.perf_counter() - began
        pairs = [(_poll(client, small), _poll(client, large)) for _ in range(POLLS)]
    few, many = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return [
        at_most(
            "polling", f"finished run of {items:,} items, median", median(many), "ms", _POLL_MS
        ),
        Row(
            bench="polling",
            figure=f"finished run of {items:,} items, 95th percentile",
            value=percentile(many, 0.95),
            unit="ms",
        ),
        Row(
            bench="polling",
            figure=f"finished run of {SMALL} items, median",
            value=median(few),
            unit="ms",
        ),
        at_most(
            "polling",
            f"{items:,} items against {SMALL}, medians",
            median(many) / median(few),
            "times",
            _GROWTH,
        ),
        Row(
            bench="polling", figure="while the run works, median", value=median(working), unit="ms"
        ),
        Row(
            bench="polling",
            figure="while the run works, 95th percentile",
            value=percentile(working, 0.95),
            unit="ms",
        ),
        at_most("memory", "server process, at most", memory.alone_mb, "MB", _MEMORY_MB),
        Row(
            bench="memory",
            figure="with its child processes, at most",
            value=memory.tree_mb,
            unit="MB",
        ),
        Row(bench="run", figure="answer to starting it", value=answering_s * 1000, unit="ms"),
        Row(bench="run", figure="text files classified", value=items / working_s, unit="items/s"),
        Row(bench="run", figure="files uploaded", value=items / uploading_s, unit="files/s"),
    ]


def _poll(client: Client, run: str) -> float:
    started = time.perf_counter()
    client.get(f"/evaluation_set_runs/{run}")
    return (time.perf_counter() - started) * 1000


def _text(number: int) -> str:
    return (
        f"INVOICE {number:06d}\n\nBilled to customer {number % 97}\n"
        f"Widgets  {number % 9 + 1} x 12.50\nTotal due: {(number % 9 + 1) * 12.5:.2f} EUR\n"
    )
