"""The ``llm`` engine: documents read by a language model."""

from evaluand.targets.documents.llm.engine import LlmEngine

__all__ = ["LlmEngine"]
