"""Paid calls: written down before they leave, answered once, retried only when that can help.

An item's calls are numbered in the order its target makes them. Taken up again after a crash, the
target starts anew, but a question whose answer lies in the ledger is not asked again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256

from evaluand.domain.ids import PublicId, to_base62
from evaluand.domain.model import Usage
from evaluand.engine.recorder import Recorder
from evaluand.engine.retries import RetryPolicy, is_retryable, retry_after_s
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

logger = logging.getLogger(__name__)

# A call whose fate is unknown is made again, but an answer that ends the server each time it comes
# must not be paid for without end. More often than that no server is killed by chance.
_LOST_AT_MOST = 25


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
    """Fits :class:`evaluand.ports.Caller` for one stage of one item.

    Once ``stopping`` is set no further call is made: whoever asks is cancelled. ``reused`` counts
    the answers taken from the ledger, ``reused_ms`` how long they took when they were paid for.
    """

    scope: CallScope
    recorder: Recorder
    http: Http
    clock: Clock
    meter: Meter
    policy: RetryPolicy
    stopping: asyncio.Event
    reused: int = 0
    reused_ms: int = 0
    _sequence: int = 0
    _spent: list[CallUsage] = field(default_factory=list)

    @property
    def asked(self) -> bool:
        """Whether anything was asked for, of the ledger or of the world."""
        return self._sequence > 0

    async def call(self, request: Request) -> Response:
        """The answer to ``request``, from the ledger if it is there.

        Raises CallFailed when no answer came after all tries.
        """
        key = CallKey(self.scope.run, self.scope.position, self.scope.stage, self._sequence)
        self._sequence += 1
        digest = _digest(request)
        past = [call for call in self.scope.recorded if call.key == key]
        same = [call for call in past if call.request_digest == digest]
        known = _known(same, self.policy)
        if known is not None:
            return self._reuse(known)
        lost = sum(call.outcome is None for call in same)
        if lost >= _LOST_AT_MOST:
            raise CallFailed("lost", _lost_words(lost), retryable=False)
        # Numbers go on after another question's: a place in the ledger is never written twice.
        attempt = max((call.attempt for call in past), default=0)
        # A call whose fate is unknown is no failed try: it is asked once more at any rate.
        return await self._ask(key, digest, request, attempt, len(same) - lost)

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

    def _reuse(self, call: RecordedCall) -> Response:
        self.reused += 1
        self.reused_ms += call.took_ms
        outcome = call.outcome
        if outcome is None or outcome.status is None:
            told = outcome.failure if outcome else None
            reason, _, message = (told or "connection: no answer came").partition(": ")
            raise CallFailed(reason, message, retryable=False)
        self._spent.append(
            CallUsage(
                input_tokens=outcome.input_tokens,
                output_tokens=outcome.output_tokens,
                cost_usd=outcome.cost_usd,
            )
        )
        return Response(status=outcome.status, body=outcome.body or b"")

    async def _ask(
        self, key: CallKey, digest: bytes, request: Request, attempt: int, tries: int
    ) -> Response:
        while True:
            attempt, tries = attempt + 1, tries + 1
            answer = await self._attempt(key, attempt, digest, request)
            last = tries >= self.policy.attempts
            if isinstance(answer, CallFailed):
                if last or not answer.retryable:
                    raise answer
                await self._pause(self.policy.wait_s(tries, None))
            elif last or not is_retryable(answer.status):
                return answer
            else:
                asked = retry_after_s(answer, self.clock.now())
                await self._pause(self.policy.wait_s(tries, asked))

    async def _attempt(
        self, key: CallKey, attempt: int, digest: bytes, request: Request
    ) -> Response | CallFailed:
        if self.stopping.is_set():
            raise asyncio.CancelledError
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
            response = await self.http.send(self._named(request, key, attempt))
        except CallFailed as failure:
            self._record(key, attempt, failure=f"{failure.reason}: {failure.message}")
            return failure
        except Exception as error:
            # A bug of the client, perhaps after the call was made: never left without a word.
            self._record(key, attempt, failure=f"internal: {type(error).__name__}: {error}")
            raise
        measured = self._measured(request, response)
        self._spent.append(measured)
        self._record(key, attempt, response=response, measured=measured)
        return response

    def _measured(self, request: Request, response: Response) -> CallUsage:
        try:
            return self.meter(request, response)
        except Exception:
            # The answer is paid for and must be kept, whatever its account of itself looks like.
            logger.exception("what a call to %s used is unknown", request.url)
            return CallUsage()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()

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

    def _named(self, request: Request, key: CallKey, attempt: int) -> Request:
        """The request under its name, the same at each attempt, and the attempt's number."""
        name = f"{to_base62(self.scope.run_id)}:{key.position}:{key.stage}:{key.sequence}"
        named = {"Idempotency-Key": name, "Evaluand-Attempt": str(attempt)}
        return replace(request, headers={**request.headers, **named})


def _digest(request: Request) -> bytes:
    """What makes two questions the same: method, address, body. Headers may carry keys."""
    whole = sha256(f"{request.method} {request.url}\n".encode())
    whole.update(request.body if request.identity is None else request.identity)
    return whole.digest()


def _known(same: Sequence[RecordedCall], policy: RetryPolicy) -> RecordedCall | None:
    """The recorded call that settles a question: a final answer, or the last of all tries."""
    answered = [call for call in same if call.outcome is not None]
    for call in answered:
        status = call.outcome.status if call.outcome else None
        if status is not None and not is_retryable(status):
            return call
    if len(answered) < policy.attempts:
        return None
    return max(answered, key=lambda call: call.attempt)


def _lost_words(lost: int) -> str:
    return (
        f"the server ended {lost} times while it waited for this answer, which is asked for no"
        " more: see its log for what the answer does to it, then resume or repeat the run"
    )
