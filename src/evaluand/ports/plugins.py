"""What can be plugged in: target engines, evaluators, and the engine that runs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from evaluand.domain.model import Answer, ItemContent, Json, TargetKind
from evaluand.ports.outside import Caller


class TargetEngine(Protocol):
    """Something that can be evaluated. One engine serves one or more kinds of target."""

    name: str
    kinds: frozenset[TargetKind]
    lanes: int
    """How many items at once one chunk may ask of it."""

    def check(self, kind: TargetKind, config: Json) -> None:
        """Raises InvalidConfig when the configuration cannot work."""
        ...

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        """The configuration with everything it refers to inside, for a run to keep."""
        ...

    async def run(
        self, kind: TargetKind, config: Json, content: ItemContent, caller: Caller
    ) -> Answer:
        """The target's answer. Failures are values; only bugs are exceptions."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One item's measurement: a value from 0 to 1, or None when nothing could be measured."""

    value: float | None
    detail: Json = field(default_factory=dict)
    explanation: str | None = None


class Evaluator(Protocol):
    """A pure measurement of one output against what was expected, and its fold over a run.

    Details and states are JSON values; merging is associative, so chunks fold on their own.
    """

    name: str

    def measure(
        self, config: Json, arguments: Json, content: ItemContent, output: Json | None
    ) -> Measured:
        """The measurement; ``output`` is None when the target failed."""
        ...

    def empty(self, config: Json, arguments: Json) -> dict[str, Any]:
        """The state of a run without items."""
        ...

    def add(self, state: dict[str, Any], detail: Json) -> dict[str, Any]:
        """The state with one more item's detail."""
        ...

    def merge(self, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        """The state of both groups of items together."""
        ...

    def finish(self, state: dict[str, Any]) -> dict[str, Any]:
        """The run's metrics: ratios without a denominator are left out."""
        ...


class Catalog(Protocol):
    """The target engines there are, by the configuration that asks for them."""

    def check(self, kind: TargetKind, config: Json) -> None:
        """Raises InvalidConfig when the configuration cannot work."""
        ...

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        """The complete configuration for a run. Raises InvalidConfig when something is missing."""
        ...

    def engine(self, kind: TargetKind, config: Json) -> TargetEngine:
        """The engine a configuration asks for."""
        ...


class Engine(Protocol):
    """Carries hints to workers. Safe to call from any thread."""

    def submit(self, run: int) -> None: ...
    def cancel(self, run: int) -> None: ...
