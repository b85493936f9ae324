"""Measures, prints, and writes the figures down. See README.md beside this file."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import large_run
import recovery
import storage
from measuring import Row, machine, write

ITEMS = 10_000
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"

MEASUREMENTS: dict[str, Callable[[int], list[Row]]] = {
    "large_run": large_run.measure,
    "storage": storage.measure,
    "recovery": recovery.measure,
}


def main() -> None:
    """Runs the measurements that were asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(MEASUREMENTS), help="which ones")
    parser.add_argument("--items", type=int, default=ITEMS, help="how large")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; choose from {list(MEASUREMENTS)}")
    rows: list[Row] = []
    for name in asked.names:
        started = time.perf_counter()
        found = MEASUREMENTS[name](asked.items)
        print(f"{name}: {time.perf_counter() - started:.0f} s")
        print("\n".join(_line(row) for row in found), flush=True)
        rows += found
    path = write(rows, machine())
    print(f"rows: {path}")
    if asked.items == ITEMS and list(asked.names) == list(MEASUREMENTS):
        _document(rows)
        print(f"table: {PAGE}")
    if any(row.met is False for row in rows):
        raise SystemExit("a limit was not kept, see above")


def _line(row: Row) -> str:
    promised = f"  (promised {row.limit})" if row.limit else ""
    return f"  {row.figure}: {_figure(row.value)} {row.unit}{promised}"


def _figure(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _document(rows: Sequence[Row]) -> None:
    facts = machine()
    table = [
        f"Measured on {facts['date']} with Evaluand {facts['evaluand']}: {facts['processors']} "
        f"processors, {facts['system']}, Python {facts['python']}, SQLite {facts['sqlite']}.",
        "",
        "| | figure | measured | promised |",
        "|---|---|---|---|",
        *(f"| {r.bench} | {r.figure} | {_figure(r.value)} {r.unit} | {r.limit} |" for r in rows),
    ]
    head, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    PAGE.write_text("\n".join((head + BEGIN, "", *table, "", END)) + tail, "utf-8")


if __name__ == "__main__":
    main()
