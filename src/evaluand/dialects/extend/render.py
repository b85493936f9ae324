"""Core values in Extend's words: processors, versions, files, sets and items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from evaluand.dialects.extend import views
from evaluand.dialects.extend.words import EVALUATION_SET, FILE, ITEM, WORDS, shown
from evaluand.domain.model import (
    Author,
    EvaluationSet,
    File,
    Item,
    ItemContent,
    Target,
    TargetSummary,
    TargetVersion,
)
from evaluand.domain.paging import Page, encode_cursor
from evaluand.services.targets import DRAFT

S = TypeVar("S")
T = TypeVar("T")

# Only these have pages of their own.
_PAGED = ("PDF", "DOCX")


def page(found: Page[S], render: Callable[[S], T]) -> views.ListView[T]:
    """A page of a list."""
    token = None if found.next is None else encode_cursor(found.next)
    return views.ListView(data=[render(row) for row in found.rows], next_page_token=token)


def author(found: Author | None) -> views.CreatedBy | None:
    """Who made something."""
    if found is None:
        return None
    if found.kind == "user":
        return views.CreatedBy(type="user", email=found.name)
    return views.CreatedBy(type="api_key", name=found.name)


def processor_summary(target: TargetSummary) -> views.ProcessorSummary:
    """A processor without its draft."""
    words = WORDS[target.kind]
    return views.ProcessorSummary(
        object=words.noun,
        id=shown(words.prefix, target.id),
        name=target.name,
        created_at=target.created_at,
        updated_at=target.updated_at,
    )


def processor(target: Target) -> views.Processor:
    """A processor with its draft."""
    summary = target.summary
    words = WORDS[summary.kind]
    return views.Processor(
        object=words.noun,
        id=shown(words.prefix, summary.id),
        name=summary.name,
        created_at=summary.created_at,
        updated_at=summary.updated_at,
        draft_version=version(target.draft),
    )


def version_summary(found: TargetVersion) -> views.VersionSummary:
    """A version without its configuration."""
    return views.VersionSummary(**_version(found))


def version(found: TargetVersion) -> views.Version:
    """A version with its configuration."""
    completed = {**WORDS[found.kind].empty_config, **found.config}
    return views.Version(**_version(found), config=completed)


def file_summary(file: File) -> views.FileSummary:
    """A file as items and runs embed it."""
    return views.FileSummary(**_file(file))


def file_view(file: File, url: str | None = None) -> views.File:
    """A file, with a link to its bytes if one was made."""
    view = views.File(**_file(file))
    if url is not None:
        view.presigned_url = url
    return view


def files_of(
    content: ItemContent,
) -> tuple[views.FileSummary | None, list[views.FileSummary] | None]:
    """``file`` and ``files``: a package has only the second, all else only the first."""
    summaries = [file_summary(file) for file in content.files]
    if len(summaries) > 1:
        return None, summaries
    return (summaries[0] if summaries else None), None


def evaluation_set(found: EvaluationSet) -> views.EvaluationSet:
    """An evaluation set."""
    return views.EvaluationSet(
        id=shown(EVALUATION_SET, found.id),
        name=found.name,
        description=found.description,
        entity=processor_summary(found.target),
        created_at=found.created_at,
        updated_at=found.updated_at,
        created_by=author(found.created_by),
    )


def item_summary(item: Item) -> views.EvaluationSetItemSummary:
    """An item as lists show it."""
    file, files = files_of(item.content)
    return views.EvaluationSetItemSummary(
        id=shown(ITEM, item.id), file=file, files=files, created_by=author(item.created_by)
    )


def item(found: Item) -> views.EvaluationSetItem:
    """An item with what is expected of it, exactly as it was given."""
    file, files = files_of(found.content)
    return views.EvaluationSetItem(
        id=shown(ITEM, found.id),
        evaluation_set_id=shown(EVALUATION_SET, found.evaluation_set),
        file=file,
        files=files,
        expected_output=dict(found.content.expected or {}),
        created_by=author(found.created_by),
    )


def _version(found: TargetVersion) -> dict[str, Any]:
    words = WORDS[found.kind]
    return {
        "object": words.version_member,
        "id": shown(words.version_prefix, found.id),
        "description": found.description,
        "version": found.number or DRAFT,
        words.owner_member: shown(words.prefix, found.target),
        "created_at": found.created_at,
        "created_by": author(found.created_by),
    }


def _file(file: File) -> dict[str, Any]:
    paged = file.page_count is not None and file.kind in _PAGED
    return {
        "id": shown(FILE, file.id),
        "name": file.name,
        "type": file.kind,
        "metadata": {"pageCount": file.page_count} if paged else {},
        "created_at": file.created_at,
        "updated_at": file.updated_at,
    }
