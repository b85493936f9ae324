"""Evaluation sets: named collections of items with what is expected of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaluand.domain.expected import check_expected
from evaluand.domain.ids import PublicId
from evaluand.domain.model import (
    EvaluationSet,
    Item,
    ItemContent,
    Json,
    Principal,
    Role,
    TargetKind,
)
from evaluand.domain.paging import Page, PageRequest
from evaluand.domain.wording import described, named
from evaluand.errors import InvalidRequest, NotFound
from evaluand.ports import Clock, SetStore, Store
from evaluand.services.access import require
from evaluand.services.targets import Targets


class Sets:
    """Use cases around evaluation sets."""

    def __init__(self, *, store: Store, targets: Targets, clock: Clock) -> None:
        self._store = store
        self._targets = targets
        self._clock = clock

    def create(
        self,
        principal: Principal,
        *,
        name: str,
        description: str,
        target: PublicId | None,
        field: str = "entityId",
    ) -> EvaluationSet:
        """A new set; its target fixes what kind of items it holds. Raises NotFound."""
        require(principal, Role.MEMBER)
        name, description = named(name), described(description)
        owner = self._targets.any(principal, target, field)
        return self._sets(principal).add(
            name, description, owner.summary, principal.author, self._clock.now()
        )

    def get(self, principal: Principal, set_id: PublicId | None) -> EvaluationSet:
        """The set. Raises NotFound."""
        found = None if set_id is None else self._sets(principal).get(set_id)
        if found is None:
            raise NotFound("There is no evaluation set with this id.")
        return found

    def page(
        self,
        principal: Principal,
        request: PageRequest,
        *,
        target: PublicId | None,
        kinds: frozenset[TargetKind] | None = None,
    ) -> Page[EvaluationSet]:
        """One page of sets, of one target and for these kinds of target if given."""
        return self._sets(principal).page(request, target=target, kinds=kinds)

    def delete(self, principal: Principal, set_id: PublicId | None) -> None:
        """Deletes the set; runs of it keep what they froze. Raises NotFound."""
        require(principal, Role.ADMIN)
        if set_id is None or not self._sets(principal).delete(set_id, self._clock.now()):
            raise NotFound("There is no evaluation set with this id.")

    def add_items(
        self, principal: Principal, set_id: PublicId | None, contents: Sequence[ItemContent]
    ) -> list[Item]:
        """Adds items, all or none, as one new version of the set. Raises InvalidRequest."""
        require(principal, Role.MEMBER)
        found = self.get(principal, set_id)
        for place, content in enumerate(contents):
            check_expected(found.kind, content.expected, f"items[{place}].expectedOutput")
        return self._sets(principal).add_items(
            found.key, contents, principal.author, self._clock.now()
        )

    def item(self, principal: Principal, set_id: PublicId | None, item_id: PublicId | None) -> Item:
        """The item of this set. Raises NotFound."""
        found = None
        if set_id is not None and item_id is not None:
            found = self._sets(principal).item(set_id, item_id)
        if found is None:
            raise NotFound("There is no such item in this evaluation set.")
        return found

    def items(
        self, principal: Principal, set_id: PublicId | None, request: PageRequest
    ) -> Page[Item]:
        """One page of the set's items."""
        return self._sets(principal).items(self.get(principal, set_id).id, request)

    def expect(
        self,
        principal: Principal,
        set_id: PublicId | None,
        item_id: PublicId | None,
        expected: Json | None,
    ) -> Item:
        """Replaces what is expected of an item; runs under way keep what they froze."""
        require(principal, Role.MEMBER)
        current = self.item(principal, set_id, item_id)
        if expected is None:
            raise InvalidRequest("'expectedOutput' is missing.", field="expectedOutput")
        return self.revise(principal, set_id, item_id, replace(current.content, expected=expected))

    def revise(
        self,
        principal: Principal,
        set_id: PublicId | None,
        item_id: PublicId | None,
        content: ItemContent,
    ) -> Item:
        """Replaces all that an item holds; runs under way keep what they froze."""
        require(principal, Role.MEMBER)
        current = self.item(principal, set_id, item_id)
        kind = self.get(principal, set_id).kind
        check_expected(kind, content.expected, "expectedOutput")
        updated = self._sets(principal).replace_item(
            current.evaluation_set, current.id, content, self._clock.now()
        )
        if updated is None:
            raise NotFound("There is no such item in this evaluation set.")
        return updated

    def delete_item(
        self, principal: Principal, set_id: PublicId | None, item_id: PublicId | None
    ) -> None:
        """Takes an item out of the set's next version. Raises NotFound."""
        require(principal, Role.MEMBER)
        current = self.item(principal, set_id, item_id)
        now = self._clock.now()
        if not self._sets(principal).delete_item(current.evaluation_set, current.id, now):
            raise NotFound("There is no such item in this evaluation set.")

    def _sets(self, principal: Principal) -> SetStore:
        return self._store.workspace(principal.workspace).sets
