"""The offline engines on designs unlike the examples, read from PDF and scored as a run is.

The floors are below what the engines reach, above what breaking one of their means leaves.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.drawn import INVOICES

from evaluand.documents.limits import ReadingLimits
from evaluand.evaluators.documents import EXTRACTOR
from evaluand.targets.documents.local import process

EXAMPLES = Path(__file__).parents[2] / "examples"
CONFIG = {"schema": json.loads((EXAMPLES / "invoices" / "schema.json").read_text())}
EXTRACT = "evaluand.targets.documents.baseline.extractor:extract"

FLOOR = 0.95


@pytest.mark.parametrize("design", INVOICES)
def test_invoices_of_any_design_are_read(design: str, tmp_path: Path) -> None:
    data, truth = INVOICES[design]
    output = _output(data, tmp_path)
    score = EXTRACTOR.score(CONFIG, {}, {"value": truth}, output)
    assert score.value is not None
    assert score.value >= FLOOR, score.explanation


def _output(data: bytes, folder: Path) -> dict[str, Any]:
    path = folder / "document.pdf"
    path.write_bytes(data)
    return process(EXTRACT, [(path, path.name)], CONFIG, ReadingLimits()).output
