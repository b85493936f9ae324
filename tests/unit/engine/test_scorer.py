"""The scorer: everything is measured once, and an item that cannot be takes no other along."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.engine.fakes import OwnEvaluator, run

from evaluand.domain.model import Answer, Failure, ItemContent, Metric, Outcome, Score, Suite
from evaluand.engine import scorer as module
from evaluand.engine.failures import MEASURING
from evaluand.engine.results import checked, outcome
from evaluand.engine.scorer import Scorer
from evaluand.engine.scoring import Answered
from evaluand.errors import EvaluatorFailed, Overloaded
from evaluand.testing.pool import InlinePool

SUITE = Suite(metrics=(Metric(evaluator="own", threshold=1.0),))


class NotedPool(InlinePool):
    """Notes how many items each job measures; some jobs are refused or never come back."""

    def __init__(self, refuse: Callable[[list[int]], Exception | None] = lambda _: None) -> None:
        super().__init__(failures=MEASURING)
        self.jobs: list[list[int]] = []
        self._refuse = refuse

    async def run(self, function: Any, *args: Any, timeout_s: float | None = None) -> Any:
        batch: list[Answered] = args[-1]
        numbers = [answered.content.inputs["number"] for answered in batch]
        self.jobs.append(numbers)
        why = self._refuse(numbers)
        if why is not None:
            raise why
        return await super().run(function, *args, timeout_s=timeout_s)


def content(number: int) -> ItemContent:
    return ItemContent(expected={}, inputs={"number": number})


def scored(
    numbers: range,
    pool: InlinePool,
    evaluator: OwnEvaluator | None = None,
    *,
    suite: Suite = SUITE,
    timeout_s: float = 10.0,
) -> list[tuple[Score, ...]]:
    async def main() -> list[tuple[Score, ...]]:
        scorer = Scorer(
            pool=pool,
            lookup=lambda _: evaluator or OwnEvaluator(),
            config={},
            suite=suite,
            timeout_s=timeout_s,
        )
        async with scorer:
            return await asyncio.gather(*(scorer.score(content(n), {}) for n in numbers))

    try:
        return run(main())
    finally:
        pool.close()


def values(scores: list[tuple[Score, ...]]) -> list[float | None]:
    return [score.value for (score,) in scores]


class TestBatches:
    def test_each_item_gets_its_own_scores(self) -> None:
        evaluator = OwnEvaluator(lambda number: number / 100)
        assert values(scored(range(100), InlinePool(), evaluator)) == [n / 100 for n in range(100)]

    def test_what_comes_at_the_same_time_goes_together_up_to_a_bound(self) -> None:
        pool = NotedPool()
        scored(range(120), pool)
        assert sorted(len(job) for job in pool.jobs) == [20, 50, 50]
        assert sorted(n for job in pool.jobs for n in job) == list(range(120))

    def test_without_metrics_nothing_is_measured(self) -> None:
        pool = NotedPool()
        assert scored(range(3), pool, suite=Suite()) == [(), (), ()]
        assert pool.jobs == []

    def test_each_metric_gives_a_score(self) -> None:
        both = Suite(metrics=(Metric(evaluator="one"), Metric(evaluator="two", threshold=2.0)))
        (scores,) = scored(range(1), InlinePool(), suite=both)
        assert [(s.metric, s.value, s.passed) for s in scores] == [
            ("one", 1.0, None),
            ("two", 1.0, False),
        ]


class TestFaults:
    def test_an_evaluator_that_raises_costs_one_score(self) -> None:
        def value(number: int) -> float:
            return 1 / (number - 1)

        pool = NotedPool()
        first, second, third = scored(range(3), pool, OwnEvaluator(value))
        assert [first[0].value, third[0].value] == [-1.0, 1.0]
        assert second[0].value is None
        assert second[0].passed is None
        assert "ZeroDivisionError" in str(second[0].explanation)
        assert second[0].detail == {"failure": second[0].explanation}
        assert len(pool.jobs) == 1

    @pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
    def test_what_is_no_number_is_no_measurement(self, number: float) -> None:
        ((score,),) = scored(range(1), InlinePool(), OwnEvaluator(lambda _: number))
        assert (score.value, score.passed) == (None, None)
        assert "its value is" in str(score.explanation)

    def test_an_item_that_crashes_its_child_is_found_and_alone_not_measured(self) -> None:
        def refuse(numbers: list[int]) -> Exception | None:
            return EvaluatorFailed("Measuring crashed (SIGSEGV)") if 7 in numbers else None

        pool = NotedPool(refuse)
        measured = scored(range(20), pool)
        assert values(measured) == [None if n == 7 else 1.0 for n in range(20)]
        assert measured[7][0].explanation == "Not measured: Measuring crashed (SIGSEGV)"
        assert len(pool.jobs) == 1 + 20

    def test_an_item_that_hangs_is_ended_in_time_and_says_which_setting_allows_more(self) -> None:
        def value(number: int) -> float:
            time.sleep(0.4 if number == 1 else 0.0)
            return 1.0

        measured = scored(
            range(3), InlinePool(failures=MEASURING), OwnEvaluator(value), timeout_s=0.1
        )
        # The thread of this pool goes on with the job past its time; a child would be ended.
        assert measured[1][0].value is None
        assert "EVALUAND_SCORING_TIMEOUT_S" in str(measured[1][0].explanation)

    def test_a_crowded_machine_is_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_PAUSE_WHEN_BUSY_S", 0.01)
        refusals = iter([Overloaded("1000 jobs wait")] * 3)
        assert values(scored(range(2), NotedPool(lambda _: next(refusals, None)))) == [1.0, 1.0]

    def test_leaving_ends_what_is_still_measured(self) -> None:
        class Endless(InlinePool):
            async def run(self, function: Any, *args: Any, timeout_s: float | None = None) -> Any:
                await asyncio.Event().wait()

        async def main() -> bool:
            scorer = Scorer(
                pool=Endless(), lookup=lambda _: OwnEvaluator(), config={}, suite=SUITE, timeout_s=1
            )
            async with scorer:
                waiting = [asyncio.create_task(scorer.score(content(n), {})) for n in range(3)]
                await asyncio.sleep(0.01)
                for task in waiting:
                    task.cancel()
            await asyncio.wait(waiting, timeout=1)
            return all(task.cancelled() for task in waiting)

        assert run(main())


class TestOutcomes:
    GOOD = Score(metric="a", value=1.0, passed=True)
    BAD = Score(metric="b", value=0.0, passed=False)
    NOTHING = Score(metric="c", value=None, passed=None, explanation="nothing is expected")
    BROKEN = Score(metric="d", value=None, passed=None, detail={"failure": "crashed"})

    @pytest.mark.parametrize(
        ("scores", "expected"),
        [
            ((GOOD,), Outcome.PASSED),
            ((GOOD, BAD), Outcome.FAILED),
            ((NOTHING,), Outcome.SKIPPED),
            ((), Outcome.SKIPPED),
            ((GOOD, NOTHING), Outcome.PASSED),
            ((BROKEN,), Outcome.ERROR),
            ((GOOD, BROKEN), Outcome.ERROR),
        ],
    )
    def test_an_item_whose_evaluator_failed_is_neither_passed_nor_skipped(
        self, scores: tuple[Score, ...], expected: Outcome
    ) -> None:
        assert outcome(Answer(output={}), scores) is expected

    def test_an_item_without_an_output_is_an_error_whatever_was_measured(self) -> None:
        failed = Answer(failure=Failure(reason="target_error", message="no"))
        assert outcome(failed, (self.GOOD,)) is Outcome.ERROR

    @pytest.mark.parametrize(
        "answer",
        [
            None,
            {"value": 1},
            Answer(),
            Answer(output={}, failure=Failure(reason="r", message="m")),
            Answer(output=[1, 2]),  # type: ignore[arg-type]
            Answer(output={}, pages="three"),  # type: ignore[arg-type]
        ],
    )
    def test_what_engines_of_others_hand_back_is_checked(self, answer: Any) -> None:
        with pytest.raises(TypeError):
            checked(answer)
