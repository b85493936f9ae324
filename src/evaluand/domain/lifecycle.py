"""The transitions of a run, as pure functions: they return the next status or raise.

pending ──> running ──> succeeded
   │           ├──────> failed      nothing could be evaluated
   └───────────┴──────> cancelled
"""

from __future__ import annotations

from evaluand.domain.model import Counters, Outcome, RunStatus, Score
from evaluand.errors import InvalidRequest

FINAL = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED})

# Why an execution that a user cancelled has no output.
CANCELLED_REASON = "cancelled"

_NEXT: dict[RunStatus, frozenset[RunStatus]] = {
    RunStatus.PENDING: frozenset({RunStatus.RUNNING, RunStatus.CANCELLED}),
    RunStatus.RUNNING: FINAL,
    RunStatus.SUCCEEDED: frozenset(),
    RunStatus.FAILED: frozenset(),
    RunStatus.CANCELLED: frozenset({RunStatus.PENDING}),
}


class IllegalTransition(InvalidRequest):
    """A run cannot go from one status to the other."""

    code = "illegal_transition"


def advance(current: RunStatus, wanted: RunStatus) -> RunStatus:
    """``wanted`` if a run may go there from ``current``. Raises IllegalTransition otherwise.

    A cancelled run may be taken up again (pending): its items without a result are still open.
    """
    if wanted not in _NEXT[current]:
        raise IllegalTransition(f"A run that is {current} cannot become {wanted}.")
    return wanted


def final_status(counters: Counters, item_count: int) -> RunStatus:
    """How a run whose items all have an outcome ends.

    It failed when it could not be carried out: every single item ended in an error. Raises
    ValueError while items are open.
    """
    if counters.done < item_count:
        raise ValueError(f"{item_count - counters.done} items have no outcome yet")
    everything_failed = item_count > 0 and counters.error == item_count
    return RunStatus.FAILED if everything_failed else RunStatus.SUCCEEDED


def outcome_of(failed: bool, scores: tuple[Score, ...]) -> Outcome:
    """The outcome of an item from its scores; ``failed`` says that the target gave no output.

    An item passes when every measured score passed. Where nothing was measured it is skipped.
    """
    if failed:
        return Outcome.ERROR
    verdicts = [score.passed for score in scores if score.passed is not None]
    if not verdicts:
        return Outcome.SKIPPED
    return Outcome.PASSED if all(verdicts) else Outcome.FAILED


def item_status(run: RunStatus, outcome: Outcome | None, reason: str | None) -> RunStatus:
    """The status of one execution: its own once it has an outcome, its run's until then.

    ``reason`` says why the target gave no output. An item whose evaluator failed has an error for
    its outcome, but its target succeeded.
    """
    if outcome is None:
        return run
    if reason is None:
        return RunStatus.SUCCEEDED
    return RunStatus.CANCELLED if reason == CANCELLED_REASON else RunStatus.FAILED
