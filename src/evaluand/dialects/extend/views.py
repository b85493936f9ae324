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


class OptionsView(View, kw_only=True):
    """How fields were compared."""

    fuzzy_match_fields: list[str]
    exclude_fields: list[str]


class EvaluationSetRun(View, kw_only=True):
    """A run of an evaluation set. ``metrics`` has scores once ``status`` is ``PROCESSED``."""

    object: str = "evaluation_set_run"
    id: str
    evaluation_set_id: str
    entity: ProcessorSummary
    entity_version: VersionSummary
    metrics: Object
    status: str
    options: OptionsView
    created_at: datetime
    updated_at: datetime


class ScoreView(View, kw_only=True):
    """One metric of one item; ``value`` is null when nothing could be measured."""

    metric: str
    value: float | None
    passed: bool | None
    explanation: str | None
    detail: Object


class ItemEvaluation(View, kw_only=True):
    """How a child of an evaluation run did: an addition to Extend's shape."""

    evaluation_set_run_id: str
    evaluation_set_item_id: str | None
    outcome: str
    scores: list[ScoreView]
    latency_ms: int


class Usage(View, kw_only=True):
    """What a run used. There are no credits here; tokens and money are additions."""

    credits: float
    total_credits: float
    cost_usd: float
    input_tokens: int | None
    output_tokens: int | None


class ProcessorRunSummary(View, kw_only=True):
    """An extract, classify or split run as lists show it."""

    object: str
    id: str
    status: str
    failure_reason: str | None
    failure_message: str | None
    metadata: Object | None
    reviewed: bool = False
    edited: bool = False
    extractor: ProcessorSummary | UnsetType | None = UNSET
    extractor_version: VersionSummary | UnsetType | None = UNSET
    classifier: ProcessorSummary | UnsetType | None = UNSET
    classifier_version: VersionSummary | UnsetType | None = UNSET
    splitter: ProcessorSummary | UnsetType | None = UNSET
    splitter_version: VersionSummary | UnsetType | None = UNSET
    file: FileSummary | None
    files: list[FileSummary] | UnsetType | None = UNSET
    parse_run_id: str | None = None
    dashboard_url: str
    usage: Usage | None
    evaluation: ItemEvaluation | UnsetType = UNSET
    created_at: datetime
    updated_at: datetime


class ProcessorRun(ProcessorRunSummary, kw_only=True):
    """An extract, classify or split run."""

    output: Object | None
    initial_output: Object | None = None
    reviewed_output: Object | None = None
    edits: Object | UnsetType | None = UNSET
    config: Object


class BatchRun(View, kw_only=True):
    """A batch of runs, or an evaluation run seen as one."""

    object: str = "batch_run"
    id: str
    status: str
    run_count: int
    created_at: datetime


class BatchMetrics(View, kw_only=True):
    """Files and pages finished so far."""

    num_files: int
    num_pages: int


class LegacyBatch(View, kw_only=True):
    """A batch in the form of older API versions."""

    object: str = "batch_processor_run"
    id: str
    processor_id: str
    processor_version_id: str
    processor_name: str
    metrics: BatchMetrics
    status: str
    source: str
    source_id: str | None
    run_count: int
    options: OptionsView
    created_at: datetime
    updated_at: datetime


class LegacyBatchAnswer(View, kw_only=True):
    """The envelope of older API versions."""

    success: bool = True
    batch_processor_run: LegacyBatch
