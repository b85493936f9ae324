"""``evaluand evaluators`` and ``evaluand suites``: what can be measured."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from evaluand.cli.opening import JsonOption
from evaluand.cli.output import console, print_json, print_table
from evaluand.domain.model import TargetKind
from evaluand.domain.scoring import default_suite

app = typer.Typer(help="Evaluators: what can be measured.", no_args_is_help=True)
suites = typer.Typer(help="Suites: what a target is measured by.", no_args_is_help=True)


@app.command("list")
def list_evaluators(as_json: JsonOption = False) -> None:
    """List the evaluators there are, with what each says of itself."""
    rows = [_described(name) for name in _names()]
    if as_json:
        print_json(rows)
        return
    cells = [(row["name"], _first_paragraph(row["description"])) for row in rows]
    print_table(console(), ["evaluator", "measures"], cells)


@app.command("show")
def show_evaluator(
    name: Annotated[str, typer.Argument(help="The evaluator's name.")],
    as_json: JsonOption = False,
) -> None:
    """Say what an evaluator measures, what it needs and which arguments it takes."""
    found = _described(name)
    if as_json:
        print_json(found)
        return
    out = console()
    out.print(found["name"], style="bold")
    out.print(found["description"])
    out.print(f"\nFrom {found['module']}", style="dim")


@suites.command("list")
def list_suites(as_json: JsonOption = False) -> None:
    """List what targets are measured by unless a run file says otherwise."""
    rows: list[dict[str, Any]] = [
        {
            "kind": kind,
            "metrics": [
                {"evaluator": metric.evaluator, "threshold": metric.threshold}
                for metric in default_suite(kind, {}).metrics
            ],
        }
        for kind in TargetKind
    ]
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            row["kind"],
            metric["evaluator"],
            "-" if metric["threshold"] is None else f"at least {metric['threshold']:g}",
        )
        for row in rows
        for metric in row["metrics"]
    ]
    print_table(console(), ["kind of target", "evaluator", "an item passes with"], cells)


def _names() -> list[str]:
    from evaluand.app.evaluators import names

    return names()


def _described(name: str) -> dict[str, Any]:
    from evaluand.app.evaluators import describe

    return describe(name)._asdict()


def _first_paragraph(text: str) -> str:
    return " ".join(text.strip().partition("\n\n")[0].split())
