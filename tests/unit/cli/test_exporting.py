"""Rows that leave: JSON lines and CSV that spreadsheets can open without harm."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from evaluand.cli.exporting import Format, export_rows
from evaluand.errors import Unavailable

ROW: dict[str, Any] = {
    "position": 0,
    "item": "=HYPERLINK(1)",
    "itemId": None,
    "outcome": "failed",
    "value": 0.25,
    "explanation": '1 of 4, wrong: "total"',
    "expected": {"value": {"total": -1}},
    "output": {"value": {"total": 2}},
    "error": None,
    "scores": {"field_accuracy": {"value": 0.25, "passed": False}},
    "latencyMs": 12,
    "costUsd": 0.0,
    "files": ["a.pdf"],
    "inputs": {},
    "metadata": {},
}


def test_json_lines_hold_the_rows_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"

    assert export_rows([ROW, ROW], Format.JSONL, path) == 2

    assert [json.loads(line) for line in path.read_text().splitlines()] == [ROW, ROW]


def test_csv_has_one_line_an_item_and_json_in_cells(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"

    assert export_rows([ROW], Format.CSV, path) == 1

    with path.open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert list(row) == list(ROW)
    assert json.loads(row["expected"]) == ROW["expected"]
    assert (row["value"], row["latencyMs"], row["error"]) == ("0.25", "12", "")


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"

    export_rows([ROW], Format.CSV, path)

    assert "'=HYPERLINK(1)" in path.read_text()


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be written"):
        export_rows([ROW], Format.CSV, tmp_path / "none" / "rows.csv")
