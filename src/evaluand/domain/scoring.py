"""Rules of scoring that no evaluator owns: default suites and the threshold rule."""

from __future__ import annotations

from evaluand.domain.model import Json, Metric, Suite, TargetKind

_HEADLINE = {
    TargetKind.EXTRACTOR: "field_accuracy",
    TargetKind.CLASSIFIER: "class_accuracy",
    TargetKind.SPLITTER: "split_f1",
}


def default_suite(kind: TargetKind, options: Json) -> Suite:
    """What a target of this kind is measured by unless a suite is given.

    Documents pass when nothing in them is wrong (threshold 1).
    """
    name = _HEADLINE.get(kind, "exact_match")
    return Suite(metrics=(Metric(evaluator=name, arguments=options, threshold=1.0),))


def passed(value: float | None, threshold: float | None) -> bool | None:
    """Whether a value reaches its threshold; None where there is no value or no threshold."""
    if value is None or threshold is None:
        return None
    # Sums of thirds do not quite reach 1 in binary: a billionth is no difference in quality.
    return value >= threshold - 1e-9
