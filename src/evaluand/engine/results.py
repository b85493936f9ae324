"""Results of items: what a target's answer and its scores amount to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from evaluand.domain.lifecycle import outcome_of
from evaluand.domain.model import Answer, Execution, Outcome, Score, Usage
from evaluand.engine.calls import LedgerCaller
from evaluand.engine.scoring import evaluator_failed
from evaluand.ports import ChunkWork, ItemResult, OpenItem


def checked(answer: Answer) -> Answer:
    """The answer, if it is one. Raises TypeError for what engines of others may hand back."""
    if not isinstance(answer, Answer):
        raise TypeError(f"it returned {type(answer).__name__}, not an Answer")
    if (answer.output is None) is (answer.failure is None):
        raise TypeError("its answer must have an output or a failure, and not both")
    if answer.output is not None and not isinstance(answer.output, Mapping):
        raise TypeError(f"its output is {type(answer.output).__name__}, not an object")
    if answer.pages is not None and not isinstance(answer.pages, int):
        raise TypeError(f"it counts {type(answer.pages).__name__} pages")
    return answer


def outcome(answer: Answer, scores: tuple[Score, ...]) -> Outcome:
    """An item's outcome: an error too when an evaluator failed, for then nobody knows."""
    return outcome_of(answer.failure is not None or evaluator_failed(scores), scores)


def item_result(
    work: ChunkWork,
    item: OpenItem,
    answer: Answer,
    scores: tuple[Score, ...],
    times: tuple[datetime, datetime],
    caller: LedgerCaller | None = None,
) -> ItemResult:
    """The row of an item; ``times`` are when its target was asked and when it had answered."""
    started, finished = times
    elapsed_ms = answer.latency_ms
    if elapsed_ms is None:
        elapsed_ms = max(0, round((finished - started).total_seconds() * 1000))
    execution = Execution(
        position=item.position,
        outcome=outcome(answer, scores),
        answer=answer,
        usage=caller.usage() if caller else Usage(),
        started_at=started,
        finished_at=finished,
        # An answer out of the ledger took as long as it took when it was asked for.
        latency_ms=elapsed_ms + (caller.reused_ms if caller else 0),
    )
    return ItemResult(
        run=work.run,
        workspace=work.workspace,
        execution=execution,
        scores=scores,
        reused_answers=caller.reused if caller else 0,
    )
