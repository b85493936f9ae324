"""Rows of results or items as JSON lines or CSV, to a file or to standard output."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

import msgspec

from evaluand.errors import Unavailable

# Spreadsheets take a cell that begins so for a formula; documents may bring anything.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_COLUMNS = (
    "position",
    "item",
    "itemId",
    "outcome",
    "value",
    "explanation",
    "expected",
    "output",
    "error",
    "scores",
    "latencyMs",
    "costUsd",
    "files",
    "inputs",
    "metadata",
)


class Format(StrEnum):
    """How rows are written."""

    JSONL = "jsonl"
    CSV = "csv"


def export_rows(rows: Iterable[Mapping[str, Any]], form: Format, target: Path | None) -> int:
    """Writes the rows one by one and returns their number. Raises Unavailable if it cannot."""
    try:
        with _stream(target) as stream:
            return _write_jsonl(rows, stream) if form is Format.JSONL else _write_csv(rows, stream)
    except BrokenPipeError:
        # The reader, such as head, has seen enough; Python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        raise Unavailable(
            f"{target or 'Standard output'} cannot be written: {error.strerror}."
        ) from error


@contextmanager
def _stream(target: Path | None) -> Iterator[IO[str]]:
    if target is None:
        yield sys.stdout
        return
    with target.open("w", encoding="utf-8", newline="") as stream:
        yield stream


def _write_jsonl(rows: Iterable[Mapping[str, Any]], stream: IO[str]) -> int:
    count = 0
    for row in rows:
        stream.write(msgspec.json.encode(row).decode() + "\n")
        count += 1
    return count


def _write_csv(rows: Iterable[Mapping[str, Any]], stream: IO[str]) -> int:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    count = 0
    for row in rows:
        writer.writerow([_cell(row[column]) for column in _COLUMNS])
        count += 1
    return count


def _cell(value: Any) -> Any:
    """A value as one cell; what is no plain value as JSON."""
    if value is None or isinstance(value, (int, float)):
        return value
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text.startswith(_FORMULA) else text
