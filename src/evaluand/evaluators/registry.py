"""The evaluators there are, by name. Packages add theirs as entry points."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from evaluand.errors import InvalidConfig
from evaluand.ports import Evaluator

# Name → where it is made: loaded on first use, so that starting costs nothing.
_BUILT_IN = {
    "field_accuracy": "evaluand.evaluators.documents.evaluator:FIELD_ACCURACY",
    "class_accuracy": "evaluand.evaluators.documents.evaluator:CLASS_ACCURACY",
    "split_f1": "evaluand.evaluators.documents.evaluator:SPLIT_F1",
    "exact_match": "evaluand.evaluators.text:EXACT_MATCH",
}
_GROUP = "evaluand.evaluators"


def names() -> list[str]:
    """All evaluators' names, in alphabetical order."""
    return sorted({*_BUILT_IN, *(point.name for point in entry_points(group=_GROUP))})


@cache
def evaluator(name: str) -> Evaluator:
    """The evaluator of this name. Raises InvalidConfig when there is none."""
    if name in _BUILT_IN:
        module, _, attribute = _BUILT_IN[name].partition(":")
        built_in: Evaluator = getattr(import_module(module), attribute)
        return built_in
    for point in entry_points(group=_GROUP, name=name):
        plugged_in: Evaluator = point.load()
        return plugged_in
    raise InvalidConfig(
        f"There is no evaluator {name!r}. Choose one of: {', '.join(names())}.", field="suite"
    )
