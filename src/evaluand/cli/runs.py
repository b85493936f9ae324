"""``evaluand runs``: look at runs, stop them, take them up again, take their results out."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluand.cli import ids
from evaluand.cli.exporting import Format, export_rows
from evaluand.cli.opening import (
    DataOption,
    JsonOption,
    Opened,
    OrganizationOption,
    Place,
    WorkspaceOption,
    inside,
    opened,
    perform,
)
from evaluand.cli.output import RIGHT, console, number, print_json, print_table
from evaluand.cli.progress import Progress, make_progress
from evaluand.cli.report import describe, item_row, star_figures
from evaluand.cli.run import Finished, exit_code, report_on, show
from evaluand.domain.lifecycle import FINAL
from evaluand.domain.model import Outcome, Purpose, Run, RunStatus
from evaluand.domain.paging import PageRequest
from evaluand.errors import NotFound

app = typer.Typer(help="Runs and their results.", no_args_is_help=True)

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or 'latest'.")]

_LATEST = "latest"
_PROBLEMS = (Outcome.FAILED, Outcome.ERROR)
_MAIN_FIGURES = ("accuracy", "f1", "mean")


@app.command("list")
def list_runs(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    everything: Annotated[
        bool, typer.Option("--all", help="Also documents processed without evaluating.")
    ] = False,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
    as_json: JsonOption = False,
) -> None:
    """List runs, the newest first."""

    def work(place: Opened) -> list[dict[str, Any]]:
        purposes = None if everything else frozenset({Purpose.EVALUATION})
        request = PageRequest(size=limit, sort="created_at")
        page = place.services.runs.page(place.principal, request, purposes=purposes)
        return [describe(run) for run in page.rows]

    reports = inside(Place(data=data, workspace=workspace, organization=organization), work)
    if as_json:
        print_json(reports)
        return
    rows = [
        (
            report["id"],
            report["status"],
            report["target"] or report["kind"],
            report["version"] or "-",
            report["set"] or "-",
            f"{report['items'] - report['open']}/{report['items']}",
            report["outcomes"][Outcome.ERROR],
            number(_main_figure(report)),
        )
        for report in reports
    ]
    columns = ["run", "status", "target", "version", "set"]
    print_table(console(), [*columns, f"{RIGHT}done", f"{RIGHT}errors", f"{RIGHT}star"], rows)


@app.command("show")
def show_run(
    run: RunArgument,
    items: Annotated[bool, typer.Option("--items", help="List the items.")] = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="List the items that failed or ended in an error.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Items on a page.")] = 50,
    after: Annotated[int, typer.Option(help="Begin after the item at this position.")] = -1,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a run: its figures and worst items, or page through its items."""
    place = Place(data=data, workspace=workspace, organization=organization)
    if not (items or failed):
        finished = inside(place, lambda found: report_on(found, [find(found, run)]))
        if as_json:
            print_json(finished.report["runs"][0])
        else:
            show(finished, as_json=False)
        return
    rows = inside(place, lambda found: _page(found, run, failed, limit, after))
    if as_json:
        print_json({"items": rows[:limit], "next": _next(rows, limit)})
        return
    _print_items(rows[:limit])
    if _next(rows, limit) is not None:
        typer.echo(f"More: add --after {_next(rows, limit)}", err=True)


@app.command()
def cancel(
    run: RunArgument,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop a run; what it has stays. Works on runs of a server on the same data, too."""

    def work(place: Opened) -> Run:
        return place.services.runs.cancel(place.principal, find(place, run).id)

    cancelled = inside(Place(data=data, workspace=workspace, organization=organization), work)
    if as_json:
        print_json(describe(cancelled))
    else:
        shown = ids.shown(ids.RUN, cancelled.id)
        print(f"Cancelled. Take it up again with: evaluand runs resume {shown}")


@app.command()
def resume(
    run: RunArgument,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go on with a run that was cancelled or cut off, and wait for it. Nothing is paid twice."""
    place = Place(data=data, workspace=workspace, organization=organization)
    finished = perform(_resume(place, run, make_progress(quiet=as_json)))
    show(finished, as_json=as_json)
    raise typer.Exit(exit_code(finished))


@app.command()
def export(
    run: RunArgument,
    form: Annotated[Format, typer.Option("--format", help="Form of the rows.")] = Format.JSONL,
    target: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; standard output without.")
    ] = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
) -> None:
    """Write one row per item: expected, output, scores, outcome, latency, cost."""
    from evaluand.services.results import Results, star_metric

    def work(place: Opened) -> int:
        found = find(place, run)
        results = Results(place.services.runs).items(place.principal, found)
        rows = (item_row(result, star_metric(found)) for result in results)
        return export_rows(rows, form, target)

    count = inside(Place(data=data, workspace=workspace, organization=organization), work)
    if target is not None:
        typer.echo(f"{count} rows written to {target}", err=True)


def find(place: Opened, text: str) -> Run:
    """The run with this id, or the newest evaluation for ``latest``. Raises NotFound."""
    runs = place.services.runs
    if text != _LATEST:
        return runs.get(place.principal, ids.read_id(text, ids.RUN))
    request = PageRequest(size=1, sort="created_at")
    page = runs.page(place.principal, request, purposes=frozenset({Purpose.EVALUATION}))
    if not page.rows:
        raise NotFound("There is no run yet. Start one with 'evaluand run CONFIG.yaml'.")
    return page.rows[0]


async def _resume(place: Place, text: str, progress: Progress) -> Finished:
    from evaluand.cli.working import finish

    async with opened(place) as installation:
        run = find(installation, text)
        if run.status is RunStatus.CANCELLED:
            run = installation.services.runs.resume(installation.principal, run.id)
        elif run.status in FINAL:
            progress.say("The run has ended already; there is nothing to resume.")
        return report_on(installation, await finish(installation, [run], progress))


def _page(
    place: Opened, text: str, problems_only: bool, limit: int, after: int
) -> list[dict[str, Any]]:
    """The items of a page, and one more if there is a next page."""
    from evaluand.services.results import Results, star_metric

    run = find(place, text)
    chosen = (
        result
        for result in Results(place.services.runs).items(place.principal, run, after=after)
        if not problems_only
        or (result.place.execution is not None and result.place.execution.outcome in _PROBLEMS)
    )
    return [item_row(result, star_metric(run)) for result in islice(chosen, limit + 1)]


def _next(rows: list[dict[str, Any]], limit: int) -> int | None:
    return rows[limit - 1]["position"] if len(rows) > limit else None


def _print_items(rows: list[dict[str, Any]]) -> None:
    lines = [
        (
            row["position"],
            row["item"],
            row["outcome"] or "open",
            number(row["value"]),
            row["error"]["message"] if row["error"] else row["explanation"] or "",
        )
        for row in rows
    ]
    columns = [f"{RIGHT}position", "item", "outcome", f"{RIGHT}value", "why"]
    print_table(console(), columns, lines)


def _main_figure(report: dict[str, Any]) -> float | None:
    figures = star_figures(report)
    return next((figures[name] for name in _MAIN_FIGURES if name in figures), None)
