"""Brings what a run file describes into the workspace, unless the very same is there already.

Nothing is deleted and nothing overwritten: changed items get a new revision, a set grows, and a
published version of a target never changes.
"""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, TypeVar

from evaluand.cli.run_file import ItemSource, SetSource, VersionSource
from evaluand.domain.ids import PublicId
from evaluand.domain.model import (
    EvaluationSet,
    File,
    Item,
    ItemContent,
    Principal,
    TargetKind,
    TargetSummary,
    TargetVersion,
)
from evaluand.domain.paging import Page, PageRequest
from evaluand.services import Services

T = TypeVar("T")

# The name under which an item's own id is kept beside the rest of its metadata.
ITEM_ID = "id"
_PAGE = 200
_BLOCK = 1 << 20


class Imported(NamedTuple):
    """The set, the items the file names, and how many of them are new or changed."""

    set: EvaluationSet
    items: list[PublicId]
    added: int
    changed: int


class Importer:
    """Imports for one principal."""

    def __init__(self, services: Services, principal: Principal) -> None:
        self._services = services
        self._principal = principal

    def target(self, kind: TargetKind, source: VersionSource) -> TargetSummary:
        """The target of this name, made if there is none; its draft is then this version."""
        targets = self._services.targets
        for found in all_of(lambda r: targets.page(self._principal, kind, r)):
            if found.name == source.target:
                return found
        made = targets.create(self._principal, kind, name=source.target, config=source.config)
        return made.summary

    def version(self, target: TargetSummary, source: VersionSource) -> TargetVersion:
        """The published version with this number and configuration.

        Without a number any version with the same configuration will do, or the next one is
        published. Raises InvalidConfig where the number is taken or out of order.
        """
        published = list(self.published(target))
        for version in published:
            same = version.config == source.config
            if source.number is None and same:
                return version
            if version.number == source.number:
                if not same:
                    source.place.fail(
                        f"version {source.number} of {target.name!r} was published with another "
                        "configuration, and published versions never change. Give this one the "
                        f"next number, or leave 'version' out. {_numbers(published)}"
                    )
                return version
        major = source.number is None or source.number.endswith(".0")
        following = _next_number(published, major=major)
        if source.number not in (None, following):
            source.place.fail(
                f"the next version of {target.name!r} is {following}, not {source.number}. Correct "
                f"'version', or leave it out. {_numbers(published)}"
            )
        return self._services.targets.publish(
            self._principal,
            target.kind,
            target.id,
            major=major,
            description=source.description,
            config=source.config,
        )

    def published(self, target: TargetSummary) -> Iterator[TargetVersion]:
        """The published versions of a target, newest first."""
        targets = self._services.targets
        for version in all_of(
            lambda r: targets.versions(self._principal, target.kind, target.id, r)
        ):
            if version.number is not None:
                yield version

    async def set(self, source: SetSource, target: TargetSummary) -> Imported:
        """The set of this name and kind with the items of the file in it."""
        chosen = self._find_set(source) or self._services.sets.create(
            self._principal, name=source.name, description=source.description, target=target.id
        )
        present = {item.content.metadata.get(ITEM_ID): item for item in self.items_of(chosen)}
        known = {file.sha256: file for item in present.values() for file in item.content.files}
        fresh: list[ItemContent] = []
        ids: dict[str, PublicId] = {}
        changed = 0
        for wanted in source.items:
            content = await self._content(wanted, known)
            found = present.get(wanted.id)
            if found is None:
                fresh.append(content)
                continue
            ids[wanted.id] = found.id
            if _identity(found.content) != _identity(content):
                self._services.sets.revise(self._principal, chosen.id, found.id, content)
                changed += 1
        if fresh:
            made = self._services.sets.add_items(self._principal, chosen.id, fresh)
            ids |= {str(item.content.metadata[ITEM_ID]): item.id for item in made}
        current = self._services.sets.get(self._principal, chosen.id)
        return Imported(current, [ids[item.id] for item in source.items], len(fresh), changed)

    def items_of(self, chosen: EvaluationSet) -> Iterator[Item]:
        """All items of a set."""
        sets = self._services.sets
        return all_of(lambda r: sets.items(self._principal, chosen.id, r))

    def _find_set(self, source: SetSource) -> EvaluationSet | None:
        sets = self._services.sets
        for found in all_of(lambda r: sets.page(self._principal, r, target=None)):
            if found.name == source.name and found.kind is source.kind:
                return found
        return None

    async def _content(self, item: ItemSource, known: dict[str, File]) -> ItemContent:
        return ItemContent(
            expected=item.expected,
            files=tuple([await self._file(path, known) for path in item.files]),
            inputs=item.inputs,
            output=item.outputs,
            metadata={**item.metadata, ITEM_ID: item.id},
        )

    async def _file(self, path: Path, known: dict[str, File]) -> File:
        digest = _digest(path)
        found = known.get(digest)
        if found is None or found.name != path.name:
            found = known[digest] = await self._services.files.upload(
                self._principal,
                name=path.name,
                content_type=mimetypes.guess_type(path.name)[0],
                chunks=_blocks(path),
            )
        return found


def all_of(page: Callable[[PageRequest], Page[T]]) -> Iterator[T]:
    """All rows behind a paged list, newest first."""
    after: tuple[int, ...] | None = None
    while True:
        found = page(PageRequest(size=_PAGE, sort="created_at", after=after))
        yield from found.rows
        after = found.next
        if after is None:
            return


def _identity(content: ItemContent) -> tuple[object, ...]:
    """What makes two contents the same: files by name and bytes, the rest by value."""
    files = [(file.name, file.sha256) for file in content.files]
    rest: Mapping[str, object] = content.metadata
    return files, content.inputs, content.expected, content.output, rest


def _next_number(published: list[TargetVersion], *, major: bool) -> str:
    """The number that publishing gives; ``published`` is sorted newest first."""
    numbers = [tuple(map(int, str(version.number).split("."))) for version in published]
    if major:
        return f"{max((first for first, _ in numbers), default=0) + 1}.0"
    newest = numbers[0] if numbers else (0, 0)
    return f"{newest[0]}.{newest[1] + 1}"


def _numbers(published: list[TargetVersion]) -> str:
    names = ", ".join(str(version.number) for version in published)
    return f"Published: {names or 'none yet'}."


def _digest(path: Path) -> str:
    whole = sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            whole.update(block)
    return whole.hexdigest()


async def _blocks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block
