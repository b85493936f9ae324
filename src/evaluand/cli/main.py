"""The commands, put together; and how errors and exit codes reach the user.

0 ok · 1 could not run · 2 wrong usage · 3 gate failed · 4 inconclusive · 5 incomplete
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from evaluand import __version__
from evaluand.cli import comparing, demo, doctor, evaluators, keys, runs, serve, sets, targets
from evaluand.cli import run as run_command
from evaluand.errors import EvaluandError, InvalidRequest

COULD_NOT_RUN = 1
WRONG_USAGE = 2

app = typer.Typer(
    name="evaluand",
    help="Evaluate AI systems: versioned targets, evaluation sets, scores you can trust.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run_command.run)
app.command("serve")(serve.serve)
app.command("compare")(comparing.compare)
app.command("gate")(comparing.gate)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
app.add_typer(runs.app, name="runs")
app.add_typer(sets.app, name="sets")
app.add_typer(targets.app, name="targets")
app.add_typer(evaluators.suites, name="suites")
app.add_typer(evaluators.app, name="evaluators")
app.add_typer(keys.app, name="keys")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"evaluand {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Print the version."),
    ] = False,
) -> None:
    """Options of ``evaluand`` itself, before any command."""


def run() -> None:
    """Runs the command line; expected errors become one line and an exit code."""
    try:
        app()
    except InvalidRequest as error:
        _fail(error, WRONG_USAGE)
    except EvaluandError as error:
        _fail(error, COULD_NOT_RUN)


def _fail(error: EvaluandError, code: int) -> None:
    print(f"evaluand: {error.message}", file=sys.stderr)
    raise SystemExit(code)
