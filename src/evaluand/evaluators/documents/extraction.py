"""Scoring extractors: field accuracy, item by item and over a run.

``expected`` and ``output`` are ``{"value": {...}}``. An item's value is the credit its expected
fields earned over their number; a run's accuracy pools credit and expected fields of all items.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from evaluand.domain.statistics import RatioSums
from evaluand.evaluators.documents.fields import explain, score_extraction, structure
from evaluand.evaluators.documents.folding import combine, pooled, rate, ratio_sums, tidy
from evaluand.evaluators.documents.interface import ItemScore, Json, State, Tally
from evaluand.evaluators.documents.values import ABSENT

_FAULTS = ("cells", "wrong", "invented", "missing")

_WHOLE = 1 - 1e-9
"""Credit above this share is full: thirds of a column need not add up to exactly one."""


class ExtractorScoring:
    """Field accuracy by the rules of Extend, with intervals and the kinds of mistakes besides."""

    metric = "field_accuracy"

    def score(
        self,
        config: Mapping[str, Any],
        options: Mapping[str, Any],
        expected: Json,
        output: Json | None,
    ) -> ItemScore:
        """Compare an output with the truth; fields that the truth does not name do not count."""
        truth = expected.get("value", ABSENT) if isinstance(expected, dict) else ABSENT
        tally = score_extraction(config.get("schema"), truth, _extracted(output), options)
        value = tally["part"] / tally["whole"] if tally["whole"] else None
        return ItemScore(value=value, detail=tally, explanation=explain(tally))

    def empty(self, config: Mapping[str, Any], options: Mapping[str, Any]) -> State:
        """A state that knows the schema's fields, so that each is reported even if never seen."""
        names = structure(config.get("schema"), options).names
        return {
            **dict.fromkeys(("items", "failed", "perfect"), 0),
            "fields": {name: _field_sums({}) for name in names},
            "arrays": {},
            "pooled": ratio_sums(0, 0),
            "per_item": ratio_sums(0, 0),
        }

    def add(self, state: State, tally: Tally) -> State:
        """Count one item."""
        credit, whole = tally["part"], tally["whole"]
        contribution = {
            "items": 1,
            "failed": int(tally["failed"]),
            "perfect": int(whole > 0 and credit >= whole * _WHOLE),
            "fields": {name: _field_sums(field) for name, field in tally["fields"].items()},
            "arrays": {
                name: ratio_sums(array["accuracy"], 1) | {"approximate": int(not array["exact"])}
                for name, array in tally["arrays"].items()
            },
            "pooled": ratio_sums(credit, whole),
            "per_item": ratio_sums(credit / whole, 1) if whole else ratio_sums(0, 0),
        }
        return combine(state, contribution)

    def merge(self, one: State, other: State) -> State:
        """Join two groups of items."""
        return combine(one, other)

    def finish(self, state: State) -> dict[str, Any]:
        """Accuracy pooled over all fields (``accuracy``), as the mean of the fields' accuracies
        (``macro_accuracy``) and of the items' (``item_accuracy``), the share of faultless items
        (``perfect_rate``), and every field and array by name.
        """
        fields = {name: _field(sums, state["items"]) for name, sums in state["fields"].items()}
        accuracies = [field["accuracy"] for field in fields.values() if "accuracy" in field]
        everywhere = RatioSums(**state["pooled"])
        return {
            "items": state["items"],
            "failed": state["failed"],
            "measured": everywhere.items,
            **pooled("accuracy", "interval", everywhere),
            **({"macro_accuracy": tidy(fmean(accuracies))} if accuracies else {}),
            **pooled("item_accuracy", "item_accuracy_interval", RatioSums(**state["per_item"])),
            "perfect": state["perfect"],
            **rate("perfect_rate", "perfect_rate_interval", state["perfect"], everywhere.items),
            **{fault: sum(field[fault] for field in fields.values()) for fault in _FAULTS},
            "fields": fields,
            "arrays": {name: _array(sums) for name, sums in state["arrays"].items()},
        }


def _extracted(output: Json | None) -> Json | None:
    """The extracted value; None only for a failed extractor, not for one that found nothing."""
    if output is None:
        return None
    value = output.get("value") if isinstance(output, dict) else output
    return {} if value is None else value


def _field_sums(field: Mapping[str, Any]) -> State:
    credit = field.get("credit", 0)
    counts = {name: field.get(name, 0) for name in ("present", "expected", *_FAULTS)}
    return {**counts, "credit": credit, "credit_squared": credit * credit}


def _field(sums: State, items: int) -> dict[str, Any]:
    """A field's metrics. Credits of 0 and 1 only make a plain rate, fractions a mean of shares."""
    expected, credit, squared = sums["expected"], sums["credit"], sums["credit_squared"]
    if tidy(credit) == tidy(squared):
        accuracy = rate("accuracy", "interval", min(credit, expected), expected)
    else:
        shares = RatioSums(
            items=expected,
            part=credit,
            whole=expected,
            part_squared=squared,
            whole_squared=expected,
            product=credit,
        )
        accuracy = pooled("accuracy", "interval", shares)
    return {
        "total": items,
        "present": sums["present"],
        "expected": expected,
        "accurate": tidy(credit),
        **accuracy,
        **{fault: sums[fault] for fault in _FAULTS},
    }


def _array(sums: State) -> dict[str, Any]:
    """An array's mean accuracy over the items that expect it."""
    shares = RatioSums(**{name: value for name, value in sums.items() if name != "approximate"})
    return {
        "expected": shares.items,
        **pooled("accuracy", "interval", shares),
        "approximate": sums["approximate"],
    }
