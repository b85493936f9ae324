"""The ``http`` engine: documents read by somebody's own endpoint."""

from evaluand.targets.documents.http.engine import HttpEngine

__all__ = ["HttpEngine"]
