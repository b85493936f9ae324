"""The provider that tests count on: it notes every request before it answers, whatever happens."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.unit.targets.asked import FolderBlobs, item

from evaluand.documents.limits import ReadingLimits
from evaluand.domain.model import Answer, File, TargetKind, Usage
from evaluand.models.http_client import AiohttpClient
from evaluand.models.prices import measure
from evaluand.models.providers import Provider, Providers
from evaluand.ports import CallFailed, Request, Response, TargetEngine
from evaluand.targets.documents.http import HttpEngine
from evaluand.targets.documents.llm import LlmEngine
from evaluand.testing.pool import InlinePool
from evaluand.testing.provider import ScriptedProvider, planned

LETTER = b"Invoice Number: A-17\nTotal: 1,234.50 EUR\n"
FIELDS = {
    "invoice_number": {"type": ["string", "null"]},
    "total": {"type": ["number", "null"]},
    "due_date": {"type": ["string", "null"]},
}
CLASSES = [
    {"id": "c1", "type": "letter", "description": ""},
    {"id": "c2", "type": "invoice", "description": ""},
]
CONFIGS: dict[TargetKind, dict[str, Any]] = {
    TargetKind.EXTRACTOR: {"schema": {"type": "object", "properties": FIELDS}},
    TargetKind.CLASSIFIER: {"classifications": CLASSES},
    TargetKind.SPLITTER: {"splitClassifications": CLASSES},
}


class DirectCaller:
    """Fits :class:`evaluand.ports.Caller`: sends at once, without a ledger."""

    def __init__(self, http: AiohttpClient) -> None:
        self._http = http

    async def call(self, request: Request) -> Response:
        return await self._http.send(request)

    def usage(self) -> Usage:
        return Usage()


def exchange(url: str, **members: Any) -> Response:
    async def once() -> Response:
        client = AiohttpClient(allow_private=True)
        try:
            return await client.send(Request(method="POST", url=url, **members))
        finally:
            await client.close()

    return asyncio.run(once())


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_every_request_is_noted_before_and_after(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    with ScriptedProvider(log=log) as provider:
        exchange(f"{provider.origin}/extract", body=b"{}", headers={"Idempotency-Key": "k1"})

    received, answered = lines(log)
    assert (received["event"], answered["event"]) == ("request", "answered")
    assert received["idempotency_key"] == "k1"
    assert received["sha256"] == sha256(b"{}").hexdigest()
    assert received["path"] == "/extract"


def test_a_request_nobody_waits_for_is_noted_but_not_as_answered(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    with ScriptedProvider(planned(["hang"]), log=log) as provider, pytest.raises(CallFailed):
        exchange(provider.base_url, timeout_s=0.2)

    assert [line["event"] for line in lines(log)] == ["request"]


def test_a_plan_is_gone_through_and_then_all_is_well() -> None:
    with ScriptedProvider(planned(["429", "500"])) as provider:
        statuses = [exchange(f"{provider.origin}/extract").status for _ in range(4)]

    assert statuses == [429, 500, 200, 200]


def test_a_plan_with_an_unknown_behaviour_is_refused() -> None:
    with pytest.raises(ValueError, match="sulk"):
        planned(["ok", "sulk"])


@contextmanager
def command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "evaluand.testing.provider", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().split()[-1]
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.slow
def test_it_runs_as_a_command_and_ends_when_asked(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    with command("--log", str(log), "--latency-ms", "1", "--plan", "html") as (process, base_url):
        response = exchange(f"{base_url}/chat/completions", body=b"{}")
        assert response.body.startswith(b"<html>")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0

    assert len(lines(log)) == 2


@pytest.fixture
def letter(tmp_path: Path) -> File:
    return FolderBlobs(tmp_path).add("letter.txt", LETTER, pages=1)


def answers(engine: TargetEngine, letter: File) -> dict[TargetKind, Answer]:
    async def ask() -> dict[TargetKind, Answer]:
        client = AiohttpClient(allow_private=True)
        found = {}
        for kind, config in CONFIGS.items():
            whole = engine.freeze(kind, config)
            found[kind] = await engine.run(kind, whole, item(letter), DirectCaller(client))
        await client.close()
        return found

    return asyncio.run(ask())


class WithOptions:
    """An engine whose configurations all carry the same options."""

    def __init__(self, engine: TargetEngine, options: dict[str, Any]) -> None:
        self._engine, self._options = engine, options
        self.name, self.kinds, self.lanes = engine.name, engine.kinds, engine.lanes
        self.check, self.run = engine.check, engine.run

    def freeze(self, kind: TargetKind, config: Any) -> Any:
        return self._engine.freeze(kind, {**config, "engine": self._options})


def check(found: dict[TargetKind, Answer]) -> None:
    assert [answer.failure for answer in found.values()] == [None] * 3
    assert found[TargetKind.EXTRACTOR].output == {
        "value": {"invoice_number": "A-17", "total": 1234.5, "due_date": None},
        "evidence": {},
    }
    split = (found[TargetKind.SPLITTER].output or {})["splits"][0]
    assert (split["startPage"], split["endPage"]) == (1, 1)


def test_the_llm_engine_works_against_it_over_the_wire(tmp_path: Path, letter: File) -> None:
    pool = InlinePool()
    with ScriptedProvider() as provider:
        declared = Provider(name="p", base_url=provider.base_url, models=("m",))
        engine = LlmEngine(
            providers=Providers([declared]),
            pool=pool,
            blobs=FolderBlobs(tmp_path),
            limits=ReadingLimits(),
        )
        check(answers(WithOptions(engine, {"kind": "llm"}), letter))
        usage = measure(
            declared,
            "m",
            exchange(
                declared.url("chat/completions"),
                body=b'{"model": "m", "messages": [{"role": "user", "content": "How much?"}]}',
            ),
        )
    pool.close()

    assert usage.input_tokens
    assert usage.output_tokens
    assert usage.cost_usd is None


def test_the_http_engine_works_against_it_over_the_wire(tmp_path: Path, letter: File) -> None:
    with ScriptedProvider() as provider:
        engine = HttpEngine(
            providers=Providers(), blobs=FolderBlobs(tmp_path), link=lambda _: "https://links/1"
        )
        check(
            answers(
                WithOptions(engine, {"kind": "http", "url": f"{provider.origin}/extract"}), letter
            )
        )
        assert provider.answered == 3
