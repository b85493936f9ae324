"""The three tasks a model may get: the schema of its answer, and what becomes of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluand.domain.model import Json, TargetKind
from evaluand.models.chat import ChatQuestion, ResponseSchema
from evaluand.models.strict_schemas import strict_copy
from evaluand.targets.documents.class_list import classes_of
from evaluand.targets.documents.config_shapes import Classification
from evaluand.targets.documents.llm.inputs import FileContent
from evaluand.targets.documents.llm.options import LlmOptions
from evaluand.targets.documents.llm.prompts import (
    classification_schema,
    messages,
    splits_schema,
)
from evaluand.targets.documents.outputs import (
    classification_output,
    extraction_output,
    pages_may_overlap,
    splits_output,
)
from evaluand.targets.documents.schema_check import check_value, schema_of

_ANSWER_NAMES = {
    TargetKind.EXTRACTOR: "extraction",
    TargetKind.CLASSIFIER: "classification",
    TargetKind.SPLITTER: "splits",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One kind of work under one configuration."""

    kind: TargetKind
    config: Json
    schema: Json
    classes: Sequence[Classification] = ()

    @classmethod
    def of(cls, kind: TargetKind, config: Json) -> Task:
        """The task. Raises InvalidConfig when schema or classes are missing or wrong."""
        if kind is TargetKind.EXTRACTOR:
            return cls(kind=kind, config=config, schema=schema_of(config))
        classes = classes_of(kind, config)
        build = classification_schema if kind is TargetKind.CLASSIFIER else splits_schema
        return cls(kind=kind, config=config, schema=build(classes), classes=classes)

    def question(
        self, options: LlmOptions, model: str, files: Sequence[FileContent]
    ) -> ChatQuestion:
        """The question about ``files``."""
        return ChatQuestion(
            model=model,
            messages=messages(
                self.kind,
                self.config,
                prompt=options.prompt,
                instructions=options.instructions,
                schema=self.schema,
                classes=self.classes,
                files=files,
            ),
            temperature=options.temperature,
            seed=options.seed,
            max_tokens=options.max_tokens,
            response_schema=self._response_schema(options),
            json_only=options.response_format == "json_object",
        )

    def output(self, reply: Any, pages: int) -> Json:
        """The output that the model's answer stands for. Raises BadReply."""
        if self.kind is TargetKind.EXTRACTOR:
            return extraction_output(reply, self.schema)
        check_value(reply, self.schema)
        if self.kind is TargetKind.CLASSIFIER:
            return classification_output(reply, self.classes)
        return splits_output(
            reply,
            self.classes,
            pages=pages,
            complete=True,
            overlapping=pages_may_overlap(self.config),
        )

    def _response_schema(self, options: LlmOptions) -> ResponseSchema | None:
        if options.response_format != "json_schema":
            return None
        strict = strict_copy(self.schema)
        return ResponseSchema(
            name=_ANSWER_NAMES[self.kind],
            schema=self.schema if strict is None else strict,
            strict=strict is not None,
        )
