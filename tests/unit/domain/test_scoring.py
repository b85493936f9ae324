"""Thresholds and the suites that are measured unless one is given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.domain.model import TargetKind
from evaluand.domain.scoring import default_suite, passed

values = st.floats(0, 1)


@given(values, values)
def test_a_value_passes_from_its_threshold_on(value: float, threshold: float) -> None:
    if abs(value - threshold) > 1e-8:
        assert passed(value, threshold) is (value > threshold)


@given(values)
def test_a_value_reaches_itself(value: float) -> None:
    assert passed(value, value) is True


@given(st.integers(1, 300))
def test_a_sum_of_equal_shares_reaches_the_whole(parts: int) -> None:
    assert passed(sum(1 / parts for _ in range(parts)), 1.0) is True


@given(st.integers(1, 10_000))
def test_one_wrong_of_ten_thousand_does_not_reach_the_whole(fields: int) -> None:
    assert passed((fields - 1) / fields, 1.0) is False


@given(values)
def test_without_a_value_or_a_threshold_there_is_no_verdict(value: float) -> None:
    assert passed(None, value) is None
    assert passed(value, None) is None
    assert passed(None, None) is None


@pytest.mark.parametrize(
    ("kind", "metric"),
    [
        (TargetKind.EXTRACTOR, "field_accuracy"),
        (TargetKind.CLASSIFIER, "class_accuracy"),
        (TargetKind.SPLITTER, "split_f1"),
        (TargetKind.PIPELINE, "exact_match"),
        (TargetKind.AGENT, "exact_match"),
        (TargetKind.MODEL, "exact_match"),
    ],
)
def test_each_kind_has_one_headline_that_nothing_wrong_passes(
    kind: TargetKind, metric: str
) -> None:
    (only,) = default_suite(kind, {"excludeFields": ["notes"]}).metrics

    assert only.evaluator == metric
    assert only.threshold == 1.0
    assert only.arguments == {"excludeFields": ["notes"]}
