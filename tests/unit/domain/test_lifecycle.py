"""The transitions of a run, and what its items make of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.domain.lifecycle import (
    CANCELLED_REASON,
    FINAL,
    IllegalTransition,
    advance,
    final_status,
    item_status,
    outcome_of,
)
from evaluand.domain.model import Counters, Outcome, RunStatus, Score
from evaluand.errors import InvalidRequest

PENDING, RUNNING = RunStatus.PENDING, RunStatus.RUNNING
SUCCEEDED, FAILED, CANCELLED = RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED

# The drawing at the top of the module, and that a cancelled run may be taken up again.
DRAWN = {
    (PENDING, RUNNING),
    (PENDING, CANCELLED),
    (RUNNING, SUCCEEDED),
    (RUNNING, FAILED),
    (RUNNING, CANCELLED),
    (CANCELLED, PENDING),
}
ALL = [(current, wanted) for current in RunStatus for wanted in RunStatus]

verdicts = st.lists(st.none() | st.booleans(), max_size=6)
counts = st.integers(0, 50)


def scored(verdicts: list[bool | None]) -> tuple[Score, ...]:
    return tuple(
        Score(metric=f"m{place}", value=None if verdict is None else float(verdict), passed=verdict)
        for place, verdict in enumerate(verdicts)
    )


@pytest.mark.parametrize(("current", "wanted"), sorted(DRAWN))
def test_the_drawn_transitions_are_allowed(current: RunStatus, wanted: RunStatus) -> None:
    assert advance(current, wanted) is wanted


@pytest.mark.parametrize(("current", "wanted"), sorted(set(ALL) - DRAWN))
def test_no_other_transition_is(current: RunStatus, wanted: RunStatus) -> None:
    with pytest.raises(IllegalTransition, match=f"{current} cannot become {wanted}") as caught:
        advance(current, wanted)

    assert isinstance(caught.value, InvalidRequest)
    assert caught.value.code == "illegal_transition"


def test_the_final_stages_are_those_that_no_work_leaves() -> None:
    assert {SUCCEEDED, FAILED, CANCELLED} == FINAL


@given(verdicts)
def test_a_target_without_output_is_an_error_whatever_was_scored(
    verdicts: list[bool | None],
) -> None:
    assert outcome_of(True, scored(verdicts)) is Outcome.ERROR


@given(verdicts)
def test_an_item_passes_when_every_measured_score_does(verdicts: list[bool | None]) -> None:
    measured = [verdict for verdict in verdicts if verdict is not None]
    outcome = outcome_of(False, scored(verdicts))

    assert (outcome is Outcome.SKIPPED) == (not measured)
    assert (outcome is Outcome.FAILED) == (False in measured)
    assert (outcome is Outcome.PASSED) == (bool(measured) and all(measured))


@given(st.permutations([True, False, None]))
def test_the_order_of_scores_does_not_matter(verdicts: list[bool | None]) -> None:
    assert outcome_of(False, scored(verdicts)) is Outcome.FAILED


@given(counts, counts, counts, counts)
def test_a_run_fails_only_when_every_single_item_did(
    passed: int, failed: int, error: int, skipped: int
) -> None:
    counters = Counters(passed=passed, failed=failed, error=error, skipped=skipped)
    total = passed + failed + error + skipped

    assert counters.done == total
    all_broken = total > 0 and error == total
    assert final_status(counters, total) is (FAILED if all_broken else SUCCEEDED)


@given(counts, counts, st.integers(1, 10))
def test_a_run_with_open_items_has_no_final_status(passed: int, error: int, missing: int) -> None:
    counters = Counters(passed=passed, error=error)

    with pytest.raises(ValueError, match=f"{missing} items have no outcome"):
        final_status(counters, counters.done + missing)


@pytest.mark.parametrize("run", RunStatus)
def test_an_item_without_an_outcome_stands_where_its_run_does(run: RunStatus) -> None:
    assert item_status(run, None, None) is run


@pytest.mark.parametrize("run", RunStatus)
@pytest.mark.parametrize(
    ("outcome", "reason", "expected"),
    [
        (Outcome.PASSED, None, SUCCEEDED),
        (Outcome.FAILED, None, SUCCEEDED),
        (Outcome.SKIPPED, None, SUCCEEDED),
        (Outcome.ERROR, "target_error", FAILED),
        # The evaluator failed; the target did what it was asked.
        (Outcome.ERROR, None, SUCCEEDED),
        (Outcome.ERROR, CANCELLED_REASON, CANCELLED),
    ],
)
def test_an_item_with_an_outcome_has_its_own_status(
    run: RunStatus, outcome: Outcome, reason: str | None, expected: RunStatus
) -> None:
    assert item_status(run, outcome, reason) is expected
