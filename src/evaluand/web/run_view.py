"""A run and its items in the words of the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from evaluand.domain.lifecycle import FINAL
from evaluand.domain.model import Purpose, Run
from evaluand.services.results import ItemResult
from evaluand.web.figures import Figure, headline


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run with what the pages say of it beside its own members."""

    run: Run
    headline: Figure | None
    elapsed_s: float | None

    @property
    def title(self) -> str:
        """What was evaluated on what."""
        return f"{self.set_name} · {self.target_name}"

    @property
    def set_name(self) -> str:
        """The set's name and version, or what stands in its place."""
        snapshot = self.run.snapshot
        if snapshot.set_name is None:
            return {Purpose.SINGLE: "one document"}.get(self.run.purpose, "documents")
        return f"{snapshot.set_name} v{snapshot.set_version}"

    @property
    def target_name(self) -> str:
        """The target's name and version; the kind where only a configuration was given."""
        target, version = self.run.snapshot.target, self.run.snapshot.version
        if target is None:
            return str(self.run.snapshot.kind)
        return f"{target.name} {_number(version.number if version else None)}"

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.run.status not in FINAL

    @property
    def engine(self) -> str:
        """What the target is made of."""
        engine = self.run.snapshot.config.get("engine")
        return str(engine.get("kind", "")) if isinstance(engine, dict) else ""


def view_of(run: Run, now: datetime) -> RunView:
    """A run as it is shown at this moment."""
    end = run.finished_at or (None if run.status in FINAL else now)
    elapsed = None
    if run.started_at is not None and end is not None:
        elapsed = max(0.0, (end - run.started_at).total_seconds())
    return RunView(run=run, headline=headline(run), elapsed_s=elapsed)


def name_of(result: ItemResult) -> str:
    """What people call an item: the id it was imported with, else its file, else its place."""
    content = result.place.content
    own = content.metadata.get("id")
    if isinstance(own, str) and own:
        return own
    return content.files[0].name if content.files else f"item {result.place.position + 1}"


def _number(number: str | None) -> str:
    return "draft" if number is None else f"v{number}"
