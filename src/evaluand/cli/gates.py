"""Gates: bounds that a run's figures must keep, such as ``accuracy: ">= 0.5"``."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from evaluand.cli.nodes import Node
from evaluand.errors import InvalidConfig

Verdict = Literal["passed", "failed", "not measured"]

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_BOUND = re.compile(r"\s*(>=|<=|>|<)\s*(\d+(?:\.\d+)?)\s*(%?)\s*")
_PERCENT = 100.0


class Bound(NamedTuple):
    """A figure by its name, how it is compared, and the limit."""

    metric: str
    sign: str
    limit: float

    def __str__(self) -> str:
        return f"{self.metric} {self.sign} {self.limit:g}"


class Checked(NamedTuple):
    """A bound and what became of it; the value is None where nothing was measured."""

    bound: Bound
    value: float | None
    verdict: Verdict


def parse_bound(metric: str, node: Node) -> Bound:
    """The bound in a text such as ``>= 0.5`` or ``< 10 %``. Raises InvalidConfig."""
    match = _BOUND.fullmatch(node.value) if isinstance(node.value, str) else None
    if match is None:
        node.fail(f"must be a text such as '>= 0.5', not {node.value!r}.")
    limit = float(match[2])
    return Bound(metric, match[1], limit / _PERCENT if match[3] else limit)


def check(bounds: Sequence[Bound], figures: Mapping[str, float | None]) -> list[Checked]:
    """Each bound against the figures. Raises InvalidConfig for a figure no run has."""
    checked = []
    for bound in bounds:
        if bound.metric not in figures:
            close = difflib.get_close_matches(bound.metric, figures, n=3)
            choice = ", ".join(close or [name for name in figures if "." not in name])
            raise InvalidConfig(
                f"The gate asks for {bound.metric!r}, which this run does not have. Choose from: "
                f"{choice}.",
                field=f"gate.{bound.metric}",
            )
        value = figures[bound.metric]
        verdict: Verdict = "not measured"
        if value is not None:
            verdict = "passed" if _OPERATORS[bound.sign](value, bound.limit) else "failed"
        checked.append(Checked(bound, value, verdict))
    return checked


def flattened(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float | None]]:
    """Every number in nested data by its dotted path; ends of intervals are ``.low``, ``.high``."""
    for name, value in data.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from flattened(value, f"{path}.")
        elif isinstance(value, list) and "interval" in name and len(value) == 2:
            yield from ((f"{path}.low", value[0]), (f"{path}.high", value[1]))
        elif value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            yield path, value
