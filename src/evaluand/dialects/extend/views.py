"""What clients receive. A member that may be absent is UNSET; every other is always there."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType

T = TypeVar("T")
Object = dict[str, Any]


class View(Struct, kw_only=True, rename="camel"):
    """Base of all response types: camelCase on the wire."""


class ListView(View, Generic[T], kw_only=True):
    """One page. ``nextPageToken`` is null on the last one."""

    object: str = "list"
    data: list[T]
    next_page_token: str | None


class Deleted(View, kw_only=True):
    """What was deleted."""

    id: str


class CreatedBy(View, kw_only=True):
    """A person by ``email``, or an API key by ``name``."""

    type: str
    email: str | UnsetType = UNSET
    name: str | UnsetType = UNSET


class ProcessorSummary(View, kw_only=True):
    """An extractor, classifier or splitter without its configuration."""

    object: str
    id: str
    name: str
    created_at: datetime
    updated_at: datetime


class VersionSummary(View, kw_only=True):
    """A version without its configuration; exactly one of the three owners is there."""

    object: str
    id: str
    description: str | None
    version: str
    extractor_id: str | UnsetType = UNSET
    classifier_id: str | UnsetType = UNSET
    splitter_id: str | UnsetType = UNSET
    created_at: datetime
    created_by: CreatedBy | None


class Version(VersionSummary, kw_only=True):
    """A version with its configuration."""

    config: Object


class Processor(ProcessorSummary, kw_only=True):
    """An extractor, classifier or splitter with its draft."""

    draft_version: Version


class FileSummary(View, kw_only=True):
    """A file as items and runs show it."""

    object: str = "file"
    id: str
    name: str
    type: str | None
    parent_file_id: str | None = None
    metadata: Object
    created_at: datetime
    updated_at: datetime


class File(FileSummary, kw_only=True):
    """A file. ``presignedUrl`` opens it without a key for 15 minutes."""

    contents: None = None
    presigned_url: str | UnsetType = UNSET


class EvaluationSet(View, kw_only=True):
    """A named collection of items for one kind of processor."""

    object: str = "evaluation_set"
    id: str
    name: str
    description: str
    entity: ProcessorSummary
    created_at: datetime
    updated_at: datetime
    created_by: CreatedBy | None


class EvaluationSetItemSummary(View, kw_only=True):
    """An item as lists show it: ``files`` for a package, ``file`` otherwise."""

    object: str = "evaluation_set_item"
    id: str
    file: FileSummary | None
    files: list[FileSummary] | None
    created_by: CreatedBy | None


class EvaluationSetItem(EvaluationSetItemSummary, kw_only=True):
    """An item with the truth about it."""

    evaluation_set_id: str
    expected_output: Object


class CreatedItems(View, kw_only=True):
    """Items just created, in the order they were sent."""

    evaluation_set_items: list[EvaluationSetItem]
