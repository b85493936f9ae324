"""What clients receive about runs: of evaluations, of single documents, of batches."""

from __future__ import annotations

from datetime import datetime

from msgspec import UNSET, UnsetType

from evaluand.dialects.extend.views import (
    FileSummary,
    Object,
    ProcessorSummary,
    VersionSummary,
    View,
)


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
