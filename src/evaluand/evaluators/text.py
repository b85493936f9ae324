"""Evaluators of texts."""

from __future__ import annotations

from typing import Any

from evaluand.domain.model import ItemContent, Json
from evaluand.domain.statistics import wilson
from evaluand.ports import Measured


class ExactMatch:
    """1 where every expected output equals the output of the same name, else 0.

    Arguments: ``caseSensitive`` (false unless given); blanks are folded either way.
    """

    name = "exact_match"

    def measure(
        self, config: Json, arguments: Json, content: ItemContent, output: Json | None
    ) -> Measured:
        if not content.expected:
            return Measured(value=None, explanation="Not measured: the item expects nothing.")
        keep_case = bool(arguments.get("caseSensitive", False))
        wrong = [
            name
            for name, expected in content.expected.items()
            if output is None
            or name not in output
            or _folded(output[name], keep_case) != _folded(expected, keep_case)
        ]
        explanation = f"Differs: {', '.join(sorted(wrong))}." if wrong else None
        value = 0.0 if wrong else 1.0
        return Measured(value=value, detail={"matched": int(value)}, explanation=explanation)

    def empty(self, config: Json, arguments: Json) -> dict[str, Any]:
        return {"matched": 0, "measured": 0}

    def add(self, state: dict[str, Any], detail: Json) -> dict[str, Any]:
        if "matched" not in detail:
            return state
        return self.merge(state, {"matched": detail["matched"], "measured": 1})

    def merge(self, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        return {name: one[name] + other[name] for name in ("matched", "measured")}

    def finish(self, state: dict[str, Any]) -> dict[str, Any]:
        if not state["measured"]:
            return dict(state)
        interval = wilson(state["matched"], state["measured"])
        return {
            **state,
            "accuracy": state["matched"] / state["measured"],
            "interval": [interval.low, interval.high],
        }


EXACT_MATCH = ExactMatch()


def _folded(value: Any, keep_case: bool) -> Any:
    if not isinstance(value, str):
        return value
    text = " ".join(value.split())
    return text if keep_case else text.casefold()
