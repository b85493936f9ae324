"""What is done with a row that the database refuses, so that it costs nobody but itself.

Outputs come from the world outside: a text with half a surrogate pair, an integer of a hundred
digits. The other rows of the group are stored as they are, and this one says what was wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from evaluand.domain.model import Answer, Failure, Outcome, Score, Usage
from evaluand.ports import CallOutcome, Flush, ItemResult

NOT_STORED = "result_not_stored"


def single_rows(group: Flush) -> list[Flush]:
    """The rows of a group, each as a group of its own, in the order in which they depend."""
    return [
        *(Flush([intent], [], []) for intent in group.intents),
        *(Flush([], [outcome], []) for outcome in group.outcomes),
        *(Flush([], [], [result]) for result in group.results),
    ]


def plainer(row: Flush, error: Exception) -> Iterator[Flush]:
    """Ever plainer forms of a row that ``error`` kept from being stored.

    There is none for an intent: a call that cannot be written down is not made.
    """
    why = plainly(error)
    for outcome in row.outcomes:
        yield from (Flush([], [form], []) for form in _outcomes(outcome, why))
    for result in row.results:
        yield from (Flush([], [], [form]) for form in _results(result, why))


def plainly(error: Exception) -> str:
    """What was wrong, without the statement and the values that databases add on further lines."""
    return _safe(str(error).split("\n", 1)[0]) or type(error).__name__


def _outcomes(outcome: CallOutcome, why: str) -> Iterator[CallOutcome]:
    told = None if outcome.failure is None else _safe(outcome.failure)
    bare = replace(outcome, failure=told, input_tokens=None, output_tokens=None, cost_usd=None)
    yield bare
    yield replace(bare, status=None, body=None, failure=f"unrecordable: {why}")


def _results(result: ItemResult, why: str) -> Iterator[ItemResult]:
    message = f"The result of this item could not be stored: {why}"
    failure = result.execution.answer.failure or Failure(reason=NOT_STORED, message=message)
    safe = Failure(reason=_safe(failure.reason), message=_safe(failure.message))
    execution = replace(result.execution, outcome=Outcome.ERROR, answer=Answer(failure=safe))
    spoilt = replace(
        result,
        execution=execution,
        scores=tuple(
            Score(
                metric=score.metric,
                value=None,
                passed=None,
                explanation=message,
                detail={"failure": message},
            )
            for score in result.scores
        ),
    )
    yield spoilt
    yield replace(spoilt, execution=replace(execution, usage=Usage()), scores=())


def _safe(text: str) -> str:
    """The text without what a database cannot take: NUL and halves of surrogate pairs."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
