"""Targets and their versions: a draft that changes, and published versions that never do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from evaluand.domain.ids import PublicId
from evaluand.domain.model import (
    Json,
    Principal,
    Role,
    Target,
    TargetKind,
    TargetSummary,
    TargetVersion,
)
from evaluand.domain.paging import Page, PageRequest
from evaluand.domain.wording import described, named
from evaluand.errors import NotFound
from evaluand.ports import Catalog, Clock, Store, TargetStore
from evaluand.services.access import require

DRAFT = "draft"
LATEST = "latest"
T = TypeVar("T")
# Cursors before the first published version, in descending and ascending order.
_BEGINNING = {True: ((1 << 63) - 1, 0), False: (0, 0)}
# ``draft``, ``latest``, a number such as ``1.0``, or a version's id.
VersionRef = str | PublicId


class Targets:
    """Use cases around targets."""

    def __init__(self, *, store: Store, catalog: Catalog, clock: Clock) -> None:
        self._store = store
        self._catalog = catalog
        self._clock = clock

    def create(
        self, principal: Principal, kind: TargetKind, *, name: str, config: Json | None
    ) -> Target:
        """A new target; without a configuration its draft is empty. Raises InvalidConfig."""
        require(principal, Role.MEMBER)
        self._check(kind, config)
        return self._targets(principal).add(
            kind, named(name), config or {}, principal.author, self._clock.now()
        )

    def clone(
        self, principal: Principal, kind: TargetKind, *, name: str, source: PublicId | None
    ) -> Target:
        """A new target with a copy of another one's draft."""
        require(principal, Role.MEMBER)
        original = self.get(principal, kind, source)
        return self.create(principal, kind, name=name, config=original.draft.config)

    def get(self, principal: Principal, kind: TargetKind, target_id: PublicId | None) -> Target:
        """The target. Raises NotFound, also when it is of another kind."""
        found = None if target_id is None else self._targets(principal).get(target_id)
        if found is None or found.summary.kind is not kind:
            raise NotFound(f"There is no {kind} with this id.")
        return found

    def any(self, principal: Principal, target_id: PublicId | None, field: str) -> Target:
        """The target of any kind. Raises NotFound."""
        found = None if target_id is None else self._targets(principal).get(target_id)
        if found is None:
            raise NotFound(f"The target named in {field} does not exist.", field=field)
        return found

    def page(
        self, principal: Principal, kind: TargetKind, request: PageRequest
    ) -> Page[TargetSummary]:
        """One page of the targets of a kind."""
        return self._targets(principal).page(kind, request)

    def update(
        self,
        principal: Principal,
        kind: TargetKind,
        target_id: PublicId | None,
        *,
        name: str | None,
        config: Json | None,
    ) -> Target:
        """Renames the target or replaces its draft's configuration."""
        require(principal, Role.MEMBER)
        current = self.get(principal, kind, target_id)
        self._check(kind, config)
        updated = self._targets(principal).update(
            current.summary.id,
            name=None if name is None else named(name),
            config=config,
            at=self._clock.now(),
        )
        return _present(updated, kind)

    def publish(
        self,
        principal: Principal,
        kind: TargetKind,
        target_id: PublicId | None,
        *,
        major: bool,
        description: str | None,
        config: Json | None,
    ) -> TargetVersion:
        """Publishes the draft, or ``config`` if given, as a version that never changes."""
        require(principal, Role.MEMBER)
        current = self.get(principal, kind, target_id)
        self._check(kind, config)
        version = self._targets(principal).publish(
            current.summary.id,
            major=major,
            description=None if description is None else described(description),
            config=config,
            author=principal.author,
            at=self._clock.now(),
        )
        return _present(version, kind)

    def version(
        self, principal: Principal, target_id: PublicId, reference: VersionRef | None
    ) -> TargetVersion:
        """The version a reference names; ``latest`` (or none) is the draft if none is published.

        Raises NotFound.
        """
        targets = self._targets(principal)
        found: TargetVersion | None
        if reference is None or reference == LATEST:
            found = targets.newest(target_id) or targets.draft(target_id)
        elif reference == DRAFT:
            found = targets.draft(target_id)
        elif isinstance(reference, str):
            found = targets.numbered(target_id, reference)
        else:
            found = targets.version(target_id, reference)
        if found is None:
            raise NotFound(
                "The target has no such version. Use 'draft', 'latest', a published number such as "
                "'1.0', or a version id.",
                field="version",
            )
        return found

    def versions(
        self,
        principal: Principal,
        kind: TargetKind,
        target_id: PublicId | None,
        request: PageRequest,
    ) -> Page[TargetVersion]:
        """One page of versions: the draft first, then the published ones."""
        target = self.get(principal, kind, target_id)
        if request.after is not None:
            return self._targets(principal).published(target.summary.id, request)
        rest = replace(request, size=max(1, request.size - 1))
        published = self._targets(principal).published(target.summary.id, rest)
        if request.size > 1:
            return Page(rows=(target.draft, *published.rows), next=published.next)
        beginning = _BEGINNING[request.descending] if published.rows else None
        return Page(rows=(target.draft,), next=beginning)

    def _targets(self, principal: Principal) -> TargetStore:
        return self._store.workspace(principal.workspace).targets

    def _check(self, kind: TargetKind, config: Json | None) -> None:
        if config is not None:
            self._catalog.check(kind, config)


def overridden(config: Json, changes: Mapping[str, Any] | None) -> Json:
    """The configuration with the members of ``changes`` in place of its own."""
    return {**config, **(changes or {})}


def _present(found: T | None, kind: TargetKind) -> T:
    if found is None:
        raise NotFound(f"There is no {kind} with this id.")
    return found
