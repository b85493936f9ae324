"""Measuring batches of items and folding them, as functions a child process can run."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from evaluand.domain.model import ItemContent, Json, Metric, Score, Suite
from evaluand.domain.percentiles import nearest_rank
from evaluand.domain.scoring import passed
from evaluand.ports import Evaluator, ItemTally

logger = logging.getLogger(__name__)

Lookup = Callable[[str], Evaluator]

# In the detail of a score, and in a chunk's fold: why there is nothing to fold.
FAILURE = "failure"


class Answered(NamedTuple):
    """An item and what the target made of it; ``output`` is None when it failed."""

    content: ItemContent
    output: Json | None


def measure_batch(
    lookup: Lookup, config: Json, suite: Suite, batch: Sequence[Answered]
) -> list[tuple[Score, ...]]:
    """The scores of each item of the batch, in order."""
    return [
        tuple(_measure(lookup, config, metric, answered) for metric in suite.metrics)
        for answered in batch
    ]


def fold_chunk(lookup: Lookup, config: Json, suite: Suite, tallies: Sequence[ItemTally]) -> Json:
    """A chunk's share of the run's summary, as JSON."""
    metrics: dict[str, Any] = {}
    for metric in suite.metrics:
        evaluator = lookup(metric.evaluator)
        state = evaluator.empty(config, metric.arguments)
        for tally in tallies:
            detail = tally.details.get(metric.evaluator)
            if detail is not None and FAILURE not in detail:
                state = evaluator.add(state, detail)
        metrics[metric.evaluator] = state
    return {
        "metrics": metrics,
        "latencies_ms": [t.latency_ms for t in tallies if t.latency_ms is not None],
        "pages": sum(tally.pages or 0 for tally in tallies),
        "items": len(tallies),
    }


def summarise(lookup: Lookup, config: Json, suite: Suite, folds: Sequence[Json]) -> Json:
    """The run's summary from its chunks' shares."""
    metrics: dict[str, Any] = {}
    for metric in suite.metrics:
        evaluator = lookup(metric.evaluator)
        state = evaluator.empty(config, metric.arguments)
        for fold in folds:
            state = evaluator.merge(state, fold["metrics"][metric.evaluator])
        metrics[metric.evaluator] = evaluator.finish(state)
    summary: dict[str, Any] = {
        "metrics": metrics,
        "pages": sum(fold["pages"] for fold in folds),
        "items": sum(fold["items"] for fold in folds),
    }
    latencies = sorted(value for fold in folds for value in fold["latencies_ms"])
    if latencies:
        summary["latency"] = _latency(latencies)
    return summary


def _latency(ordered: list[int]) -> dict[str, float]:
    return {
        "mean_ms": sum(ordered) / len(ordered),
        **{f"p{q}_ms": nearest_rank(ordered, q / 100) for q in (50, 90, 95, 99)},
    }


def not_measured(metric: Metric, why: str) -> Score:
    """The score of a metric that could not be measured; ``why`` is shown with it."""
    text = f"Not measured: {why}"
    return Score(
        metric=metric.evaluator,
        value=None,
        passed=None,
        explanation=text,
        detail={FAILURE: text},
    )


def evaluator_failed(scores: Sequence[Score]) -> bool:
    """Whether a metric is missing through the evaluator's fault, not for want of a measure."""
    return any(FAILURE in score.detail for score in scores)


def _measure(lookup: Lookup, config: Json, metric: Metric, answered: Answered) -> Score:
    try:
        measured = lookup(metric.evaluator).measure(
            config, metric.arguments, answered.content, answered.output
        )
        value = _finite(measured.value)
        return Score(
            metric=metric.evaluator,
            value=value,
            passed=passed(value, metric.threshold),
            explanation=measured.explanation,
            detail=measured.detail,
        )
    except Exception as error:
        # One item must not take its run down; the failure is this score's, and is shown there.
        logger.exception("the evaluator %s failed", metric.evaluator)
        return not_measured(metric, f"the evaluator failed with {type(error).__name__}: {error}")


def _finite(value: float | None) -> float | None:
    """A plain number. Raises ValueError for what is none: it would read as a failed item."""
    if value is None:
        return None
    if not math.isfinite(value):
        raise ValueError(f"its value is {value}")
    return float(value)
