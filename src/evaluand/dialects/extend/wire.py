"""What clients send. ``null`` in an optional member means absent; unknown members are ignored."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Object = dict[str, Any]


class Body(Struct, kw_only=True, rename="camel"):
    """Base of all request types: camelCase on the wire."""


class CreateEvaluationSet(Body, kw_only=True):
    """A new evaluation set. ``entityId`` fixes what kind of items it holds."""

    name: str
    entity_id: str
    description: str | None = None


class NewItem(Body, kw_only=True):
    """An item: one file, or a package of files, and the truth about it."""

    file_id: str | None = None
    file_ids: list[str] | None = None
    expected_output: Object


class CreateItems(Body, kw_only=True):
    """Items to add, all or none."""

    items: Annotated[list[NewItem], Meta(min_length=1, max_length=100)]


class UpdateItem(Body, kw_only=True):
    """A new truth for an item."""

    expected_output: Object


class RunEntity(Body, kw_only=True):
    """The processor to run, and its version: ``draft``, ``latest``, a number or a version id."""

    id: str
    version: str | None = None


class RunOptions(Body, kw_only=True):
    """How extracted fields are compared; names are field paths such as ``vendor.name``."""

    fuzzy_match_fields: list[str] | None = None
    exclude_fields: list[str] | None = None


class CreateEvaluationSetRun(Body, kw_only=True):
    """A set to run, whole or in part, on its own processor's draft unless ``entity`` is given."""

    evaluation_set_id: str
    entity: RunEntity | None = None
    evaluation_set_item_ids: list[str] | None = None
    options: RunOptions | None = None


class FileSettings(Body, kw_only=True):
    """What opens a file."""

    password: str | None = None


class FileInput(Body, kw_only=True):
    """A document: exactly one of ``id``, ``url`` and ``text``."""

    id: str | None = None
    url: str | None = None
    text: str | None = None
    name: str | None = None
    settings: FileSettings | None = None


class Package(Body, kw_only=True):
    """Documents that are read together, in this order."""

    files: Annotated[list[FileInput], Meta(min_length=2, max_length=50)]


class Generate(Body, kw_only=True):
    """Sample documents to derive a schema from."""

    files: Annotated[list[FileInput], Meta(min_length=1, max_length=5)]
    instructions: str | None = None


class CreateProcessor(Body, kw_only=True):
    """A new processor, with a configuration or a source to take one from."""

    name: str
    config: Object | None = None
    clone_extractor_id: str | None = None
    clone_classifier_id: str | None = None
    clone_splitter_id: str | None = None
    generate: Generate | None = None


class UpdateProcessor(Body, kw_only=True):
    """A new name, a new draft configuration, or both."""

    name: str | None = None
    config: Object | None = None


class PublishVersion(Body, kw_only=True):
    """A snapshot of the draft, or of ``config``, that never changes."""

    release_type: Literal["major", "minor"]
    description: str | None = None
    config: Object | None = None


class ProcessorReference(Body, kw_only=True):
    """A processor to run, and members to put in place of its configuration's."""

    id: str
    version: str | None = None
    override_config: Object | None = None


# Lower goes first. The vendor names no range; this one leaves room on both sides of the default.
Priority = Annotated[int, Meta(ge=1, le=100)]


class CreateProcessorRun(Body, kw_only=True):
    """One document, or a package, to process."""

    extractor: ProcessorReference | None = None
    classifier: ProcessorReference | None = None
    splitter: ProcessorReference | None = None
    config: Object | None = None
    file: FileInput | None = None
    package: Package | None = None
    priority: Priority | None = None
    metadata: Object | None = None


class BatchInput(Body, kw_only=True):
    """One document of a batch."""

    file: FileInput
    metadata: Object | None = None


class CreateBatch(Body, kw_only=True):
    """Documents to process one by one with the same processor."""

    extractor: ProcessorReference | None = None
    classifier: ProcessorReference | None = None
    splitter: ProcessorReference | None = None
    inputs: Annotated[list[BatchInput], Meta(min_length=1, max_length=1000)]
    priority: Priority | None = None
