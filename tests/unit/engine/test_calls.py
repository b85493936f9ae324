"""Paid calls: announced, answered once, repeated only when that can help, never without end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engine.fakes import (
    RUN_ID,
    NotedLedger,
    PlannedHttp,
    a_key,
    a_request,
    a_scope,
    answered,
    busy,
    no_account,
    run,
)

from evaluand.domain.ids import to_base62
from evaluand.engine.calls import LedgerCaller
from evaluand.engine.recorder import Recorder
from evaluand.engine.retries import RetryPolicy, is_retryable, retry_after_s
from evaluand.ports import (
    CallFailed,
    CallOutcome,
    CallUsage,
    RecordedCall,
    Request,
    Response,
)
from evaluand.testing.clock import START, SettableClock

AT_ONCE = RetryPolicy(attempts=3, first_wait_s=0.0)
OK = Response(status=200, body=b"{}")
QUESTION = a_request()
DIGEST = sha256(b"POST https://models.example/v1\n" + QUESTION.body).digest()


@asynccontextmanager
async def calling(
    http: PlannedHttp,
    ledger: NotedLedger,
    recorded: Sequence[RecordedCall] = (),
    *,
    policy: RetryPolicy = AT_ONCE,
    meter: object = no_account,
    stopping: asyncio.Event | None = None,
) -> AsyncIterator[LedgerCaller]:
    recorder = Recorder(ledger, lambda _: None)
    recorder.start()
    yield LedgerCaller(
        scope=a_scope(*recorded),
        recorder=recorder,
        http=http,
        clock=SettableClock(),
        meter=meter,  # type: ignore[arg-type]
        policy=policy,
        stopping=stopping or asyncio.Event(),
    )
    await recorder.close()


def asked(
    http: PlannedHttp, ledger: NotedLedger, recorded: Sequence[RecordedCall] = (), **options: object
) -> Response:
    """What one question comes to."""

    async def main() -> Response:
        async with calling(http, ledger, recorded, **options) as caller:  # type: ignore[arg-type]
            try:
                return await caller.call(QUESTION)
            finally:
                await caller.recorder.flush()

    return run(main())


def recorded(
    attempt: int = 1,
    status: int | None = 200,
    *,
    failure: str | None = None,
    digest: bytes = DIGEST,
    lost: bool = False,
    sequence: int = 0,
    took_ms: int = 0,
) -> RecordedCall:
    """A call that an earlier process has left in the ledger."""
    key = a_key(sequence=sequence)
    outcome = CallOutcome(
        key=key,
        attempt=attempt,
        at=START,
        status=status,
        body=b"from the ledger",
        failure=failure,
        input_tokens=3,
        cost_usd=0.5,
    )
    return RecordedCall(
        key=key,
        attempt=attempt,
        request_digest=digest,
        outcome=None if lost else outcome,
        took_ms=took_ms,
    )


class TestOneCall:
    def test_is_announced_before_it_leaves(self) -> None:
        class Watching(PlannedHttp):
            async def send(self, request: Request) -> Response:
                announced.append(len(ledger.intents))
                return await super().send(request)

        ledger, announced = NotedLedger(), list[int]()
        assert asked(Watching(OK), ledger) == OK
        assert announced == [1]
        (outcome,) = ledger.outcomes
        assert (outcome.attempt, outcome.status, outcome.body) == (1, 200, b"{}")

    def test_carries_its_name_and_the_number_of_the_attempt(self) -> None:
        http = PlannedHttp(answered(503), OK)
        asked(http, NotedLedger())
        names = [request.headers["Idempotency-Key"] for request in http.sent]
        assert names == [f"{to_base62(RUN_ID)}:0:target:0"] * 2
        assert [request.headers["Evaluand-Attempt"] for request in http.sent] == ["1", "2"]

    def test_is_kept_even_if_its_account_makes_no_sense(self) -> None:
        def meter(request: Request, response: Response) -> CallUsage:
            raise KeyError("usage")

        ledger = NotedLedger()
        assert asked(PlannedHttp(OK), ledger, meter=meter) == OK
        assert [outcome.status for outcome in ledger.outcomes] == [200]

    def test_that_the_client_breaks_on_leaves_a_word(self) -> None:
        ledger = NotedLedger()
        with pytest.raises(LookupError):
            asked(PlannedHttp(LookupError("codec")), ledger)
        assert [o.failure for o in ledger.outcomes] == ["internal: LookupError: codec"]

    def test_cut_off_in_the_middle_leaves_its_intent_and_no_answer(self) -> None:
        async def main() -> None:
            http.gate.clear()
            async with calling(http, ledger) as caller:
                task = asyncio.create_task(caller.call(QUESTION))
                await http.asked.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

        http, ledger = PlannedHttp(), NotedLedger()
        run(main())
        assert (len(ledger.intents), ledger.outcomes) == (1, [])


class TestRepeating:
    @pytest.mark.parametrize("first", [answered(429), answered(500), busy()])
    def test_helps_when_somebody_is_busy(self, first: Response | CallFailed) -> None:
        http, ledger = PlannedHttp(first, OK), NotedLedger()
        assert asked(http, ledger) == OK
        assert [intent.attempt for intent in ledger.intents] == [1, 2]

    @pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 413, 422])
    def test_does_not_help_with_other_answers(self, status: int) -> None:
        http = PlannedHttp(answered(status))
        assert asked(http, NotedLedger()).status == status
        assert len(http.sent) == 1

    def test_does_not_help_with_final_failures(self) -> None:
        http = PlannedHttp(CallFailed("too_large", "more than 20 MB", retryable=False))
        with pytest.raises(CallFailed, match="20 MB"):
            asked(http, NotedLedger())
        assert len(http.sent) == 1

    def test_ends_with_the_last_answer(self) -> None:
        http = PlannedHttp(*[answered(500 + n) for n in range(5)])
        assert asked(http, NotedLedger()).status == 502
        assert len(http.sent) == AT_ONCE.attempts

    def test_ends_with_the_last_failure(self) -> None:
        http, ledger = PlannedHttp(*[busy() for _ in range(5)]), NotedLedger()
        with pytest.raises(CallFailed, match="in time"):
            asked(http, ledger)
        assert [o.failure for o in ledger.outcomes] == ["timeout: no answer in time"] * 3

    def test_waits_as_long_as_it_is_told(self) -> None:
        async def main() -> tuple[int, float]:
            loop = asyncio.get_running_loop()
            http = PlannedHttp(answered(429, "0.2"), OK)
            begun = loop.time()
            async with calling(http, NotedLedger()) as caller:
                await caller.call(QUESTION)
            return len(http.sent), loop.time() - begun

        sent, waited_s = run(main())
        assert sent == 2
        assert waited_s >= 0.2

    def test_stops_when_the_work_stops(self) -> None:
        async def main() -> int:
            http = PlannedHttp(answered(429, "20"), OK)
            stopping = asyncio.Event()
            async with calling(http, NotedLedger(), stopping=stopping) as caller:
                task = asyncio.create_task(caller.call(QUESTION))
                await asyncio.sleep(0.05)
                stopping.set()
                with pytest.raises(asyncio.CancelledError):
                    await task
            return len(http.sent)

        assert run(main()) == 1


class TestTakenUpAgain:
    def test_a_recorded_answer_is_not_asked_for_again(self) -> None:
        async def main() -> tuple[Response, LedgerCaller]:
            async with calling(http, ledger, [recorded(took_ms=120)]) as caller:
                return await caller.call(QUESTION), caller

        http, ledger = PlannedHttp(), NotedLedger()
        answer, caller = run(main())
        assert answer == Response(status=200, body=b"from the ledger")
        assert (http.sent, ledger.intents) == ([], [])
        assert (caller.reused, caller.reused_ms) == (1, 120)
        assert (caller.usage().input_tokens, caller.usage().cost_usd) == (3, 0.5)

    def test_another_question_is_asked_under_a_new_number(self) -> None:
        http, ledger = PlannedHttp(OK), NotedLedger()
        assert asked(http, ledger, [recorded(2, digest=b"of another prompt")]) == OK
        assert [intent.attempt for intent in ledger.intents] == [3]

    def test_questions_are_told_apart_by_what_is_asked_not_by_links_that_expire(self) -> None:
        async def main(request: Request) -> int:
            http = PlannedHttp(OK)
            known = sha256(b"POST https://models.example/v1\n" + b"the file's digest").digest()
            async with calling(http, NotedLedger(), [recorded(digest=known)]) as caller:
                await caller.call(request)
            return len(http.sent)

        linked = replace(a_request(b"link?expires=7"), identity=b"the file's digest")
        assert run(main(linked)) == 0
        assert run(main(replace(linked, body=b"link?expires=8"))) == 0
        assert run(main(replace(linked, identity=b"another file"))) == 1

    def test_each_question_of_an_item_has_its_own_place(self) -> None:
        async def main() -> list[bytes]:
            async with calling(http, ledger, [recorded(sequence=1)]) as caller:
                return [(await caller.call(QUESTION)).body for _ in range(3)]

        http, ledger = PlannedHttp(), NotedLedger()
        assert run(main()) == [b"{}", b"from the ledger", b"{}"]
        assert [intent.key.sequence for intent in ledger.intents] == [0, 2]

    def test_a_call_of_unknown_fate_is_made_again_and_is_no_failed_try(self) -> None:
        http, ledger = PlannedHttp(*[answered(500)] * 9), NotedLedger()
        asked(http, ledger, [recorded(1, lost=True), recorded(2, lost=True)])
        assert [intent.attempt for intent in ledger.intents] == [3, 4, 5]

    def test_failed_tries_count_on_over_restarts(self) -> None:
        http = PlannedHttp(*[answered(500)] * 9)
        asked(http, NotedLedger(), [recorded(1, 500), recorded(2, None, failure="timeout: late")])
        assert len(http.sent) == 1

    def test_after_all_tries_the_last_answer_stands(self) -> None:
        http = PlannedHttp()
        tries = [recorded(n, 500 + n) for n in (1, 3, 2)]
        assert asked(http, NotedLedger(), tries).status == 503
        assert http.sent == []

    def test_after_all_tries_the_last_failure_stands(self) -> None:
        http = PlannedHttp()
        tries = [recorded(n, None, failure="timeout: api.example: no answer") for n in (1, 2, 3)]
        with pytest.raises(CallFailed, match=r"^api.example: no answer$") as caught:
            asked(http, NotedLedger(), tries)
        assert caught.value.reason == "timeout"
        assert http.sent == []

    def test_an_answer_that_ends_the_server_each_time_is_not_paid_for_without_end(self) -> None:
        http = PlannedHttp()
        with pytest.raises(CallFailed, match="ended 25 times"):
            asked(http, NotedLedger(), [recorded(n, lost=True) for n in range(25)])
        assert http.sent == []


class TestWaiting:
    @given(tries=st.integers(1, 40))
    def test_grows_but_not_beyond_the_longest(self, tries: int) -> None:
        policy = RetryPolicy(first_wait_s=0.5, longest_wait_s=30.0)
        full = min(0.5 * 2.0 ** (tries - 1), 30.0)
        assert full / 2 <= policy.wait_s(tries, None) <= full

    @given(asked_s=st.floats(0, 1e9))
    def test_obeys_within_reason(self, asked_s: float) -> None:
        assert RetryPolicy(longest_wait_s=30.0).wait_s(1, asked_s) == min(asked_s, 30.0)

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("0", 0.0),
            ("7", 7.0),
            (" 1.5 ", 1.5),
            (format_datetime(START + timedelta(seconds=9)), pytest.approx(9, abs=1)),
            (format_datetime(START - timedelta(hours=1)), 0.0),
            ("1e999", None),
            ("7 seconds", None),
            ("soon", None),
            ("", None),
            ("-3", None),
        ],
    )
    def test_reads_numbers_and_dates(self, text: str, seconds: float | None) -> None:
        assert retry_after_s(answered(429, text), START) == seconds

    def test_makes_do_without_the_header(self) -> None:
        assert retry_after_s(answered(429), START) is None

    @given(status=st.integers(100, 599))
    def test_is_for_busy_servers_only(self, status: int) -> None:
        assert is_retryable(status) == (status in (408, 425, 429) or status >= 500)
