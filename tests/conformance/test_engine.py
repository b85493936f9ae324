"""The engine over a real store: every item once, whatever its target, evaluator or database do."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.engine_plant import Plant, abandon, ask_once, consistent, until
from tests.unit.engine.fakes import OwnEvaluator
from tests.unit.engine.fakes import run as wait

from evaluand.domain.model import Answer, Failure, RunStatus
from evaluand.engine import embedded, scorer, worker
from evaluand.engine.lock import EngineLock
from evaluand.errors import EvaluatorFailed, Overloaded, Unavailable
from evaluand.ports import Caller, CallFailed
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import a_file
from evaluand.testing.clock import START
from evaluand.testing.stores import memory_store


@pytest.fixture
def store() -> Iterator[SqlStore]:
    with memory_store(Path()) as opened:
        yield opened


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that spare a machine cost a test only time."""
    monkeypatch.setattr(embedded, "_PAUSE_AFTER_FAULT_S", 0.01)
    monkeypatch.setattr(worker, "_PAUSE_WHEN_BUSY_S", 0.01)
    monkeypatch.setattr(scorer, "_PAUSE_WHEN_BUSY_S", 0.01)


async def no_call(number: int, caller: Caller) -> Answer:
    return Answer(output={"value": number})


def failing(error: Exception, *numbers: int) -> Callable[[int, Caller], Any]:
    """A target that raises for these items."""

    async def answer(number: int, caller: Caller) -> Answer:
        if number in numbers:
            raise error
        return Answer(output={"value": number})

    return answer


async def worked(plant: Plant, items: int = 10, **options: Any) -> Any:
    """A run brought to its end by one engine."""
    run = plant.run(items, **options)
    async with plant.working():
        (ended,) = await plant.ended(run)
    consistent(plant, run)
    return ended


class TestRuns:
    def test_end_with_one_execution_an_item_and_one_score_a_metric(self, store: SqlStore) -> None:
        plant = Plant(store)
        run = wait(worked(plant, 45, chunk_size=10))
        assert (run.status, run.error) == (RunStatus.SUCCEEDED, None)
        assert sorted(plant.rows(run)) == list(range(45))
        assert sorted(plant.scores(run)) == [(n, "own") for n in range(45)]
        assert run.summary is not None
        assert run.summary["metrics"] == {"own": {"mean": 1.0}}
        assert (run.summary["items"], run.summary["pages"]) == (45, 45)
        assert max(plant.http.received.values()) == 1

    def test_take_each_chunk_once(self, store: SqlStore) -> None:
        plant = Plant(store, latency_s=0.001)
        run = wait(worked(plant, 100, chunk_size=10))
        assert plant.epochs(run) == [1] * 10

    def test_of_nothing_but_errors_have_failed(self, store: SqlStore) -> None:
        run = wait(
            worked(Plant(store, failing(CallFailed("r", "no", retryable=False), *range(9))), 9)
        )
        assert run.status is RunStatus.FAILED
        assert "nothing was measured" in run.error

    def test_whose_evaluator_fails_everywhere_are_not_green(self, store: SqlStore) -> None:
        plant = Plant(store, no_call, evaluator=OwnEvaluator(lambda number: 1 / 0))
        run = wait(worked(plant, 5))
        assert run.status is RunStatus.FAILED
        assert run.counters.error == 5
        assert all(row.output for row in plant.rows(run).values())

    def test_with_few_errors_succeed_and_show_them(self, store: SqlStore) -> None:
        run = wait(worked(Plant(store, failing(CallFailed("r", "no", retryable=False), 3)), 5))
        assert run.status is RunStatus.SUCCEEDED
        assert (run.counters.passed, run.counters.error) == (4, 1)

    def test_take_turns(self, store: SqlStore) -> None:
        async def main() -> list[RunStatus]:
            long = plant.run(400, chunk_size=20)
            async with plant.working() as engine:
                await plant.http.arrived.wait()
                short = plant.run(4)
                engine.submit(short.key)
                await plant.ended(short)
                return [plant.now(long).status, plant.now(short).status]

        plant = Plant(store, latency_s=0.02)
        assert wait(main()) == [RunStatus.RUNNING, RunStatus.SUCCEEDED]

    def test_of_another_process_are_seen_without_a_word(self, store: SqlStore) -> None:
        async def main() -> float:
            async with plant.working():
                await asyncio.sleep(0.05)
                begun = time.monotonic()
                await plant.ended(plant.run(3))
                return time.monotonic() - begun

        plant = Plant(store)
        assert wait(main()) < 2.0


class TestOneItem:
    @pytest.mark.parametrize(
        ("error", "reason", "words"),
        [
            (CallFailed("timeout", "too late", retryable=True), "target_error", "too late"),
            (EvaluatorFailed("told plainly"), EvaluatorFailed.code, "told plainly"),
            (KeyError("bug"), "internal_error", "KeyError: 'bug'"),
        ],
    )
    def test_whose_target_raises_is_an_error_that_says_so(
        self, store: SqlStore, error: Exception, reason: str, words: str
    ) -> None:
        plant = Plant(store, failing(error, 2))
        rows = plant.rows(wait(worked(plant, 4)))
        assert [rows[n].outcome for n in range(4)] == ["passed", "passed", "error", "passed"]
        assert rows[2].failure_reason == reason
        assert words in rows[2].failure_message

    @pytest.mark.parametrize("nonsense", [None, 7, Answer(), Answer(output=[1])])  # type: ignore[arg-type]
    def test_whose_target_answers_nonsense_is_an_error(
        self, store: SqlStore, nonsense: Any
    ) -> None:
        async def answer(number: int, caller: Caller) -> Any:
            return nonsense if number == 1 else Answer(output={})

        rows = (plant := Plant(store, answer)).rows(wait(worked(plant, 3)))
        assert rows[1].failure_reason == "internal_error"
        assert rows[0].outcome == rows[2].outcome == "passed"

    @pytest.mark.parametrize("output", [{"half a pair": "\ud800"}, {"object": object()}])
    def test_whose_output_cannot_be_stored_is_an_error_that_says_so(
        self, store: SqlStore, output: dict[str, Any]
    ) -> None:
        async def answer(number: int, caller: Caller) -> Answer:
            return Answer(output=output if number == 1 else {})

        plant = Plant(store, answer)
        run = wait(worked(plant, 30))
        rows = plant.rows(run)
        assert run.status is RunStatus.SUCCEEDED
        assert run.counters.passed == 29
        assert rows[1].failure_reason == "result_not_stored"
        assert "SQL" not in rows[1].failure_message
        score = plant.scores(run)[1, "own"]
        assert score.value is None

    def test_whose_target_cancels_itself_ends_as_an_error(self, store: SqlStore) -> None:
        async def answer(number: int, caller: Caller) -> Answer:
            if number == 1:
                raise asyncio.CancelledError
            return Answer(output={})

        plant = Plant(store, answer)
        run = wait(worked(plant, 6))
        assert run.status is RunStatus.SUCCEEDED
        assert (run.counters.passed, run.counters.error) == (5, 1)

    def test_whose_call_its_target_gave_up_is_not_left_open(self, store: SqlStore) -> None:
        async def answer(number: int, caller: Caller) -> Answer:
            try:
                async with asyncio.timeout(0.05):
                    return await ask_once(number, caller)
            except TimeoutError:
                return Answer(failure=Failure(reason="timeout", message="my own patience"))

        plant = Plant(store, answer, latency_s=5.0)
        run = wait(worked(plant, 3))
        assert run.counters.unknown_calls == 3
        assert all(call.fate_unknown for call in plant.calls(run))

    def test_whose_file_is_gone_is_an_error_that_names_it(self, store: SqlStore) -> None:
        plant = Plant(store)
        gone = plant.door.files.add(a_file("gone.pdf"))
        run = plant.run(1, files=[gone])
        plant.door.files.delete(gone.id, START)

        async def main() -> None:
            async with plant.working():
                await plant.ended(run)

        wait(main())
        assert plant.rows(run)[0].failure_reason == "file_deleted"
        assert "gone.pdf" in plant.rows(run)[0].failure_message
        assert not plant.http.received

    @pytest.mark.parametrize("error", [Overloaded("1000 jobs wait"), Unavailable("no child")])
    def test_waits_for_a_machine_that_is_busy(self, store: SqlStore, error: Exception) -> None:
        refusals = iter([error] * 3)

        async def answer(number: int, caller: Caller) -> Answer:
            why = next(refusals, None)
            if why is not None:
                raise why
            return Answer(output={})

        assert wait(worked(Plant(store, answer), 2)).counters.passed == 2

    def test_that_was_cancelled_alone_keeps_that_and_gets_no_scores(self, store: SqlStore) -> None:
        async def main() -> Any:
            run = plant.run(3)
            async with plant.working():
                await plant.http.arrived.wait()
                plant.door.runs.cancel_item(run.key, 1, START)
                await plant.ended(run)
            return run

        plant = Plant(store, latency_s=0.2)
        run = wait(main())
        consistent(plant, run)
        assert plant.rows(run)[1].failure_reason == "cancelled"
        assert sorted(position for position, _ in plant.scores(run)) == [0, 2]


class TestFaults:
    def test_a_database_that_is_away_for_a_while_costs_nothing_but_time(
        self, store: SqlStore
    ) -> None:
        ledger = store.ledger
        away = iter([True] * 8)
        taking = ledger.take_chunk

        def take_chunk(*arguments: Any) -> Any:
            if next(away, False):
                raise Unavailable("locked")
            return taking(*arguments)

        ledger.take_chunk = take_chunk  # type: ignore[method-assign]
        run = wait(worked(Plant(store), 3))
        assert run.counters.passed == 3

    def test_a_chunk_that_always_fails_ends_as_error_rows(self, store: SqlStore) -> None:
        def engine(*_: Any) -> Any:
            raise LookupError("no engine of this name")

        plant = Plant(store)
        plant.catalog.engine = engine  # type: ignore[method-assign]
        run = wait(worked(plant, 3))
        assert run.status is RunStatus.FAILED
        assert run.counters.error == 3
        assert "no engine of this name" in plant.rows(run)[0].failure_message

    def test_a_run_that_cannot_even_be_read_ends(self, store: SqlStore) -> None:
        plant = Plant(store)
        run = plant.run(2)
        plant.execute("UPDATE item_revisions SET content = X'7b'")

        async def main() -> Any:
            async with plant.working():
                return (await plant.ended(run))[0]

        ended = wait(main())
        assert ended.status is RunStatus.FAILED
        assert "could not be computed" in ended.error

    @pytest.mark.parametrize("broken", ["add", "merge", "finish"])
    def test_figures_that_cannot_be_computed_end_the_run_and_keep_its_rows(
        self, store: SqlStore, broken: str
    ) -> None:
        def fails(*_: Any) -> Any:
            raise ZeroDivisionError("in the evaluator's own arithmetic")

        plant = Plant(store)
        setattr(plant.evaluator, broken, fails)
        run = wait(worked(plant, 4, chunk_size=2))
        assert run.status is RunStatus.FAILED
        assert "ZeroDivisionError" in run.error
        assert len(plant.rows(run)) == len(plant.scores(run)) == 4
        assert len(plant.http.received) == 4

    def test_one_broken_run_does_not_hold_up_the_others(self, store: SqlStore) -> None:
        async def main() -> list[RunStatus]:
            bad, good = plant.run(2), plant.run(2)
            async with plant.working():
                return [run.status for run in await plant.ended(bad, good)]

        plant = Plant(store, failing(MemoryError("huge"), 0))
        assert wait(main()) == [RunStatus.SUCCEEDED, RunStatus.SUCCEEDED]


class TestCancelling:
    def test_takes_less_than_a_second_though_calls_hang(self, store: SqlStore) -> None:
        async def main() -> tuple[float, Any]:
            run = plant.run(20)
            async with plant.working() as engine:
                await plant.http.arrived.wait()
                begun = time.monotonic()
                plant.door.runs.request_cancel(run.id, START)
                engine.cancel(run.key)
                await until(lambda: not (plant.http.in_flight or plant.now(run).cancel_requested))
                return time.monotonic() - begun, plant.now(run)

        plant = Plant(store, latency_s=60.0)
        took_s, run = wait(main())
        assert took_s < 1.0
        assert run.status is RunStatus.CANCELLED
        assert run.counters.unknown_calls == len(plant.http.received) == 4
        consistent(plant, run)

    def test_by_another_process_is_noticed(self, store: SqlStore) -> None:
        async def main() -> Any:
            run = plant.run(20)
            async with plant.working():
                await plant.http.arrived.wait()
                plant.door.runs.request_cancel(run.id, START)
                await until(lambda: not plant.now(run).cancel_requested)
                return plant.now(run)

        plant = Plant(store, latency_s=60.0)
        assert wait(main()).counters.unknown_calls == 4

    def test_lets_calls_deliver_that_are_almost_there(self, store: SqlStore) -> None:
        async def main() -> Any:
            run = plant.run(20)
            async with plant.working() as engine:
                await plant.http.arrived.wait()
                plant.door.runs.request_cancel(run.id, START)
                engine.cancel(run.key)
                await until(lambda: not plant.now(run).cancel_requested)
                return plant.now(run)

        plant = Plant(store, latency_s=0.2)
        run = wait(main())
        assert (run.counters.paid_calls, run.counters.unknown_calls) == (4, 0)
        assert run.counters.done == 0

    def test_of_one_run_leaves_the_other_alone(self, store: SqlStore) -> None:
        async def main() -> list[Any]:
            one, two = plant.run(30), plant.run(30)
            async with plant.working() as engine:
                await plant.http.arrived.wait()
                plant.door.runs.request_cancel(one.id, START)
                engine.cancel(one.key)
                return await plant.ended(one, two)

        plant = Plant(store, latency_s=0.02)
        one, two = wait(main())
        assert (one.status, two.status) == (RunStatus.CANCELLED, RunStatus.SUCCEEDED)

    @pytest.mark.parametrize("pause_s", [0.0, 0.05, 0.3])
    def test_and_resuming_goes_on_with_what_was_paid_for(
        self, store: SqlStore, pause_s: float
    ) -> None:
        async def main() -> Any:
            run = plant.run(40, chunk_size=10)
            async with plant.working() as engine:
                await plant.http.arrived.wait()
                await asyncio.sleep(0.05)
                plant.door.runs.request_cancel(run.id, START)
                engine.cancel(run.key)
                await asyncio.sleep(pause_s)
                plant.door.runs.reopen(run.id, START)
                engine.submit(run.key)
                return (await plant.ended(run))[0]

        plant = Plant(store, latency_s=0.03)
        run = wait(main())
        consistent(plant, run)
        assert run.status is RunStatus.SUCCEEDED
        assert sorted(plant.rows(run)) == list(range(40))
        assert max(plant.http.received.values()) == 1
        assert run.counters.paid_calls == 40

    def test_between_the_last_chunk_and_the_summary_can_be_undone(self, store: SqlStore) -> None:
        plant = Plant(store)
        run = plant.run(2)

        async def main() -> Any:
            finish = store.ledger.finish
            store.ledger.finish = lambda *_: False  # type: ignore[method-assign]
            async with plant.working():
                await until(lambda: run.key in store.ledger.runs_to_finish())
                plant.door.runs.request_cancel(run.id, START)
                await asyncio.sleep(0.1)
                store.ledger.finish = finish  # type: ignore[method-assign]
                plant.door.runs.reopen(run.id, START)
                return (await plant.ended(run))[0]

        assert wait(main()).status is RunStatus.SUCCEEDED


class TestStopping:
    def test_waits_for_calls_in_flight_and_starts_none(self, store: SqlStore) -> None:
        async def main() -> None:
            engine = plant.engine()
            await engine.start()
            await plant.http.arrived.wait()
            await engine.stop(drain_s=10)

        plant = Plant(store, latency_s=0.1)
        run = plant.run(40)
        wait(main())
        consistent(plant, run)
        assert len(plant.http.received) == 4
        assert all(call.answered_at for call in plant.calls(run))

    def test_does_not_wait_for_ever(self, store: SqlStore) -> None:
        async def main() -> float:
            engine = plant.engine()
            await engine.start()
            await plant.http.arrived.wait()
            begun = time.monotonic()
            await engine.stop(drain_s=0.1)
            return time.monotonic() - begun

        plant = Plant(store, latency_s=60)
        plant.run(4)
        assert wait(main()) < 1.0

    def test_ends_at_once_when_hurried(self, store: SqlStore) -> None:
        async def main() -> float:
            engine = plant.engine()
            await engine.start()
            await plant.http.arrived.wait()
            stopping = asyncio.create_task(engine.stop(drain_s=15))
            await asyncio.sleep(0.05)
            begun = time.monotonic()
            threading.Thread(target=engine.hurry).start()
            await stopping
            return time.monotonic() - begun

        plant = Plant(store, latency_s=60)
        plant.run(4)
        assert wait(main()) < 1.0

    def test_an_engine_that_never_started_or_was_stopped_already_is_no_matter(
        self, store: SqlStore
    ) -> None:
        async def main() -> None:
            engine = Plant(store).engine()
            await engine.stop(drain_s=1)
            other = Plant(store).engine()
            await other.start()
            await other.stop(drain_s=1)
            await other.stop(drain_s=1)
            other.cancel(1)
            other.submit(1)

        wait(main())


class TestStartingAgain:
    def test_goes_on_where_a_killed_engine_was(self, store: SqlStore) -> None:
        async def main() -> Any:
            engine = plant.engine()
            await engine.start()
            await plant.http.arrived.wait()
            await asyncio.sleep(0.1)
            await abandon(engine)
            seen = len(plant.http.received)
            async with plant.working():
                return seen, (await plant.ended(run))[0]

        plant = Plant(store, latency_s=0.03)
        run = plant.run(40)
        seen, ended = wait(main())
        consistent(plant, run)
        assert 4 <= seen < 40
        assert ended.status is RunStatus.SUCCEEDED
        assert len(plant.http.received) == 40 + ended.counters.unknown_calls
        assert ended.counters.unknown_calls <= 4

    def test_sums_up_a_run_that_only_lacked_its_summary(self, store: SqlStore) -> None:
        async def main() -> Any:
            finish = store.ledger.finish
            store.ledger.finish = lambda *_: False  # type: ignore[method-assign]
            engine = plant.engine()
            await engine.start()
            await until(lambda: run.key in store.ledger.runs_to_finish())
            await abandon(engine)
            store.ledger.finish = finish  # type: ignore[method-assign]
            async with plant.working():
                return (await plant.ended(run))[0]

        plant = Plant(store)
        run = plant.run(3)
        assert wait(main()).status is RunStatus.SUCCEEDED

    def test_counts_calls_of_a_run_that_was_cancelled_just_before_the_kill(
        self, store: SqlStore
    ) -> None:
        async def main() -> Any:
            engine = plant.engine()
            await engine.start()
            await plant.http.arrived.wait()
            await asyncio.sleep(0.05)
            plant.door.runs.request_cancel(run.id, START)
            await abandon(engine)
            async with plant.working():
                await until(lambda: not plant.now(run).cancel_requested)
            return plant.now(run)

        plant = Plant(store, latency_s=60)
        run = plant.run(10)
        assert wait(main()).counters.unknown_calls == 4


class TestOneEngineAtATime:
    def test_another_one_waits_and_takes_over(self, store: SqlStore, tmp_path: Path) -> None:
        async def main() -> tuple[int, RunStatus]:
            first, second = EngineLock(tmp_path / "lock"), EngineLock(tmp_path / "lock")
            assert first.acquire()
            waiting = plant.engine(second.acquire)
            await waiting.start()
            await asyncio.sleep(0.2)
            meanwhile = len(plant.rows(run))
            first.release()
            (ended,) = await plant.ended(run)
            await waiting.stop(drain_s=1)
            second.release()
            return meanwhile, ended.status

        plant = Plant(store)
        run = plant.run(2)
        assert wait(main()) == (0, RunStatus.SUCCEEDED)

    def test_the_lock_is_one_processs_until_it_gives_it_back(self, tmp_path: Path) -> None:
        one, two = EngineLock(tmp_path / "lock"), EngineLock(tmp_path / "lock")
        assert one.acquire()
        assert one.acquire()
        assert not two.acquire()
        one.release()
        one.release()
        assert two.acquire()
        assert not one.held
        two.release()
