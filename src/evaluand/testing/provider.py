"""A model provider and document endpoint on this machine, which counts and can misbehave.

It answers chat completions and ``/extract`` over real sockets and writes down, before it does
anything else, every request that reaches it: the independent witness of how often was paid.

Run it as ``python -m evaluand.testing.provider --port 8099 --log calls.jsonl --latency-ms 200``, or
inside a test with ``with ScriptedProvider(...) as provider``.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from evaluand.testing.provider_answers import MISBEHAVIOURS, Received, Reply, plausible

Script = Callable[[Received], Reply]
# Page images make for large questions.
_MAX_QUESTION_BYTES = 256 * 2**20
# An endless answer comes in pieces of this size; a dripping one as a byte each tenth of a second.
_PIECE = b" " * 65536
_DRIP_S = 0.1
_START_TIMEOUT_S = 10.0


class ScriptedProvider:
    """A server in a thread of its own. ``script`` decides what is answered to which request.

    ``log`` is appended to: a line when a request has come in, flushed before it is answered, and a
    line when its answer was written completely.
    """

    def __init__(
        self,
        script: Script = plausible,
        *,
        log: Path | None = None,
        latency_s: float = 0.0,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.script = script
        self.received: list[Received] = []
        self.answered = 0
        self.host, self.port = host, port
        self._latency_s = latency_s
        self._log_path = log
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    @property
    def origin(self) -> str:
        """Where it listens, without a path."""
        return f"http://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What a provider's ``base_url`` must be to reach it."""
        return f"{self.origin}/v1"

    def __enter__(self) -> ScriptedProvider:
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self.serve(ready.set)), name="scripted-provider"
        )
        self._thread.start()
        if not ready.wait(_START_TIMEOUT_S):
            raise TimeoutError("the scripted provider did not start: is its port taken?")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._loop and self._stop and self._thread:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    async def serve(self, ready: Callable[[], None]) -> None:
        """Answer until stopped; ``ready`` is called once ``port`` is known and open."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=_MAX_QUESTION_BYTES)
        app.router.add_route("*", "/{path:.*}", self._handle)
        # Handlers that hang on purpose must not hold up the end of a test.
        runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await runner.setup()
        site = web.TCPSite(runner, self.host, self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        ready()
        await self._stop.wait()
        await runner.cleanup()

    def stop(self) -> None:
        """End ``serve``. For use inside its event loop."""
        if self._stop:
            self._stop.set()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        received = Received(
            number=len(self.received) + 1,
            method=request.method,
            path=request.path,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
        )
        self.received.append(received)
        self._note("request", received)
        await asyncio.sleep(self._latency_s)
        response = await self._deliver(self.script(received), request)
        self.answered += 1
        self._note("answered", received)
        return response

    async def _deliver(self, reply: Reply, request: web.Request) -> web.StreamResponse:
        if reply.delivery == "hang up":
            await _hang_up(request)
        if reply.delivery == "hang":
            await _until_cancelled()
        response = web.StreamResponse(status=reply.status, headers=dict(reply.headers))
        response.content_type = reply.content_type
        if reply.delivery in ("whole", "cut"):
            response.content_length = len(reply.body)
        await response.prepare(request)
        match reply.delivery:
            case "endless":
                while True:
                    await response.write(_PIECE)
            case "drip":
                for byte in reply.body:
                    await response.write(bytes([byte]))
                    await asyncio.sleep(_DRIP_S)
            case "cut":
                await response.write(reply.body[: len(reply.body) // 2])
                await _hang_up(request)
            case _:
                await response.write(reply.body)
        await response.write_eof()
        return response

    def _note(self, event: str, received: Received) -> None:
        if self._log_path is None:
            return
        line: dict[str, Any] = {
            "event": event,
            "number": received.number,
            "path": received.path,
            "idempotency_key": received.headers.get("idempotency-key"),
            "attempt": received.headers.get("evaluand-attempt"),
            "sha256": hashlib.sha256(received.body).hexdigest(),
            "at": time.time(),
        }
        # One write of one line: processes that share the file do not tear each other's lines.
        with self._log_path.open("ab", buffering=0) as log:
            log.write(json.dumps(line).encode() + b"\n")


async def _hang_up(request: web.Request) -> None:
    if request.transport:
        request.transport.close()
    await _until_cancelled()


async def _until_cancelled() -> None:
    """Handlers are cancelled when their client is gone, and when the server stops."""
    await asyncio.Event().wait()


def planned(plan: Sequence[str]) -> Script:
    """Goes through ``plan`` request by request, names of MISBEHAVIOURS or ``ok``, then stays ok."""
    unknown = sorted(set(plan) - MISBEHAVIOURS.keys() - {"ok"})
    if unknown:
        raise ValueError(f"no behaviour '{unknown[0]}'; there are: ok, {', '.join(MISBEHAVIOURS)}")

    def script(received: Received) -> Reply:
        name = plan[received.number - 1] if received.number <= len(plan) else "ok"
        return plausible(received) if name == "ok" else MISBEHAVIOURS[name]

    return script


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="An OpenAI-compatible provider for tests.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one and prints it")
    parser.add_argument("--log", type=Path, help="file to append a line to for every request")
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--plan", default="", help="behaviours by request, such as 429,ok,html")
    given = parser.parse_args(arguments)
    provider = ScriptedProvider(
        planned([name for name in given.plan.split(",") if name]),
        log=given.log,
        latency_s=given.latency_ms / 1000,
        host=given.host,
        port=given.port,
    )
    asyncio.run(_serve(provider))


async def _serve(provider: ScriptedProvider) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, provider.stop)
    await provider.serve(
        lambda: print(f"{os.getpid()} listening on {provider.base_url}", flush=True)
    )


if __name__ == "__main__":
    main()
