"""``evaluand compare`` and ``evaluand gate``: verdicts on two runs of the same items."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import typer

from evaluand.cli.opening import (
    DataOption,
    JsonOption,
    Opened,
    OrganizationOption,
    Place,
    WorkspaceOption,
    inside,
)
from evaluand.cli.output import console, print_json
from evaluand.cli.run import GATE_FAILED, INCOMPLETE, INCONCLUSIVE, OK
from evaluand.cli.runs import find
from evaluand.domain.comparison import Comparison
from evaluand.domain.lifecycle import FINAL
from evaluand.domain.model import RunStatus
from evaluand.domain.statistics import no_worse, verdict
from evaluand.services.results import ItemKey, Results

FirstRun = Annotated[str, typer.Argument(metavar="RUN_A", help="The run compared with.")]
SecondRun = Annotated[str, typer.Argument(metavar="RUN_B", help="The run to judge.")]


_WORDS = {
    OK: "passed: a loss of more than {margin:g} is ruled out.",
    GATE_FAILED: "failed: it is worse by more than {margin:g}.",
    INCONCLUSIVE: "inconclusive: these items cannot tell; take more, or accept a greater margin.",
    INCOMPLETE: "incomplete: one of the runs has not ended.",
}


class _Compared(NamedTuple):
    comparison: Comparison[ItemKey]
    report: dict[str, Any]
    complete: bool


def compare(
    first: FirstRun,
    second: SecondRun,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether RUN_B is better than RUN_A, item by item, and what changed."""
    place = Place(data=data, workspace=workspace, organization=organization)
    compared = inside(place, lambda found: _compare(found, first, second))
    _show(compared.report, as_json=as_json)


def gate(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run to judge.")],
    baseline: Annotated[str, typer.Option(help="The run it must not fall behind.")],
    margin: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="A loss up to this is accepted.")
    ] = 0.0,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pass (0) when a loss beyond the margin is ruled out; fail (3) when it is certain; else 4."""
    place = Place(data=data, workspace=workspace, organization=organization)
    compared = inside(place, lambda found: _compare(found, baseline, run))
    code = gate_code(compared.comparison, margin) if compared.complete else INCOMPLETE
    word = _WORDS[code]
    _show({**compared.report, "gate": word.partition(":")[0]}, as_json=as_json)
    if not as_json:
        console().print(f"\nGate {word.format(margin=margin)}")
    raise typer.Exit(code)


def gate_code(comparison: Comparison[ItemKey], margin: float) -> int:
    """0 where a loss beyond the margin is ruled out, 3 where it is certain, 4 where neither is."""
    difference = comparison.difference
    if difference is None:
        return INCONCLUSIVE
    if not comparison.items or no_worse(difference, margin):
        # Where no item changed, there is no loss to rule out.
        return OK
    return GATE_FAILED if verdict(difference, margin) == "worse" else INCONCLUSIVE


def _compare(place: Opened, first: str, second: str) -> _Compared:
    from evaluand.cli.report import describe_comparison

    results = Results(place.services.runs)
    one, other = find(place, first), find(place, second)
    comparison = results.compare(place.principal, one, other)
    named = results.items(place.principal, other)
    report = describe_comparison(one, other, comparison, named)
    complete = {one.status, other.status} <= FINAL - {RunStatus.CANCELLED}
    return _Compared(comparison, report, complete)


def _show(compared: dict[str, Any], *, as_json: bool) -> None:
    from evaluand.cli.rendering import render_comparison

    if as_json:
        print_json(compared)
    else:
        render_comparison(console(), compared)
