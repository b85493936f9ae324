"""A small invoice schema, documents in its shape, and a run over them."""

from __future__ import annotations

import json
from typing import Any

from evaluand.evaluators.documents import EXTRACTOR

TEXT = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}
ROW = {"type": "object", "properties": {"description": TEXT, "quantity": NUMBER, "amount": NUMBER}}
SCHEMA = {
    "type": "object",
    "properties": {
        "invoice_number": TEXT,
        "vendor": {"type": "object", "properties": {"name": TEXT, "city": TEXT}},
        "total_amount": NUMBER,
        "line_items": {"type": "array", "items": ROW},
    },
}
CONFIG = {"schema": SCHEMA}


def invoice(number: Any, name: Any, city: Any, total: Any, *rows: tuple[Any, ...]) -> Any:
    lines = [dict(zip(ROW["properties"], row, strict=True)) for row in rows]
    return {
        "invoice_number": number,
        "vendor": {"name": name, "city": city},
        "total_amount": total,
        "line_items": lines,
    }


def run(
    items: list[tuple[Any, Any]],
    options: dict[str, Any] | None = None,
    config: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The metrics of ``(expected value, extracted value or None)`` pairs."""
    config, options = config or CONFIG, options or {}
    state = EXTRACTOR.empty(config, options)
    for expected, extracted in items:
        output = None if extracted is None else {"value": extracted}
        score = EXTRACTOR.score(config, options, {"value": expected}, output)
        state = EXTRACTOR.add(state, json.loads(json.dumps(score.detail)))
    metrics = EXTRACTOR.finish(json.loads(json.dumps(state)))
    assert metrics == json.loads(json.dumps(metrics))
    return metrics
