"""The document metrics as evaluators: what the engine asks, in the form their scoring needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evaluand.domain.model import ItemContent, Json
from evaluand.evaluators.documents import CLASSIFIER, EXTRACTOR, SPLITTER
from evaluand.evaluators.documents.interface import DocumentScoring
from evaluand.ports import Measured


@dataclass(frozen=True, slots=True)
class DocumentEvaluator:
    """Fits :class:`evaluand.ports.Evaluator`."""

    name: str
    scoring: DocumentScoring

    def measure(
        self, config: Json, arguments: Json, content: ItemContent, output: Json | None
    ) -> Measured:
        score = self.scoring.score(config, arguments, content.expected, output)
        return Measured(value=score.value, detail=score.detail, explanation=score.explanation)

    def empty(self, config: Json, arguments: Json) -> dict[str, Any]:
        return self.scoring.empty(config, arguments)

    def add(self, state: dict[str, Any], detail: Json) -> dict[str, Any]:
        return self.scoring.add(state, dict(detail))

    def merge(self, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        return self.scoring.merge(one, other)

    def finish(self, state: dict[str, Any]) -> dict[str, Any]:
        return self.scoring.finish(state)


FIELD_ACCURACY = DocumentEvaluator("field_accuracy", EXTRACTOR)
CLASS_ACCURACY = DocumentEvaluator("class_accuracy", CLASSIFIER)
SPLIT_F1 = DocumentEvaluator("split_f1", SPLITTER)
