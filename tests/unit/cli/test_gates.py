"""Gates: the bounds people write, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.cli.gates import Bound, check, flattened, parse_bound
from evaluand.cli.nodes import Node
from evaluand.errors import InvalidConfig


def _parsed(text: object) -> Bound:
    return parse_bound("accuracy", Node(text, Path("run.yaml"), "gate.accuracy"))


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        (">= 0.5", Bound("accuracy", ">=", 0.5)),
        ("<3", Bound("accuracy", "<", 3.0)),
        (" > 95 % ", Bound("accuracy", ">", 0.95)),
        ("<= 10%", Bound("accuracy", "<=", 0.1)),
    ],
)
def test_bounds_are_read(text: str, bound: Bound) -> None:
    assert _parsed(text) == bound


@pytest.mark.parametrize("text", ["0.5", "== 0.5", ">= much", ">= -1", "", 0.5, None])
def test_other_texts_are_no_bounds(text: object) -> None:
    with pytest.raises(InvalidConfig, match=r"run\.yaml: gate\.accuracy: must be a text such as"):
        _parsed(text)


@pytest.mark.parametrize(
    ("sign", "value", "verdict"),
    [
        (">=", 0.5, "passed"),
        (">=", 0.49, "failed"),
        (">", 0.5, "failed"),
        ("<=", 0.5, "passed"),
        ("<", 0.5, "failed"),
        ("<", 0.49, "passed"),
        (">=", None, "not measured"),
    ],
)
def test_a_bound_is_kept_or_not(sign: str, value: float | None, verdict: str) -> None:
    (checked,) = check([Bound("accuracy", sign, 0.5)], {"accuracy": value})

    assert (checked.value, checked.verdict) == (value, verdict)


@given(st.floats(0, 1), st.floats(0, 1))
def test_exactly_one_of_a_bound_and_its_opposite_passes(value: float, limit: float) -> None:
    bounds = [Bound("x", ">=", limit), Bound("x", "<", limit)]

    assert {each.verdict for each in check(bounds, {"x": value})} == {"passed", "failed"}


def test_a_figure_that_no_run_has_is_told_with_the_nearest() -> None:
    with pytest.raises(InvalidConfig, match=r"'acuracy', .* Choose from: accuracy"):
        check([Bound("acuracy", ">", 0)], {"accuracy": 1.0, "cost_usd": 0.0})


def test_without_a_near_one_all_short_names_are_told() -> None:
    with pytest.raises(InvalidConfig, match=r"Choose from: accuracy, cost_usd\."):
        check([Bound("zzz", ">", 0)], {"accuracy": 1.0, "cost_usd": 0.0, "fields.a": 1.0})


def test_nested_figures_have_dotted_names() -> None:
    data = {
        "accuracy": 1,
        "interval": [0.5, 1.0],
        "fields": {"total": {"accuracy": None}},
        "name": "text",
        "exact": True,
        "values": [1, 2, 3],
    }

    assert dict(flattened(data)) == {
        "accuracy": 1,
        "interval.low": 0.5,
        "interval.high": 1.0,
        "fields.total.accuracy": None,
    }
