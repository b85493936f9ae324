"""What targets answered, in the shapes of Extend's ``output``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluand.dialects.extend.words import FILE, shown
from evaluand.domain.model import File, Json, TargetKind

Output = dict[str, Any]


def output(kind: TargetKind, answer: Json, files: Sequence[File], tail: str) -> Output:
    """The ``output`` of a run; ``tail`` is the run's id without prefix, for ids of splits."""
    if kind is TargetKind.EXTRACTOR:
        return _extraction(answer, files)
    if kind is TargetKind.CLASSIFIER:
        return {**answer, "insights": answer.get("insights", [])}
    return _splits(answer, files, tail)


def _extraction(answer: Json, files: Sequence[File]) -> Output:
    evidence: Mapping[str, Json] = answer.get("evidence") or {}
    return {
        "value": answer.get("value") or {},
        "metadata": {path: _field(found, files) for path, found in evidence.items()},
    }


def _field(found: Json, files: Sequence[File]) -> Output:
    """What is known of one value. The confidence is the reader's, not a model's own."""
    citation = _citation(found, files)
    return {
        "ocrConfidence": found.get("confidence"),
        "logprobsConfidence": None,
        "reviewAgentScore": None,
        "citations": [citation] if citation else [],
        "insights": [],
    }


def _citation(found: Json, files: Sequence[File]) -> Output:
    citation: Output = {}
    if found.get("page") is not None:
        citation["page"] = _page(found)
    if found.get("text") is not None:
        citation["referenceText"] = found["text"]
    if found.get("box"):
        citation["polygon"] = _polygon(found["box"])
    place = found.get("file") or 0
    if citation and place < len(files):
        citation["fileId"] = shown(FILE, files[place].id)
    return citation


def _page(found: Json) -> Output:
    sizes = {name: found[f"page_{name}"] for name in ("width", "height") if f"page_{name}" in found}
    return {"number": found["page"], **sizes}


def _polygon(box: Sequence[float]) -> list[Output]:
    """A box's corners, clockwise from the top left."""
    left, top, right, bottom = box
    corners = (left, top), (right, top), (right, bottom), (left, bottom)
    return [{"x": x, "y": y} for x, y in corners]


def _splits(answer: Json, files: Sequence[File], tail: str) -> Output:
    file_id = shown(FILE, files[0].id) if files else ""
    return {
        "splits": [
            {
                **split,
                "id": f"split_{tail}_{place}",
                "identifier": split.get("identifier") or "",
                "observation": split.get("observation") or "",
                "fileId": file_id,
            }
            for place, split in enumerate(answer.get("splits") or (), start=1)
        ]
    }
