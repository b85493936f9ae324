"""Printing: data as JSON, tables and texts for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from rich.console import Console

# Tables in a log or a file are not cut at the 80 columns a terminal might have.
_WIDTH_OF_FILES = 120

# Columns of numbers stand on the right.
RIGHT = ">"


def print_json(data: Any) -> None:
    """Data on standard output, indented for people and parsed the same by programs."""
    print(msgspec.json.format(msgspec.json.encode(data), indent=2).decode())


def console() -> Console:
    """The console on standard output; nothing in a text is taken for markup."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _WIDTH_OF_FILES
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=False, width=width)


def print_table(out: Console, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """An aligned table without lines; a column whose name begins with ``>`` is right-aligned."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        right = column.startswith(RIGHT)
        table.add_column(column.removeprefix(RIGHT), justify="right" if right else "left")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else str(cell) for cell in row))
    out.print(table)


def number(value: float | None) -> str:
    """A share to three decimals; a dash where nothing was measured."""
    return "-" if value is None else f"{value:.3f}"


def interval(ends: Sequence[float] | None) -> str:
    """An interval as ``0.412 to 0.623``."""
    return "-" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"


def signed(value: float | None) -> str:
    """A difference with its sign."""
    return "-" if value is None else f"{value:+.3f}"


def seconds(milliseconds: float) -> str:
    """A duration to three digits."""
    return (
        f"{milliseconds / 1000:.2f} s" if milliseconds < 10_000 else f"{milliseconds / 1000:.0f} s"
    )
