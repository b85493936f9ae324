"""Paid calls: written down before they leave, answered once, retried only when that can help.

An item's calls are numbered in the order its target makes them. Taken up again after a crash, the
target starts anew, but a question whose answer lies in the ledger is not asked again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from evaluand.domain.ids import PublicId, to_base62
from evaluand.domain.model import Usage
from evaluand.engine.recorder import Recorder
from evaluand.ports import (
    CallFailed,
    CallKey,
    CallOutcome,
    CallUsage,
    Clock,
    Http,
    Intent,
    Meter,
    RecordedCall,
    Request,
    Response,
)

# Busy, too many requests, and the server's own faults: the same question may be answered later.
_RETRYABLE_STATUSES = frozenset({408, 425, 429})
_SERVER_FAULT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how patiently a call is repeated. Waiting times double and are jittered."""

    attempts: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0

    def wait_s(self, tries: int, retry_after_s: float | None) -> float:
        """Seconds before the next try; what the provider asks for is obeyed, within reason."""
        if retry_after_s is not None:
            return min(retry_after_s, self.longest_wait_s)
        spread = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        return min(self.first_wait_s * 2.0 ** (tries - 1), self.longest_wait_s) * spread


@dataclass(slots=True, kw_only=True)
class CallScope:
    """Whose calls these are: the item, the stage, and what the ledger knows of it."""

    run: int
    run_id: PublicId
    workspace: int
    position: int
    stage: str
    recorded: Sequence[RecordedCall]


@dataclass(slots=True, kw_only=True)
class LedgerCaller:
    """Fits :class:`evaluand.ports.Caller` for one stage of one item."""

    scope: CallScope
    recorder: Recorder
    http: Http
    clock: Clock
    meter: Meter
    policy: RetryPolicy
    reused: int = 0
    _sequence: int = 0
    _spent: list[CallUsage] = field(default_factory=list)

    async def call(self, request: Request) -> Response:
        """The answer to ``request``, from the ledger if it is there.

        Raises CallFailed when no answer came after all tries.
        """
        key = CallKey(self.scope.run, self.scope.position, self.scope.stage, self._sequence)
        self._sequence += 1
        digest = _digest(request)
        past = [
            call
            for call in self.scope.recorded
            if call.key == key and call.request_digest == digest
        ]
        for call in past:
            answer = _final_answer(call)
            if answer is not None:
                self.reused += 1
                self._spent.append(_recorded_usage(call))
                return answer
        return await self._ask(key, digest, request, past)

    def usage(self) -> Usage:
        """What this stage's calls used so far, reused answers included."""
        tokens_in = [m.input_tokens for m in self._spent if m.input_tokens is not None]
        tokens_out = [m.output_tokens for m in self._spent if m.output_tokens is not None]
        return Usage(
            calls=len(self._spent),
            input_tokens=sum(tokens_in) if tokens_in else None,
            output_tokens=sum(tokens_out) if tokens_out else None,
            cost_usd=sum(m.cost_usd or 0.0 for m in self._spent),
        )

    async def _ask(
        self, key: CallKey, digest: bytes, request: Request, past: Sequence[RecordedCall]
    ) -> Response:
        attempt = max((call.attempt for call in past), default=0)
        # A call whose fate is unknown is no failed try: it is asked once more at any rate.
        tries = sum(call.outcome is not None for call in past)
        request = replace(request, headers={**request.headers, "Idempotency-Key": self._name(key)})
        while True:
            attempt, tries = attempt + 1, tries + 1
            answer = await self._attempt(key, attempt, digest, request)
            last = tries >= self.policy.attempts
            if isinstance(answer, CallFailed):
                if last or not answer.retryable:
                    raise answer
                await asyncio.sleep(self.policy.wait_s(tries, None))
            elif last or not _is_retryable(answer.status):
                return answer
            else:
                await asyncio.sleep(self.policy.wait_s(tries, _retry_after(answer)))

    async def _attempt(
        self, key: CallKey, attempt: int, digest: bytes, request: Request
    ) -> Response | CallFailed:
        await self.recorder.intend(
            Intent(
                key=key,
                attempt=attempt,
                workspace=self.scope.workspace,
                request_digest=digest,
                at=self.clock.now(),
            )
        )
        try:
            response = await self.http.send(request)
        except CallFailed as failure:
            self._record(key, attempt, failure=f"{failure.reason}: {failure.message}")
            return failure
        measured = self.meter(request, response)
        self._spent.append(measured)
        self._record(key, attempt, response=response, measured=measured)
        return response

    def _record(
        self,
        key: CallKey,
        attempt: int,
        *,
        response: Response | None = None,
        measured: CallUsage | None = None,
        failure: str | None = None,
    ) -> None:
        measured = measured or CallUsage()
        self.recorder.answer(
            CallOutcome(
                key=key,
                attempt=attempt,
                at=self.clock.now(),
                status=None if response is None else response.status,
                body=None if response is None else response.body,
                failure=failure,
                input_tokens=measured.input_tokens,
                output_tokens=measured.output_tokens,
                cost_usd=measured.cost_usd,
            )
        )

    def _name(self, key: CallKey) -> str:
        return f"{to_base62(self.scope.run_id)}:{key.position}:{key.stage}:{key.sequence}"


def _digest(request: Request) -> bytes:
    """What makes two questions the same: method, address, body. Headers may carry keys."""
    whole = sha256(f"{request.method} {request.url}\n".encode())
    whole.update(request.body if request.identity is None else request.identity)
    return whole.digest()


def _is_retryable(status: int) -> bool:
    return status in _RETRYABLE_STATUSES or status >= _SERVER_FAULT


def _final_answer(call: RecordedCall) -> Response | None:
    outcome = call.outcome
    if outcome is None or outcome.status is None or _is_retryable(outcome.status):
        return None
    return Response(status=outcome.status, body=outcome.body or b"")


def _recorded_usage(call: RecordedCall) -> CallUsage:
    outcome = call.outcome
    if outcome is None:
        return CallUsage()
    return CallUsage(
        input_tokens=outcome.input_tokens,
        output_tokens=outcome.output_tokens,
        cost_usd=outcome.cost_usd,
    )


def _retry_after(response: Response) -> float | None:
    text = response.headers.get("retry-after", "")
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
