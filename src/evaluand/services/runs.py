"""Runs: everything is frozen in one transaction, then the engine is told."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from evaluand.domain.ids import Position, PublicId, derive, underive
from evaluand.domain.model import (
    EvaluationSet,
    ItemContent,
    Json,
    Principal,
    Purpose,
    Role,
    Run,
    RunItem,
    Score,
    Snapshot,
    Suite,
    TargetKind,
    TargetSummary,
    TargetVersion,
)
from evaluand.domain.paging import Page, PageRequest
from evaluand.domain.scoring import default_suite
from evaluand.errors import InvalidRequest, NotFound
from evaluand.ports import (
    DEFAULT_PRIORITY,
    Catalog,
    Clock,
    Engine,
    ExecutionFilter,
    NewRun,
    RankFilter,
    RunStore,
    Store,
)
from evaluand.services.access import require
from evaluand.services.sets import Sets
from evaluand.services.targets import DRAFT, Targets, VersionRef, overridden

# A chunk is what one worker takes at a time: small enough to share out, large enough that taking
# it costs nothing beside its items.
CHUNK_SIZE = 200


class Runs:
    """Use cases around runs and their executions."""

    def __init__(
        self,
        *,
        store: Store,
        targets: Targets,
        sets: Sets,
        catalog: Catalog,
        engine: Engine,
        clock: Clock,
    ) -> None:
        self._store = store
        self._targets = targets
        self._sets = sets
        self._catalog = catalog
        self._engine = engine
        self._clock = clock

    def start(
        self,
        principal: Principal,
        *,
        evaluation_set: PublicId | None,
        target: PublicId | None = None,
        other_target: bool = False,
        version: VersionRef | None = None,
        items: Sequence[PublicId | None] | None = None,
        options: Json | None = None,
        suite: Suite | None = None,
    ) -> Run:
        """Evaluates a set, or the ``items`` of it. Returns at once with a pending run.

        With ``other_target`` the run is of ``target`` at ``version`` (the newest published one
        unless given); without, of the set's own target at its draft. Raises NotFound,
        InvalidRequest or InvalidConfig; nothing is stored then.
        """
        require(principal, Role.MEMBER)
        chosen = self._sets.get(principal, evaluation_set)
        evaluated, frozen = self._choose(principal, chosen, target, other_target, version)
        measured = suite or default_suite(evaluated.kind, options or {})
        snapshot = self._freeze(evaluated.kind, frozen.config, measured, evaluated, frozen, chosen)
        new = NewRun(
            purpose=Purpose.EVALUATION,
            snapshot=snapshot,
            evaluation_set=chosen,
            item_ids=_distinct(items),
            chunk_size=CHUNK_SIZE,
            author=principal.author,
            at=self._clock.now(),
        )
        return self._store_run(principal, new)

    def process(
        self,
        principal: Principal,
        kind: TargetKind,
        contents: Sequence[ItemContent],
        *,
        purpose: Purpose,
        target: PublicId | None = None,
        version: VersionRef | None = None,
        config: Json | None = None,
        changes: Json | None = None,
        priority: int = DEFAULT_PRIORITY,
    ) -> Run:
        """Runs a target over documents without measuring anything.

        Either ``target`` (with ``changes`` over its configuration) or an inline ``config``. A
        higher ``priority`` goes first.
        """
        require(principal, Role.MEMBER)
        evaluated, frozen = None, None
        if config is None:
            evaluated = self._targets.get(principal, kind, target).summary
            frozen = self._targets.version(principal, evaluated.id, version)
            config = overridden(frozen.config, changes)
        self._catalog.check(kind, config)
        snapshot = self._freeze(kind, config, Suite(), evaluated, frozen, None)
        new = NewRun(
            purpose=purpose,
            snapshot=snapshot,
            contents=contents,
            chunk_size=CHUNK_SIZE,
            author=principal.author,
            at=self._clock.now(),
            priority=priority,
        )
        return self._store_run(principal, new)

    def get(self, principal: Principal, run_id: PublicId | None) -> Run:
        """The run. Raises NotFound."""
        found = None if run_id is None else self._runs(principal).get(run_id)
        if found is None:
            raise NotFound("There is no run with this id.")
        return found

    def page(
        self, principal: Principal, request: PageRequest, *, purposes: frozenset[Purpose] | None
    ) -> Page[Run]:
        """One page of runs."""
        return self._runs(principal).page(request, purposes=purposes)

    def cancel(self, principal: Principal, run_id: PublicId | None) -> Run:
        """Stops a run that has not ended; what it has stays. Raises IllegalTransition."""
        require(principal, Role.MEMBER)
        run = self.get(principal, run_id)
        cancelled = self._runs(principal).request_cancel(run.id, self._clock.now())
        self._engine.cancel(run.key)
        return cancelled or run

    def resume(self, principal: Principal, run_id: PublicId | None) -> Run:
        """Takes a cancelled run up again; items with a result are not run twice."""
        require(principal, Role.MEMBER)
        run = self.get(principal, run_id)
        reopened = self._runs(principal).reopen(run.id, self._clock.now())
        self._engine.submit(run.key)
        return reopened or run

    def executions(
        self, principal: Principal, request: PageRequest, wanted: ExecutionFilter
    ) -> Page[RunItem]:
        """One page of executions over all runs, or of one."""
        return self._runs(principal).executions(request, wanted)

    def worst(
        self, principal: Principal, run: Run, wanted: RankFilter, request: PageRequest
    ) -> Page[RunItem]:
        """One page of the run's items that have an outcome, the worst ones first."""
        return self._runs(principal).worst(run.key, wanted, request)

    def execution_id(self, item: RunItem) -> PublicId:
        """The id of the execution at a place of a run, whether it has happened yet or not."""
        position = Position(item.run.key, item.position)
        return derive(self._store.id_key, item.run.snapshot.kind, position)

    def execution(
        self, principal: Principal, kind: TargetKind, execution_id: PublicId | None
    ) -> RunItem:
        """One execution of a target of this kind. Raises NotFound."""
        found = None
        if execution_id is not None:
            place = underive(self._store.id_key, kind, execution_id)
            if place is not None:
                found = self._runs(principal).execution(place.run, place.place)
        if found is None or found.run.snapshot.kind is not kind:
            raise NotFound(f"There is no {kind} run with this id.")
        return found

    def cancel_execution(
        self, principal: Principal, kind: TargetKind, execution_id: PublicId | None
    ) -> RunItem:
        """Cancels one execution that has not ended; alone in its run, the run with it."""
        require(principal, Role.MEMBER)
        item = self.execution(principal, kind, execution_id)
        if item.run.purpose is Purpose.SINGLE:
            self.cancel(principal, item.run.id)
        else:
            runs = self._runs(principal)
            if not runs.cancel_item(item.run.key, item.position, self._clock.now()):
                raise InvalidRequest("The run has ended already; only one under way is cancelled.")
        return self.execution(principal, kind, execution_id)

    def delete_execution(
        self, principal: Principal, kind: TargetKind, execution_id: PublicId | None
    ) -> None:
        """Hides an execution. Raises NotFound."""
        require(principal, Role.MEMBER)
        item = self.execution(principal, kind, execution_id)
        runs = self._runs(principal)
        if not runs.delete_item(item.run.key, item.position, self._clock.now()):
            raise NotFound(f"There is no {kind} run with this id.")

    def scores(
        self, principal: Principal, run: Run, positions: Sequence[int]
    ) -> dict[int, list[Score]]:
        """The scores at these positions of a run."""
        return self._runs(principal).scores(run.key, positions)

    def _choose(
        self,
        principal: Principal,
        chosen: EvaluationSet,
        target: PublicId | None,
        other_target: bool,
        version: VersionRef | None,
    ) -> tuple[TargetSummary, TargetVersion]:
        if not other_target:
            frozen = self._targets.version(principal, chosen.target.id, DRAFT)
            return chosen.target, frozen
        evaluated = self._targets.any(principal, target, "entity.id").summary
        if evaluated.kind is not chosen.kind:
            raise InvalidRequest(
                f"The set's items are for the kind of target '{chosen.kind}', the one to run is of "
                f"the kind '{evaluated.kind}'. Name another target or another set.",
                field="entity",
            )
        return evaluated, self._targets.version(principal, evaluated.id, version)

    def _freeze(
        self,
        kind: TargetKind,
        config: Json,
        suite: Suite,
        target: TargetSummary | None,
        version: TargetVersion | None,
        evaluation_set: EvaluationSet | None,
    ) -> Snapshot:
        frozen = self._catalog.freeze(kind, config)
        covered = {"kind": kind, "config": frozen, "suite": suite}
        digest = sha256(msgspec.json.encode(covered, order="deterministic")).hexdigest()
        return Snapshot(
            target=target,
            version=version,
            kind=kind,
            config=frozen,
            suite=suite,
            set_name=None if evaluation_set is None else evaluation_set.name,
            set_version=None if evaluation_set is None else evaluation_set.version,
            digest=digest,
        )

    def _store_run(self, principal: Principal, new: NewRun) -> Run:
        run = self._runs(principal).add(new)
        self._engine.submit(run.key)
        return run

    def _runs(self, principal: Principal) -> RunStore:
        return self._store.workspace(principal.workspace).runs


def _distinct(items: Sequence[PublicId | None] | None) -> list[PublicId] | None:
    if items is None:
        return None
    if not items:
        raise InvalidRequest(
            "The list of items is empty. Leave it out to run the whole set.",
            field="evaluationSetItemIds",
        )
    if any(item is None for item in items):
        raise NotFound(
            "An item in the list does not exist. Take ids from the set's list of items.",
            field="evaluationSetItemIds",
        )
    known: dict[Any, None] = dict.fromkeys(items)
    return list(known)
