"""The evaluators there are, for those who may not reach for adapters themselves."""

from __future__ import annotations

import inspect
from typing import NamedTuple

from evaluand.domain.model import Suite
from evaluand.evaluators import registry


class EvaluatorFacts(NamedTuple):
    """An evaluator as it describes itself."""

    name: str
    description: str
    module: str


def names() -> list[str]:
    """All evaluators' names, in alphabetical order."""
    return registry.names()


def describe(name: str) -> EvaluatorFacts:
    """What an evaluator says of itself. Raises InvalidConfig when there is none of that name."""
    found = registry.evaluator(name)
    # The evaluators of documents are thin: what they measure is said by the scoring behind them.
    words = inspect.getdoc(type(getattr(found, "scoring", found))) or ""
    return EvaluatorFacts(name=name, description=words, module=type(found).__module__)


def check(suite: Suite) -> None:
    """Raises InvalidConfig when the suite asks for an evaluator that does not exist."""
    for metric in suite.metrics:
        registry.evaluator(metric.evaluator)
