"""What every measurement shares: rows, percentiles, and facts about the machine."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import evaluand

OUT = Path(__file__).parent / "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. ``limit`` is what was promised, as text; ``met`` whether it was kept."""

    bench: str
    figure: str
    value: float
    unit: str
    limit: str = ""
    met: bool | None = None


def at_most(bench: str, figure: str, value: float, unit: str, limit: float) -> Row:
    """A figure that must not pass ``limit``."""
    return Row(
        bench=bench,
        figure=figure,
        value=value,
        unit=unit,
        limit=f"≤ {limit:g}",
        met=value <= limit,
    )


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 100) * len(ordered) // 100) - 1)]


def machine() -> dict[str, Any]:
    """Where and when the figures were taken."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "evaluand": evaluand.__version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
    }


def write(rows: Sequence[Row], facts: dict[str, Any]) -> Path:
    """Appends the rows, each with the machine's facts, to ``out/rows.jsonl``."""
    OUT.mkdir(exist_ok=True)
    path = OUT / "rows.jsonl"
    with path.open("a", encoding="utf-8") as stream:
        stream.writelines(f"{json.dumps(asdict(row) | facts)}\n" for row in rows)
    return path
