"""The known members of processor configurations, and the types they must have.

Shapes for checking only: configurations are kept and returned as they were sent, unknown members
included. ``null`` in an optional member means that it is not given.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

Object = dict[str, Any]


class Span(Struct):
    """A range of pages or sheets."""

    start: int
    end: int | None = None


class ArrayStrategy(Struct):
    """How long arrays are handled."""

    type: (
        Literal["large_array_heuristics", "large_array_max_context", "large_array_overlap_context"]
        | None
    ) = None


class ChunkingOptions(Struct, rename="camel"):
    """How long documents are cut."""

    chunking_strategy: Literal["standard", "semantic", "contextual"] | None = None
    page_chunk_size: int | None = None
    chunk_selection_strategy: (
        Literal["intelligent", "confidence", "take_first", "take_last"] | None
    ) = None
    custom_semantic_chunking_rules: str | None = None


class ReviewAgent(Struct):
    """Whether a second look is taken at what was extracted."""

    enabled: bool | None = None


class ExtractOptions(Struct, rename="camel"):
    """``advancedOptions`` of an extractor."""

    model_reasoning_insights_enabled: bool | None = None
    advanced_multimodal_enabled: bool | None = None
    citations_enabled: bool | None = None
    current_date_enabled: bool | None = None
    citation_mode: Literal["line", "word", "block"] | None = None
    array_citation_strategy: Literal["item", "property"] | None = None
    array_strategy: ArrayStrategy | None = None
    chunking_options: ChunkingOptions | None = None
    excel_sheet_ranges: list[Span] | None = None
    excel_sheet_selection_strategy: Literal["intelligent", "all", "first", "last"] | None = None
    page_ranges: list[Span] | None = None
    review_agent: ReviewAgent | None = None


class ExtractConfig(Struct, rename="camel"):
    """The configuration of an extractor."""

    base_processor: (
        Literal["extraction_performance", "extraction_light", "extraction_operator"] | None
    ) = None
    base_version: str | None = None
    extraction_rules: str | None = None
    schema: Object | None = None
    advanced_options: ExtractOptions | None = None
    parse_config: Object | None = None
    engine: Object | None = None


class Classification(Struct, rename="camel"):
    """A class that documents, or parts of them, are put into."""

    id: str
    type: str
    description: str
    identifier_key: str | None = None


class ClassifyOptions(Struct, rename="camel"):
    """``advancedOptions`` of a classifier."""

    context: Literal["default", "max"] | None = None
    advanced_multimodal_enabled: bool | None = None
    memory_enabled: bool | None = None
    page_ranges: list[Span] | None = None


class ClassifyConfig(Struct, rename="camel"):
    """The configuration of a classifier."""

    classifications: list[Classification]
    base_processor: (
        Literal["classification_standard", "classification_performance", "classification_light"]
        | None
    ) = None
    base_version: str | None = None
    classification_rules: str | None = None
    advanced_options: ClassifyOptions | None = None
    parse_config: Object | None = None
    engine: Object | None = None


class SplitOptions(Struct, rename="camel"):
    """``advancedOptions`` of a splitter."""

    split_identifier_rules: str | None = None
    split_method: Literal["high_precision", "basic_precision"] | None = None
    split_excel_documents_by_sheet_enabled: bool | None = None
    page_ranges: list[Span] | None = None
    page_overlap_enabled: bool | None = None
    strict_identifier_mode_enabled: bool | None = None


class SplitConfig(Struct, rename="camel"):
    """The configuration of a splitter."""

    split_classifications: list[Classification]
    base_processor: Literal["splitting_performance", "splitting_light"] | None = None
    base_version: str | None = None
    split_rules: str | None = None
    advanced_options: SplitOptions | None = None
    parse_config: Object | None = None
    engine: Object | None = None
