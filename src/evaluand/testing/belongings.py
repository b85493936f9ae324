"""One of everything that a workspace can own, and the ids of nothing at all."""

from __future__ import annotations

from dataclasses import dataclass

from evaluand.domain.ids import PublicId, new_public_id
from evaluand.domain.model import (
    EvaluationSet,
    File,
    Item,
    Run,
    Target,
    TargetVersion,
)
from evaluand.ports import ChunkHint, Ledger, WorkspaceStore
from evaluand.testing.builders import (
    AUTHOR,
    a_file,
    a_flush,
    a_result,
    a_run,
    a_snapshot,
    a_target,
    some_content,
)
from evaluand.testing.clock import START
from evaluand.testing.ledger import commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """What one workspace owns. ``run`` has a result at its first place and none at its second."""

    workspace: int
    file: File
    target: Target
    version: TargetVersion
    set: EvaluationSet
    item: Item
    run: Run

    @property
    def ids(self) -> dict[str, PublicId]:
        """The public ids by what they are of."""
        return {
            "file": self.file.id,
            "target": self.target.summary.id,
            "version": self.version.id,
            "set": self.set.id,
            "item": self.item.id,
            "run": self.run.id,
        }


def furnish(door: WorkspaceStore, ledger: Ledger, workspace: int) -> Belongings:
    """Stores one of everything in the workspace behind ``door``."""
    file = door.files.add(a_file())
    target = a_target(door)
    version = door.targets.publish(
        target.summary.id, major=True, description=None, config=None, author=AUTHOR, at=START
    )
    made = door.sets.add("golden", "", target.summary, AUTHOR, START)
    contents = [some_content(1, file), some_content(2)]
    item, _ = door.sets.add_items(made.key, contents, AUTHOR, START)
    run = a_run(door, made, snapshot=a_snapshot(target=target))
    ledger.take_chunk(ChunkHint(run.key, 0), START)
    commit(ledger, a_flush(results=[a_result(run, workspace)]))
    found = door.runs.get(run.id)
    current = door.sets.get(made.id)
    if version is None or found is None or current is None:
        raise AssertionError("what was just stored is not there")
    return Belongings(
        workspace=workspace,
        file=file,
        target=target,
        version=version,
        set=current,
        item=item,
        run=found,
    )


def no_ids() -> dict[str, PublicId]:
    """Ids by what they would be of, if anybody had been given them."""
    return {name: new_public_id() for name in ("file", "target", "version", "set", "item", "run")}
