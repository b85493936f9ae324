"""``evaluand run``: one file describes set, targets, suite and gate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from evaluand.cli.gates import Checked
from evaluand.cli.opening import (
    DataOption,
    JsonOption,
    Opened,
    OrganizationOption,
    Place,
    WorkspaceOption,
    opened,
    perform,
)
from evaluand.cli.progress import Progress, make_progress
from evaluand.cli.run_file import RunFile
from evaluand.domain.model import Run, RunStatus

OK, COULD_NOT_RUN, GATE_FAILED, INCONCLUSIVE, INCOMPLETE = 0, 1, 3, 4, 5


class Finished(NamedTuple):
    """What came of a run file: the runs in order, their report, and the gate's bounds."""

    runs: Sequence[Run]
    report: dict[str, Any]
    gate: Sequence[Checked]


def run(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.yaml", help="The run file.")],
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate what CONFIG.yaml describes, here or in the server that runs on the same data."""
    from evaluand.cli.run_file import read_run_file

    described = read_run_file(config)
    place = Place(data=data, workspace=workspace, organization=organization)
    finished = perform(_run(place, described, make_progress(quiet=as_json)))
    show(finished, as_json=as_json)
    raise typer.Exit(exit_code(finished))


async def _run(place: Place, described: RunFile, progress: Progress) -> Finished:
    async with opened(place, create=True) as installation:
        return await evaluate(installation, described, progress)


async def evaluate(place: Opened, described: RunFile, progress: Progress) -> Finished:
    """Brings set and versions in, runs them all, and reports."""
    from evaluand.cli.working import finish

    runs = await start(place, described, progress)
    ended = await finish(place, runs, progress)
    return report_on(place, ended, described)


async def start(place: Opened, described: RunFile, progress: Progress) -> list[Run]:
    """The pending runs of a run file, one for each version."""
    from evaluand.app import evaluators
    from evaluand.app.turns import importing
    from evaluand.cli.importing import Importer

    evaluators.check(described.suite)
    importer = Importer(place.services, place.principal)
    async with importing(place.app.settings.data):
        versions = []
        for source in described.versions:
            target = importer.target(described.set.kind, source)
            versions.append((target, importer.version(target, source)))
        imported = await importer.set(described.set, versions[0][0])
    if imported.added or imported.changed:
        progress.say(
            f"Set {imported.set.name!r}, version {imported.set.version}: {imported.added} items "
            f"added, {imported.changed} changed"
        )
    return [
        place.services.runs.start(
            place.principal,
            evaluation_set=imported.set.id,
            target=target.id,
            other_target=True,
            version=version.id,
            items=imported.items,
            suite=described.suite,
        )
        for target, version in versions
    ]


def report_on(place: Opened, runs: Sequence[Run], described: RunFile | None = None) -> Finished:
    """The report of runs of the same set, each compared with the one before it."""
    from evaluand.cli.gates import check, flattened
    from evaluand.cli.report import (
        describe,
        describe_comparison,
        figures_of,
        sliced,
        worst_items,
    )
    from evaluand.services.results import Results, star_metric

    results = Results(place.services.runs)
    reports, comparisons = [], []
    slices = described.slices if described else ()
    for index, run in enumerate(runs):
        items = list(results.items(place.principal, run))
        star = star_metric(run)
        more = {"slices": sliced(items, star, slices)} if slices and star else {}
        reports.append({**describe(run), **more, "worst": worst_items(items, star)})
        if index:
            compared = results.compare(place.principal, runs[index - 1], run)
            comparisons.append(describe_comparison(runs[index - 1], run, compared, items))
    checked: list[Checked] = []
    if described and described.gate and runs[-1].summary is not None:
        checked = check(described.gate, dict(flattened(figures_of(reports[-1]))))
    report = {
        "runs": reports,
        "comparisons": comparisons,
        "gate": [{**c.bound._asdict(), "value": c.value, "verdict": c.verdict} for c in checked],
    }
    return Finished(runs, report, checked)


def show(finished: Finished, *, as_json: bool) -> None:
    """The report on standard output, and on standard error how to go on where it is due."""
    from evaluand.cli.output import console, print_json
    from evaluand.cli.rendering import render_comparison, render_gate, render_run

    if as_json:
        print_json(finished.report)
    else:
        out = console()
        for earlier in finished.report["runs"][:-1]:
            # Its details are what the next version is compared with, further down.
            render_run(out, earlier, brief=True)
        render_run(out, finished.report["runs"][-1])
        for comparison in finished.report["comparisons"]:
            render_comparison(out, comparison)
        if finished.gate:
            render_gate(out, finished.gate)
    for report in finished.report["runs"]:
        if report["status"] == RunStatus.CANCELLED:
            typer.echo(f"Incomplete. Go on with: evaluand runs resume {report['id']}", err=True)
        elif report["finishedAt"] is None:
            typer.echo(
                f"The run goes on in another process. Watch it with: evaluand runs resume "
                f"{report['id']}; stop it with: evaluand runs cancel {report['id']}",
                err=True,
            )


def exit_code(finished: Finished) -> int:
    """0 ok · 1 a run failed · 3 gate failed · 4 the gate could not be measured · 5 incomplete."""
    statuses = {run.status for run in finished.runs}
    if statuses - {RunStatus.SUCCEEDED, RunStatus.FAILED}:
        return INCOMPLETE
    if RunStatus.FAILED in statuses:
        return COULD_NOT_RUN
    verdicts = {checked.verdict for checked in finished.gate}
    if "failed" in verdicts:
        return GATE_FAILED
    return INCONCLUSIVE if "not measured" in verdicts else OK
