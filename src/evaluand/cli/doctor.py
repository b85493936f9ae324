"""``evaluand doctor``: can this installation work, and what is to be done if not?"""

from __future__ import annotations

import typer

from evaluand.cli.opening import DataOption, JsonOption, perform, read_settings
from evaluand.cli.output import console, print_json

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}


def doctor(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Check settings, disk, database, engine, readers and providers. Exits 1 on a problem."""
    from evaluand.app.health import State, examine

    findings = perform(examine(read_settings(data=data)))
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        for finding in findings:
            told = f"{finding.found}\n{finding.fix}" if finding.fix else finding.found
            state = Text(finding.state, style=_COLOURS[finding.state])
            table.add_row(state, finding.check, Text(told))
        console().print(table)
    if any(finding.state is State.PROBLEM for finding in findings):
        raise typer.Exit(1)
