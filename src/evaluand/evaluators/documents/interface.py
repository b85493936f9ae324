"""What the engine asks of document scoring, the same for extractors, classifiers and splitters.

Items are scored one by one, in any process. What a score leaves behind, its ``detail``, is all
that is needed to compute a run's metrics: ``add`` counts one detail into a state, ``merge`` joins
two states, ``finish`` renders one. States start from ``empty``; merging is associative and
commutative, so chunks of a run can be counted anywhere and joined in any order. Details and
states are JSON values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Json = Any
"""A value as it comes from JSON: it may have any shape."""

Tally = dict[str, Any]
"""What an item contributes to a run's metrics; also what a page needs to show the item's score.

Every kind has ``part`` and ``whole``, the item's share in the run's headline metric, which is the
sum of the parts over the sum of the wholes: that is what a comparison of two runs needs.
"""

State = dict[str, Any]
"""The sum of many tallies: nested dictionaries with numbers at their ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemScore:
    """An item's headline metric, from 0 to 1, and its tally.

    ``value`` is None when there was nothing to measure, which is not the same as 0.
    """

    value: float | None
    detail: Tally
    explanation: str | None = None


class DocumentScoring(Protocol):
    """Scores one kind of document processor. ``config`` is the processor's own, in Extend's form.

    ``options`` are the run's: ``fuzzyMatchFields`` and ``excludeFields``, lists of field paths that
    only extractors heed. ``expected`` and ``output`` have one form for each kind, see there.
    """

    @property
    def metric(self) -> str:
        """The name of the headline metric."""
        ...

    def score(
        self,
        config: Mapping[str, Any],
        options: Mapping[str, Any],
        expected: Json,
        output: Json | None,
    ) -> ItemScore:
        """Compare an output, None if the processor failed, with the truth.

        Never raises because of ``expected`` or ``output``: what has the wrong shape is wrong.
        Raises InvalidConfig if the config cannot be scored against at all.
        """
        ...

    def empty(self, config: Mapping[str, Any], options: Mapping[str, Any]) -> State:
        """The state of a run without finished items."""
        ...

    def add(self, state: State, tally: Tally) -> State:
        """The state with one more item; the given one stays as it was."""
        ...

    def merge(self, one: State, other: State) -> State:
        """The state of both groups of items together."""
        ...

    def finish(self, state: State) -> dict[str, Any]:
        """The metrics. Ratios without a denominator are left out; whole counts are integers."""
        ...
