"""The recorder: what must be durable is, what can wait waits, and no row takes another along."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from tests.unit.engine.fakes import (
    NotedLedger,
    a_result,
    an_intent,
    an_outcome,
    run,
)

from evaluand.domain.model import Outcome
from evaluand.engine import recorder as module
from evaluand.engine.recorder import FULL, WINDOW_S, Recorder
from evaluand.errors import Unavailable
from evaluand.ports import CallFailed, Flush

LONG_S = 5.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE_WHEN_AWAY_S", 0.01)
    monkeypatch.setattr(module, "_PATIENCE_AT_CLOSE_S", 0.05)


def nobody(_: int) -> None:
    """Nobody is to be told of a cancellation."""


@asynccontextmanager
async def recording(
    ledger: NotedLedger, on_cancelled: Callable[[int], None] = nobody
) -> AsyncIterator[Recorder]:
    recorder = Recorder(ledger, on_cancelled)
    recorder.start()
    yield recorder
    ledger.gate.set()
    await recorder.close()


def refusing(*positions: int) -> Callable[[Flush], Exception | None]:
    """Refuses groups with these items' outputs, the way a database refuses a bad text."""

    def refuse(group: Flush) -> Exception | None:
        bad = [
            result
            for result in group.results
            if result.execution.position in positions and result.execution.answer.output
        ]
        return ValueError("surrogates not allowed\n[SQL: INSERT ...]") if bad else None

    return refuse


class TestUrgency:
    def test_an_intent_is_durable_when_intending_returns(self) -> None:
        async def main() -> list[int]:
            ledger = NotedLedger()
            async with recording(ledger) as recorder:
                await recorder.intend(an_intent(3))
                return [intent.key.position for intent in ledger.intents]

        assert run(main()) == [3]

    def test_neither_intents_nor_answers_wait_for_the_window(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "WINDOW_S", LONG_S)

        async def main() -> int:
            ledger = NotedLedger()
            async with recording(ledger) as recorder, asyncio.timeout(LONG_S / 2):
                await recorder.intend(an_intent())
                ledger.wrote.clear()
                recorder.answer(an_outcome())
                await ledger.wrote.wait()
                return len(ledger.groups)

        assert run(main()) == 2

    def test_results_share_a_commit_within_the_window(self) -> None:
        async def main() -> list[int]:
            ledger = NotedLedger()
            async with recording(ledger) as recorder:
                for position in range(5):
                    await recorder.result(a_result(position))
                    await asyncio.sleep(0)
                assert ledger.groups == []
                await asyncio.sleep(WINDOW_S * 4)
                return [len(group.results) for group in ledger.groups]

        assert run(main()) == [5]

    def test_a_full_group_does_not_wait(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "WINDOW_S", LONG_S)

        async def main() -> int:
            ledger = NotedLedger()
            async with recording(ledger) as recorder, asyncio.timeout(LONG_S / 2):
                for position in range(FULL):
                    await recorder.result(a_result(position))
                await ledger.wrote.wait()
                return len(ledger.results)

        assert run(main()) == FULL

    def test_flushing_brings_everything_queued_before(self) -> None:
        async def main() -> list[int]:
            ledger = NotedLedger()
            async with recording(ledger) as recorder:
                for position in (2, 0, 1):
                    await recorder.result(a_result(position))
                await recorder.flush()
                return [result.execution.position for result in ledger.results]

        assert run(main()) == [2, 0, 1]

    def test_flushing_nothing_writes_nothing(self) -> None:
        async def main() -> list[Flush]:
            ledger = NotedLedger()
            async with recording(ledger) as recorder:
                await recorder.flush()
                return ledger.groups

        assert run(main()) == []


class TestPressure:
    def test_lanes_wait_while_the_disk_is_slow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_HIGH_WATER", 10)

        async def main() -> tuple[int, int]:
            ledger = NotedLedger()
            ledger.gate.clear()
            taken = 0

            async def lane(recorder: Recorder) -> None:
                nonlocal taken
                for position in range(100):
                    await recorder.result(a_result(position))
                    taken += 1

            async with recording(ledger) as recorder:
                task = asyncio.create_task(lane(recorder))
                await asyncio.sleep(WINDOW_S * 3)
                held = taken
                ledger.gate.set()
                await task
                await recorder.flush()
                return held, len(ledger.results)

        held, written = run(main())
        assert held <= 20  # one group under way, one full queue
        assert written == 100

    def test_a_database_that_is_away_loses_nothing(self) -> None:
        async def main() -> tuple[int, int]:
            ledger, refusals = NotedLedger(), iter([Unavailable("locked")] * 3)
            ledger.refuse = lambda _: next(refusals, None)
            async with recording(ledger) as recorder:
                await recorder.result(a_result(0))
                recorder.answer(an_outcome(0))
                await recorder.intend(an_intent(1))
                return len(ledger.results), len(ledger.outcomes)

        assert run(main()) == (1, 1)

    def test_no_call_is_announced_while_the_database_is_away(self) -> None:
        async def main() -> bool:
            ledger = NotedLedger()
            ledger.refuse = lambda _: Unavailable("locked")
            async with recording(ledger) as recorder:
                task = asyncio.create_task(recorder.intend(an_intent()))
                await asyncio.sleep(0.1)
                announced = task.done()
                ledger.refuse = lambda _: None
                await task
                return announced

        assert not run(main())


class TestSpoiltRows:
    def test_a_result_that_cannot_be_stored_becomes_an_error_that_says_so(self) -> None:
        async def main() -> NotedLedger:
            ledger = NotedLedger()
            ledger.refuse = refusing(1)
            async with recording(ledger) as recorder:
                for position in range(3):
                    await recorder.result(a_result(position))
                await recorder.flush()
            return ledger

        stored = {r.execution.position: r for r in run(main()).results}
        assert [stored[n].execution.outcome for n in (0, 2)] == [Outcome.PASSED] * 2
        spoilt = stored[1]
        assert spoilt.execution.outcome is Outcome.ERROR
        failure = spoilt.execution.answer.failure
        assert failure is not None
        assert failure.reason == "result_not_stored"
        assert "surrogates not allowed" in failure.message
        assert "SQL" not in failure.message
        (score,) = spoilt.scores
        assert (score.metric, score.value, score.passed) == ("own", None, None)
        assert score.explanation == failure.message

    def test_it_holds_up_neither_intents_nor_answers_of_its_group(self) -> None:
        async def main() -> NotedLedger:
            ledger = NotedLedger()
            ledger.refuse = refusing(0)
            async with recording(ledger) as recorder:
                await recorder.result(a_result(0))
                recorder.answer(an_outcome(1))
                await recorder.intend(an_intent(2))
            return ledger

        ledger = run(main())
        assert (len(ledger.intents), len(ledger.outcomes), len(ledger.results)) == (1, 1, 1)

    def test_if_even_the_scores_are_at_fault_the_bare_fact_is_stored(self) -> None:
        def refuse(group: Flush) -> Exception | None:
            scored = any(result.scores for result in group.results)
            return OverflowError("too large") if scored else None

        async def main() -> NotedLedger:
            ledger = NotedLedger()
            ledger.refuse = refuse
            async with recording(ledger) as recorder:
                await recorder.result(a_result(0))
                await recorder.flush()
            return ledger

        (result,) = run(main()).results
        assert result.scores == ()
        assert result.execution.outcome is Outcome.ERROR

    def test_an_answer_keeps_its_body_when_its_account_is_at_fault(self) -> None:
        def refuse(group: Flush) -> Exception | None:
            bad = any(outcome.input_tokens for outcome in group.outcomes)
            return OverflowError("too large to convert") if bad else None

        async def main() -> NotedLedger:
            ledger = NotedLedger()
            ledger.refuse = refuse
            async with recording(ledger) as recorder:
                recorder.answer(an_outcome(0, body=b"paid for", input_tokens=2**80))
                recorder.answer(an_outcome(1, body=b"paid too"))
                await recorder.flush()
            return ledger

        assert sorted(o.body for o in run(main()).outcomes if o.body) == [b"paid for", b"paid too"]

    def test_an_answer_that_cannot_be_kept_at_all_leaves_a_word(self) -> None:
        def refuse(group: Flush) -> Exception | None:
            return ValueError("too big") if any(o.body for o in group.outcomes) else None

        async def main() -> NotedLedger:
            ledger = NotedLedger()
            ledger.refuse = refuse
            async with recording(ledger) as recorder:
                recorder.answer(an_outcome(0, failure="half a pair: \ud800"))
                await recorder.flush()
            return ledger

        (outcome,) = run(main()).outcomes
        assert outcome.failure == "unrecordable: too big"

    def test_a_call_that_cannot_be_written_down_is_not_made(self) -> None:
        def refuse(group: Flush) -> Exception | None:
            bad = any(intent.attempt == 2 for intent in group.intents)
            return ValueError("UNIQUE constraint failed") if bad else None

        async def main() -> list[int]:
            ledger = NotedLedger()
            ledger.refuse = refuse
            async with recording(ledger) as recorder:
                good = asyncio.create_task(recorder.intend(an_intent(1)))
                with pytest.raises(CallFailed, match="UNIQUE constraint failed") as caught:
                    await recorder.intend(an_intent(0, attempt=2))
                assert not caught.value.retryable
                await good
            return [intent.key.position for intent in ledger.intents]

        assert run(main()) == [1]

    def test_rows_after_a_spoilt_one_are_stored_as_ever(self) -> None:
        async def main() -> list[Outcome]:
            ledger = NotedLedger()
            ledger.refuse = refusing(0)
            async with recording(ledger) as recorder:
                for position in range(3):
                    await recorder.result(a_result(position))
                    await recorder.flush()
            return [result.execution.outcome for result in ledger.results]

        assert run(main()) == [Outcome.ERROR, Outcome.PASSED, Outcome.PASSED]


class TestWhoeverIsTold:
    def test_cannot_harm_what_is_stored(self) -> None:
        def fails(_: int) -> None:
            raise KeyError("a bug of whoever is told")

        async def main() -> list[Outcome]:
            ledger = NotedLedger()
            ledger.cancelled = frozenset({1})
            async with recording(ledger, fails) as recorder:
                await recorder.result(a_result(0))
                await recorder.flush()
                await recorder.result(a_result(1))
                await recorder.flush()
            return [result.execution.outcome for result in ledger.results]

        assert run(main()) == [Outcome.PASSED, Outcome.PASSED]


class TestTheEnd:
    def test_closing_writes_what_is_queued(self) -> None:
        async def main() -> int:
            ledger = NotedLedger()
            async with recording(ledger) as recorder:
                await recorder.result(a_result(0))
            return len(ledger.results)

        assert run(main()) == 1

    def test_closing_gives_a_database_that_is_away_some_time_and_no_more(self) -> None:
        async def main() -> None:
            ledger = NotedLedger()
            ledger.refuse = lambda _: Unavailable("gone")
            recorder = Recorder(ledger, nobody)
            recorder.start()
            await recorder.result(a_result(0))
            waiting = asyncio.create_task(recorder.flush())
            await asyncio.sleep(0)
            await recorder.close()
            with pytest.raises(Unavailable):
                await waiting

        run(main())

    def test_once_closed_it_takes_nothing_more(self) -> None:
        async def main() -> None:
            recorder = Recorder(NotedLedger(), nobody)
            recorder.start()
            await recorder.close()
            await recorder.close()
            with pytest.raises(Unavailable):
                await recorder.flush()
            with pytest.raises(Unavailable):
                await recorder.intend(an_intent())

        run(main())

    def test_runs_that_were_cancelled_are_named(self) -> None:
        async def main() -> list[int]:
            ledger, told = NotedLedger(), list[int]()
            ledger.cancelled = frozenset({7})
            async with recording(ledger, told.append) as recorder:
                await recorder.result(replace(a_result(0), run=7))
                await recorder.flush()
            return told

        assert run(main()) == [7]
