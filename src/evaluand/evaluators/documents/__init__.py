"""Scoring of document processors: extractors, classifiers and splitters, behind one interface."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from evaluand.evaluators.documents.classes import ClassifierScoring
from evaluand.evaluators.documents.extraction import ExtractorScoring
from evaluand.evaluators.documents.fields import score_extraction
from evaluand.evaluators.documents.interface import (
    DocumentScoring,
    ItemScore,
    Json,
    State,
    Tally,
)
from evaluand.evaluators.documents.schema import FieldPath, leaf_fields
from evaluand.evaluators.documents.splits import SplitterScoring

EXTRACTOR: Final = ExtractorScoring()
CLASSIFIER: Final = ClassifierScoring()
SPLITTER: Final = SplitterScoring()

SCORING: Final[Mapping[str, DocumentScoring]] = MappingProxyType(
    {"extractor": EXTRACTOR, "classifier": CLASSIFIER, "splitter": SPLITTER}
)
"""How each kind of target is scored."""


def score_batch(
    kind: str,
    config: Mapping[str, Any],
    options: Mapping[str, Any],
    items: Iterable[tuple[Json, Json | None]],
) -> list[ItemScore]:
    """The scores of ``(expected, output)`` pairs in their order: the unit of work of a pool."""
    scoring = SCORING[kind]
    return [scoring.score(config, options, expected, output) for expected, output in items]


__all__ = [
    "CLASSIFIER",
    "EXTRACTOR",
    "SCORING",
    "SPLITTER",
    "DocumentScoring",
    "FieldPath",
    "ItemScore",
    "Json",
    "State",
    "Tally",
    "leaf_fields",
    "score_batch",
    "score_extraction",
]
