"""``kill -9`` in the middle of a run with paid calls, counted by who is called."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from aiohttp import web
from client import Client
from measuring import Row, at_most
from serving import Server

KILLS = 3
ITEMS = 300
LATENCY_S = 0.2
SEED = 7
_PATIENCE_S = 300


class Provider:
    """An endpoint that takes its time, answers, and counts who was asked for how often."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.arrived: list[float] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()
        self._ready.wait()

    async def _answer(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        self.asked[file.filename] += 1
        self.arrived.append(time.monotonic())
        await asyncio.sleep(LATENCY_S)
        return web.Response(
            text=json.dumps({"id": "invoice", "type": "invoice"}), content_type="application/json"
        )

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._begin())
        self._ready.set()
        self._loop.run_forever()

    async def _begin(self) -> None:
        application = web.Application()
        application.router.add_post("/classify", self._answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]


def measure(items: int) -> list[Row]:
    """Kills the server a few times during one run and counts."""
    items = min(items, ITEMS)
    provider, chance = Provider(), random.Random(SEED)
    resumed_s: list[float] = []
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder) / "data") as server:
        client = Client(server.url, server.key())
        files = client.upload((f"{n}.txt", f"document {n}\n") for n in range(items))
        engine = {"kind": "http", "url": f"http://127.0.0.1:{provider.port}/classify"}
        run = client.start(client.classifier_set(files, engine))
        for turn in range(1, KILLS + 1):
            _wait_for(provider, items * turn // (KILLS + 2))
            time.sleep(chance.uniform(0, LATENCY_S))
            server.kill()
            before = len(provider.arrived)
            server.start()
            started = time.monotonic()
            _wait_for(provider, before + 1)
            resumed_s.append(provider.arrived[before] - started)
        client.wait(run, _PATIENCE_S)
        report = server.last_run()
    twice = sum(count - 1 for count in provider.asked.values())
    return [
        Row(
            bench="recovery",
            figure="items evaluated",
            value=sum(report["outcomes"].values()),
            unit=f"of {items}",
        ),
        Row(bench="recovery", figure="times killed", value=KILLS, unit="times"),
        Row(
            bench="recovery",
            figure="calls that arrived",
            value=sum(provider.asked.values()),
            unit="calls",
        ),
        Row(
            bench="recovery",
            figure="calls made again: those in flight when killed",
            value=twice,
            unit="calls",
        ),
        Row(
            bench="recovery",
            figure="calls of unknown fate, as the run reports them",
            value=report["calls"]["unknownFate"],
            unit="calls",
            limit=f"= {twice}",
            met=report["calls"]["unknownFate"] == twice,
        ),
        at_most("recovery", "any item asked for", max(provider.asked.values()), "times", KILLS + 1),
        Row(
            bench="recovery",
            figure="from answering to the first call after a restart, at most",
            value=max(resumed_s),
            unit="s",
        ),
    ]


def _wait_for(provider: Provider, calls: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while len(provider.arrived) < calls:
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {len(provider.arrived)} of {calls} calls came")
        time.sleep(0.01)
