"""What is told of a run, as plain data: the JSON of the commands and what the tables show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evaluand.cli import ids
from evaluand.cli.importing import ITEM_ID
from evaluand.domain.comparison import Comparison, Earned, ItemChange, Share, earned
from evaluand.domain.model import Json, Outcome, Run, RunItem
from evaluand.domain.statistics import Difference, RatioSums, ratio_interval
from evaluand.services.results import ItemKey, ItemResult, item_key, star_metric

_WORST = 5
_FULL = 1 - 1e-9


def describe(run: Run) -> dict[str, Any]:
    """A run without its items."""
    snapshot, counters = run.snapshot, run.counters
    target, version = snapshot.target, snapshot.version
    summary = run.summary or {}
    return {
        "id": ids.shown(ids.RUN, run.id),
        "status": run.status,
        "purpose": run.purpose,
        "kind": snapshot.kind,
        "target": None if target is None else target.name,
        "targetId": None if target is None else ids.shown(ids.TARGET, target.id),
        "version": None if version is None else version.number or "draft",
        "set": snapshot.set_name,
        "setId": None if run.evaluation_set is None else ids.shown(ids.SET, run.evaluation_set),
        "setVersion": snapshot.set_version,
        "digest": run.digest,
        "items": run.item_count,
        "outcomes": {str(outcome): getattr(counters, outcome) for outcome in Outcome},
        "open": run.item_count - counters.done,
        "star": star_metric(run),
        "metrics": summary.get("metrics", {}),
        "latency": summary.get("latency", {}),
        "pages": counters.pages,
        "calls": {
            "paid": counters.paid_calls,
            "reused": counters.reused_answers,
            "unknownFate": counters.unknown_calls,
        },
        "costUsd": counters.cost_usd,
        "error": run.error,
        "createdAt": run.created_at,
        "startedAt": run.started_at,
        "finishedAt": run.finished_at,
    }


def star_figures(report: Mapping[str, Any]) -> Json:
    """The figures of the metric that decides; empty while there is no summary."""
    figures: Json = report["metrics"].get(report["star"], {})
    return figures


def figures_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """All figures a gate may ask for: the star metric's by short names, then everything."""
    items = report["items"]
    return {
        **report["metrics"],
        **{f"{outcome}_rate": count / items for outcome, count in report["outcomes"].items()},
        **{f"{outcome}_count": count for outcome, count in report["outcomes"].items()},
        "latency": report["latency"],
        "cost_usd": report["costUsd"],
        **star_figures(report),
    }


def name_of(place: RunItem) -> str:
    """What people call the item: its own id, else its first file, else its place."""
    content = place.content
    own = content.metadata.get(ITEM_ID)
    if isinstance(own, str):
        return own
    return content.files[0].name if content.files else f"item {place.position + 1}"


def item_row(result: ItemResult, star: str | None) -> dict[str, Any]:
    """One item of a run: what was expected, what came, what it was worth."""
    place, execution = result.place, result.place.execution
    score = None if star is None else result.score(star)
    answer = None if execution is None else execution.answer
    failure = None if answer is None else answer.failure
    return {
        "position": place.position,
        "item": name_of(place),
        "itemId": None if place.item is None else ids.shown(ids.ITEM, place.item),
        "files": [file.name for file in place.content.files],
        "inputs": place.content.inputs,
        "expected": place.content.expected,
        "output": None if answer is None else answer.output,
        "error": None
        if failure is None
        else {"reason": failure.reason, "message": failure.message},
        "outcome": None if execution is None else execution.outcome,
        "value": None if score is None else score.value,
        "explanation": None if score is None else score.explanation,
        "scores": {
            each.metric: {"value": each.value, "passed": each.passed} for each in result.scores
        },
        "latencyMs": None if execution is None else execution.latency_ms,
        "costUsd": None if execution is None else execution.usage.cost_usd,
        "metadata": place.content.metadata,
    }


def worst_items(results: Iterable[ItemResult], star: str | None) -> list[dict[str, Any]]:
    """The items with the lowest values, errors first; what is fully right is not among them."""
    rows = [item_row(result, star) for result in results]
    lacking = [
        row
        for row in rows
        if row["outcome"] == Outcome.ERROR or (row["value"] is not None and row["value"] < _FULL)
    ]
    lacking.sort(key=lambda row: (row["outcome"] != Outcome.ERROR, row["value"] or 0.0))
    wanted = ("item", "itemId", "outcome", "value", "explanation", "error")
    return [{name: row[name] for name in wanted} for row in lacking[:_WORST]]


def sliced(results: Sequence[ItemResult], star: str, names: Sequence[str]) -> dict[str, Any]:
    """The star metric by the values of some metadata, each with its interval."""
    found: dict[str, dict[str, list[Earned]]] = {name: {} for name in names}
    for result in results:
        score = result.score(star)
        contribution = None if score is None else earned(score)
        for name in names:
            value = str(result.place.content.metadata.get(name, "(none)"))
            group = found[name].setdefault(value, [])
            if contribution is not None:
                group.append(contribution)
    return {
        name: {value: pooled([each.share for each in group]) for value, group in sorted(s.items())}
        for name, s in found.items()
    }


def pooled(shares: Iterable[Share]) -> dict[str, Any]:
    """The pooled ratio of some items' shares, with its interval."""
    sums = RatioSums.of(shares)
    if sums.ratio is None:
        return {"items": 0, "value": None, "interval": None}
    return {"items": sums.items, "value": sums.ratio, "interval": list(ratio_interval(sums))}


def describe_comparison(
    first: Run, second: Run, comparison: Comparison[ItemKey], results: Iterable[ItemResult]
) -> dict[str, Any]:
    """A comparison; ``results`` are of either run and give the items their names."""
    names = {item_key(result.place): name_of(result.place) for result in results}
    changes = [_change(change, names) for change in comparison.items]
    return {
        "first": _version(first),
        "second": _version(second),
        "metric": star_metric(second),
        "verdict": comparison.verdict,
        **_difference(comparison.difference),
        "paired": comparison.paired,
        "unpaired": comparison.unpaired,
        "fields": [
            {
                "field": field.name,
                "before": field.before,
                "after": field.after,
                "verdict": field.verdict,
                **_difference(field.difference),
            }
            for field in comparison.fields
            if field.difference.estimate != 0
        ],
        "improved": [change for change in changes if change["after"] > change["before"]],
        "worsened": [change for change in changes if change["after"] < change["before"]],
    }


def _version(run: Run) -> dict[str, Any]:
    version = run.snapshot.version
    number = None if version is None else version.number or "draft"
    return {"run": ids.shown(ids.RUN, run.id), "version": number}


def _difference(difference: Difference | None) -> dict[str, Any]:
    if difference is None:
        return {"difference": None, "interval": None, "pValue": None, "method": None}
    return {
        "difference": difference.estimate,
        "interval": None if difference.interval is None else list(difference.interval),
        "pValue": difference.p_value,
        "method": difference.method,
    }


def _change(change: ItemChange[ItemKey], names: Mapping[ItemKey, str]) -> dict[str, Any]:
    return {
        "item": names.get(change.key, str(change.key)),
        "before": change.before,
        "after": change.after,
        "flipped": change.flipped,
    }
