"""Two runs over the same items: what each item earned in both, and what that says.

An item is one independent observation, however many fields or splits it has.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, NamedTuple, TypeVar

from evaluand.domain.model import Score
from evaluand.domain.statistics import (
    Difference,
    Verdict,
    compare_paired_ratios,
    holm,
    paired_difference,
    verdict,
)

K = TypeVar("K", bound=Hashable)

# Shares closer than this are the same: sums of thirds differ by rounding only.
_SAME = 1e-9


class Share(NamedTuple):
    """A part of a whole: credit of expected fields, right of produced splits, a value of one."""

    part: float
    whole: float

    @property
    def ratio(self) -> float:
        """The part divided by the whole, which is never 0."""
        return self.part / self.whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What one item earned in one metric, and field by field where the metric has fields."""

    share: Share
    passed: bool | None = None
    fields: Mapping[str, Share] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange(Generic[K]):
    """An item whose value changed; ``flipped`` says that it now passes, or no longer does."""

    key: K
    before: float
    after: float
    flipped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field's accuracy in both runs; the p-value is corrected for the number of fields."""

    name: str
    before: float
    after: float
    difference: Difference
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Generic[K]):
    """Second run less first. ``difference`` is None where no item was measured in both."""

    difference: Difference | None
    verdict: Verdict
    paired: int
    unpaired: int
    fields: tuple[FieldChange, ...] = ()
    items: tuple[ItemChange[K], ...] = ()


def earned(score: Score) -> Earned | None:
    """What a score contributes to its run's figure; None when nothing was measured."""
    detail = score.detail
    if isinstance(detail.get("fields"), Mapping):
        fields = {
            name: Share(tally["credit"], tally["expected"])
            for name, tally in detail["fields"].items()
            if tally["expected"]
        }
        whole = Share(
            sum(share.part for share in fields.values()),
            sum(share.whole for share in fields.values()),
        )
        return Earned(share=whole, passed=score.passed, fields=fields) if fields else None
    counts = [detail.get(name) for name in ("correct", "expected", "predicted")]
    if all(type(count) is int for count in counts):
        # F1 of exact splits is the ratio 2·correct / (expected + predicted).
        correct, expected, predicted = (int(count or 0) for count in counts)
        if expected + predicted == 0:
            return None
        return Earned(share=Share(2 * correct, expected + predicted), passed=score.passed)
    if score.value is None:
        return None
    return Earned(share=Share(score.value, 1.0), passed=score.passed)


def compare(first: Mapping[K, Earned], second: Mapping[K, Earned]) -> Comparison[K]:
    """How the second run differs from the first, on the items measured in both."""
    both = [key for key in first if key in second]
    unpaired = len(first) + len(second) - 2 * len(both)
    if not both:
        return Comparison(difference=None, verdict="cannot_tell", paired=0, unpaired=unpaired)
    pairs = [(first[key], second[key]) for key in both]
    difference = _difference([(one.share, other.share) for one, other in pairs])
    return Comparison(
        difference=difference,
        verdict=verdict(difference),
        paired=len(both),
        unpaired=unpaired,
        fields=_fields(pairs),
        items=_changes(both, pairs),
    )


def _difference(pairs: list[tuple[Share, Share]]) -> Difference:
    if all(share.whole == 1 for pair in pairs for share in pair):
        return paired_difference([a.part for a, _ in pairs], [b.part for _, b in pairs])
    return compare_paired_ratios([(*before, *after) for before, after in pairs])


def _fields(pairs: list[tuple[Earned, Earned]]) -> tuple[FieldChange, ...]:
    names = dict.fromkeys(name for one, other in pairs for name in (*one.fields, *other.fields))
    found: list[FieldChange] = []
    for name in names:
        shares = [
            (one.fields[name], other.fields[name])
            for one, other in pairs
            if name in one.fields and name in other.fields
        ]
        if shares:
            found.append(_field(name, shares))
    adjusted = holm([change.difference.p_value for change in found])
    return tuple(_corrected(change, p) for change, p in zip(found, adjusted, strict=True))


def _field(name: str, shares: list[tuple[Share, Share]]) -> FieldChange:
    difference = _difference(shares)
    return FieldChange(
        name=name,
        before=_pooled([before for before, _ in shares]),
        after=_pooled([after for _, after in shares]),
        difference=difference,
        verdict="cannot_tell",
    )


def _corrected(change: FieldChange, p_value: float) -> FieldChange:
    difference = replace(change.difference, p_value=p_value)
    return replace(change, difference=difference, verdict=verdict(difference))


def _pooled(shares: list[Share]) -> float:
    return sum(share.part for share in shares) / sum(share.whole for share in shares)


def _changes(keys: list[K], pairs: list[tuple[Earned, Earned]]) -> tuple[ItemChange[K], ...]:
    """The items that changed, the greatest changes first."""
    changes = [
        ItemChange(
            key=key,
            before=one.share.ratio,
            after=other.share.ratio,
            flipped=None not in (one.passed, other.passed) and one.passed != other.passed,
        )
        for key, (one, other) in zip(keys, pairs, strict=True)
    ]
    moved = [change for change in changes if abs(change.after - change.before) > _SAME]
    return tuple(sorted(moved, key=lambda change: -abs(change.after - change.before)))
