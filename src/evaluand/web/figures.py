"""The figures of a run: what decides, what stands beside it, and each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluand.domain.model import Json, Run
from evaluand.services.results import star_metric
from evaluand.web import formats

# What a metric's own figure is called, in the order in which names are tried.
_MAIN = ("accuracy", "f1", "mean", "value", "rate", "score")
_MEANING = {
    "field_accuracy": "share of expected fields that are right, all items together",
    "class_accuracy": "share of items put into the right class",
    "split_f1": "exact splits: harmonic mean of precision and recall",
    "exact_match": "share of items whose output equals what is expected",
}
_BESIDE = {
    "field_accuracy": {
        "macro_accuracy": "Mean over fields",
        "item_accuracy": "Mean over items",
        "perfect_rate": "Items without a mistake",
    },
    "split_f1": {"precision": "Precision", "recall": "Recall"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number, as a rule from 0 to 1, and its 95 % interval if there is one."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    meaning: str = ""

    @property
    def drawable(self) -> bool:
        """Whether it has a place on a scale from 0 to 1."""
        ends = [end for end in (self.low, self.high) if end is not None]
        return all(0 <= number <= 1 for number in (self.value, *ends))

    @property
    def text(self) -> str:
        """The number: in percent where it is a share."""
        return formats.share(self.value) if self.drawable else f"{self.value:.4g}"

    @property
    def interval(self) -> str:
        """The interval; empty where there is none."""
        if self.low is None or self.high is None:
            return ""
        if self.drawable:
            return f"{self.low * 100:.1f} to {self.high * 100:.1f} %"
        return f"{self.low:.4g} to {self.high:.4g}"


def figure(
    figures: Mapping[str, Any], name: str, label: str = "", meaning: str = ""
) -> Figure | None:
    """The figure of this name; None where it could not be measured."""
    found = figures.get(name)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return None
    ends = figures.get(f"{name}_interval")
    if ends is None and name in _MAIN:
        ends = figures.get("interval")
    low, high = ends if isinstance(ends, (list, tuple)) and len(ends) == 2 else (None, None)
    return Figure(label=label or name, value=float(found), low=low, high=high, meaning=meaning)


def star_figures(run: Run) -> Json:
    """Everything known of the metric that decides; empty while there is no summary."""
    star = star_metric(run)
    found: Json = (run.summary or {}).get("metrics", {}).get(star, {})
    return found


def headline(run: Run) -> Figure | None:
    """The one figure a run is known by."""
    metric = star_metric(run)
    return None if metric is None else _main(metric, star_figures(run))


def beside(run: Run) -> list[Figure]:
    """What stands beside the headline: the metric's other averages, then the other metrics."""
    metric, figures = star_metric(run), star_figures(run)
    if metric is None:
        return []
    found = [figure(figures, name, label) for name, label in _BESIDE.get(metric, {}).items()]
    for nested, name, label in (
        ("macro", "f1", "F1, mean over classes"),
        ("micro", "f1", "F1 over all items"),
        ("boundaries", "f1", "Boundaries alone, F1"),
        ("pages", "accuracy", "Pages in the right class"),
    ):
        within = figures.get(nested)
        if isinstance(within, Mapping):
            found.append(figure(within, name, label))
    metrics: Json = (run.summary or {}).get("metrics", {})
    found += [_main(name, other) for name, other in metrics.items() if name != metric]
    return [each for each in found if each is not None]


def _main(metric: str, figures: Json) -> Figure | None:
    label = metric.replace("_", " ").capitalize()
    tried = (figure(figures, name, label, _MEANING.get(metric, "")) for name in _MAIN)
    return next((found for found in tried if found is not None), None)
