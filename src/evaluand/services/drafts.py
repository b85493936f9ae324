"""Drafts of schemas, derived from sample documents."""

from __future__ import annotations

from collections.abc import Sequence

from evaluand.domain.model import File, Json, Principal, Role
from evaluand.ports import SchemaDrafter
from evaluand.services.access import require


class Drafts:
    """Use cases around what a machine proposes and a person then edits."""

    def __init__(self, drafter: SchemaDrafter) -> None:
        self._drafter = drafter

    async def schema(self, principal: Principal, files: Sequence[File]) -> Json:
        """A JSON Schema for documents like ``files``.

        Raises Unprocessable when nothing can be made out, and what reading the files raises.
        """
        require(principal, Role.MEMBER)
        return await self._drafter.draft(files)
