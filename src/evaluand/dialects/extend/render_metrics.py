"""A run's summary as Extend's metrics; what Extend lacks goes along under names like its own.

Until a run is processed its metrics hold counts only: partial scores mislead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluand.dialects.extend.words import WORDS
from evaluand.domain.model import Json, Run, RunStatus, TargetKind

Metrics = dict[str, Any]

_FIELD = {
    "total": "countTotal",
    "present": "countPresent",
    "expected": "countExpected",
    "accurate": "countAccurate",
    "interval": "accuracyInterval",
}
_CLASS = {"expected": "countExpected", "predicted": "countPredicted", "correct": "countCorrect"}
_SPLITS = {
    "expected": "numSplitsExpected",
    "predicted": "numSplitsPredicted",
    "correct": "numSplitsCorrect",
}
_WHOLE = {
    "failed": "numFilesFailed",
    "measured": "numFilesMeasured",
    "perfect": "numFilesPerfect",
    "interval": "accuracyInterval",
}
# Members whose keys are the user's own names.
_MAPS = ("fields", "arrays", "classes")


def metrics(run: Run) -> Metrics:
    """The ``metrics`` member of an evaluation run."""
    kind = run.snapshot.kind
    counts: Metrics = {
        "type": WORDS[kind].metrics_type,
        "numFilesTotal": run.item_count,
        "numFilesProcessed": run.counters.done,
        "numFiles": run.counters.done,
    }
    summary = run.summary
    if run.status is not RunStatus.SUCCEEDED or summary is None:
        return counts
    found: Json = next(iter(summary["metrics"].values()), {})
    return {
        **counts,
        **_scores(kind, found),
        "numPages": summary["pages"],
        **_latency(summary.get("latency") or {}),
    }


def item_detail(detail: Json) -> Metrics:
    """What lies behind one item's score, by field path or class type where it is more than one."""
    return {
        _camel(name): _each(value, {}) if name in _MAPS else _deep(value)
        for name, value in detail.items()
    }


def _deep(value: Any) -> Any:
    return _renamed(value, {}) if isinstance(value, dict) else value


def _scores(kind: TargetKind, found: Json) -> Metrics:
    if kind is TargetKind.EXTRACTOR:
        return _extraction(found)
    return _classification(found) if kind is TargetKind.CLASSIFIER else _splitting(found)


def _extraction(found: Json) -> Metrics:
    fields, arrays = found.get("fields", {}), found.get("arrays", {})
    return {
        **_renamed(found, _WHOLE, without=("items", "fields", "arrays")),
        "fieldMetrics": _each(fields, _FIELD),
        "arrayMetrics": _each(arrays, _FIELD),
    }


def _classification(found: Json) -> Metrics:
    apart = ("items", "classes", "micro", "macro", "confusion", "no_prediction", "correct")
    return {
        **_renamed(found, _WHOLE, without=apart),
        "classificationMetrics": _each(found.get("classes", {}), _CLASS),
        "microAverage": _renamed(found.get("micro", {}), {}),
        "macroAverage": _renamed(found.get("macro", {}), {}),
        "confusionMatrix": found.get("confusion", {}),
        "noPrediction": found.get("no_prediction", {}),
    }


def _splitting(found: Json) -> Metrics:
    apart = ("items", "boundaries", "classes", "pages")
    return {
        **_renamed(found, {**_WHOLE, **_SPLITS}, without=apart),
        "boundaryMetrics": _renamed(found.get("boundaries", {}), _CLASS),
        "classificationMetrics": _each(found.get("classes", {}), _CLASS),
        "pageMetrics": _renamed(
            found.get("pages", {}),
            {"total": "countTotal", "correct": "countCorrect", "interval": "accuracyInterval"},
        ),
    }


def _latency(found: Json) -> Metrics:
    return {
        _camel(f"{name.removesuffix('_ms')}_latency_ms"): value for name, value in found.items()
    }


def _each(entries: Mapping[str, Json], names: Mapping[str, str]) -> Metrics:
    """Entries by field path or class type, whose own names stay as they are."""
    return {key: _renamed(entry, names) for key, entry in entries.items()}


def _renamed(found: Json, names: Mapping[str, str], without: tuple[str, ...] = ()) -> Metrics:
    return {
        names.get(name) or _camel(name): value
        for name, value in found.items()
        if name not in without
    }


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
