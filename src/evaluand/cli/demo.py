"""``evaluand demo``: the main job on real documents, from files to a verdict, in a minute or two.

It does what a user does: starts a server, hands it run files, watches, and reads the results.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evaluand.cli import ids
from evaluand.cli.opening import Opened, Place, opened, perform
from evaluand.cli.output import RIGHT, console, interval, number, print_table
from evaluand.cli.progress import make_progress
from evaluand.cli.run import INCOMPLETE, Finished, evaluate, exit_code
from evaluand.errors import NotFound

if TYPE_CHECKING:
    from rich.console import Console

    from evaluand.cli.demo_server import DemoServer
    from evaluand.cli.run_file import RunFile
    from evaluand.services.results import ItemResult

_WORKSPACE = "demo"
# The Extend dialect wants its version named in every request.
_API_VERSION = "x-extend-api-version: 2026-02-09"


def demo(
    data: Annotated[Path, typer.Option("--data", help="Folder for what the demo stores.")] = Path(
        ".demo"
    ),
    examples: Annotated[
        Path | None, typer.Option(help="The examples of the repository; found in a checkout.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server running.")] = False,
) -> None:
    """Evaluate two versions of an invoice extractor on real documents, and show what changed."""
    from evaluand.cli.demo_server import serve

    folder = _examples(examples)
    out = console()
    out.print("Starting a server …", style="dim")
    server = serve(data)
    try:
        code = perform(_demo(out, server, data, folder, keep=keep))
    except BaseException:
        server.stop()
        raise
    if keep:
        out.print(f"\nThe server goes on at {server.url}. Stop it with: kill {server.pid}")
    else:
        server.stop()
        if server.is_own:
            out.print("\nThe server has stopped; 'make demo KEEP=1' leaves it running.")
    raise typer.Exit(code)


async def _demo(out: Console, server: DemoServer, data: Path, folder: Path, *, keep: bool) -> int:
    from evaluand.cli.run_file import read_run_file

    async with opened(Place(data=data, workspace=_WORKSPACE), create=True) as place:
        out.print(f"Server: {server.url}, data in {data}\n")
        invoices = _unnumbered(read_run_file(folder / "invoices" / "invoices.yaml"))
        out.print("1. Two versions of an invoice extractor on 30 invoices", style="bold")
        main = await evaluate(place, replace(invoices, slices=("layout",)), make_progress())
        if exit_code(main) == INCOMPLETE:
            return INCOMPLETE
        _show(out, main)
        out.print("\n2. What the engines that need no model and no network achieve", style="bold")
        others = []
        for described in (
            _baseline(invoices),
            _unnumbered(read_run_file(folder / "mixed" / "classify.yaml")),
            _unnumbered(read_run_file(folder / "mixed" / "split.yaml")),
        ):
            finished = await evaluate(place, described, make_progress())
            if exit_code(finished) == INCOMPLETE:
                return INCOMPLETE
            others.append(finished)
        _show_quality(out, place, main, others)
        _show_ways_on(out, server, place, main, data, keep=keep)
        return max(exit_code(each) for each in (main, *others))


def _examples(given: Path | None) -> Path:
    checkout = Path(__file__).resolve().parents[3]
    for folder in [given] if given else [Path("examples"), checkout / "examples"]:
        if (folder / "invoices" / "invoices.yaml").is_file():
            return folder
    raise NotFound(
        "The demo needs the examples of the repository. Run it in a checkout, or name their folder "
        "with --examples."
    )


def _unnumbered(described: RunFile) -> RunFile:
    """Without version numbers: in the data of an older checkout they may mean something else."""
    versions = tuple(replace(version, number=None) for version in described.versions)
    return replace(described, versions=versions)


def _baseline(invoices: RunFile) -> RunFile:
    """The same invoices, those with text, read by the engine that knows no template."""
    last = invoices.versions[-1]
    baseline = replace(
        last,
        target="Invoice extractor without templates",
        description="Labels, layout and printed forms",
        config={**last.config, "engine": {"kind": "baseline"}},
    )
    texts = tuple(item for item in invoices.set.items if not item.metadata.get("scanned"))
    return replace(invoices, versions=(baseline,), set=replace(invoices.set, items=texts), gate=())


def _show(out: Console, finished: Finished) -> None:
    from evaluand.cli.rendering import render_comparison, render_gate, render_run

    first, second = finished.report["runs"]
    render_run(out, first, brief=True)
    render_run(out, second)
    for comparison in finished.report["comparisons"]:
        render_comparison(out, comparison)
    render_gate(out, finished.gate)


def _show_quality(out: Console, place: Opened, main: Finished, others: Sequence[Finished]) -> None:
    covered = _covered(place, main)
    rows = [("templates", "text invoices, layouts with a template", "field accuracy", covered)]
    for (engine, documents, figure, name), each in zip(_OTHERS, others, strict=True):
        report = each.report["runs"][0]
        figures = report["metrics"].get(report["star"], {})
        ends = figures.get(f"{name}_interval") or figures.get("interval")
        value = {"items": report["items"], "value": figures.get(name), "interval": ends}
        rows.append((engine, documents, figure, value))
    out.print()
    print_table(
        out,
        ["  engine", "documents", f"{RIGHT}number", "figure", f"{RIGHT}value", "95% interval"],
        [
            (
                f"  {engine}",
                documents,
                f"{found['items']:g}",
                figure,
                number(found["value"]),
                interval(found["interval"]),
            )
            for engine, documents, figure, found in rows
        ],
    )


_OTHERS = (
    ("baseline extractor", "all text invoices", "field accuracy", "accuracy"),
    ("baseline classifier", "documents of nine classes", "accuracy", "accuracy"),
    ("baseline splitter", "packs of several documents", "F1 of exact splits", "f1"),
)


def _covered(place: Opened, main: Finished) -> dict[str, Any]:
    """Field accuracy of the last version on text invoices of layouts that some template fits."""
    from evaluand.cli.report import pooled
    from evaluand.domain.comparison import earned
    from evaluand.services.results import Results, star_metric

    run = main.runs[-1]
    star = star_metric(run) or ""
    results = list(Results(place.services.runs).items(place.principal, run))
    layouts = {_layout(result) for result in results if _is_filled(result)}
    scores = [
        result.score(star)
        for result in results
        if _layout(result) in layouts and not result.place.content.metadata.get("scanned")
    ]
    contributions = [earned(score) for score in scores if score is not None]
    return pooled([each.share for each in contributions if each is not None])


def _layout(result: ItemResult) -> object:
    return result.place.content.metadata.get("layout")


def _is_filled(result: ItemResult) -> bool:
    """Whether a template fitted: what none fits comes out empty."""
    execution = result.place.execution
    output = None if execution is None else execution.answer.output
    value = (output or {}).get("value") or {}
    return any(part not in (None, []) for part in value.values())


def _show_ways_on(
    out: Console, server: DemoServer, place: Opened, main: Finished, data: Path, *, keep: bool
) -> None:
    run = main.runs[-1]
    shown = ids.shown(ids.RUN, run.id)
    out.print("\n3. How to go on", style="bold")
    where = f"--data {data} -w {_WORKSPACE}"
    for words in (f"show {shown} --failed", f"export {shown} --format csv -o results.csv"):
        out.print(f"  {_program()} runs {words} {where}", soft_wrap=True)
    if keep:
        key = place.services.access.create_key(workspace=_WORKSPACE, name="demo")
        path = f"{server.url}/evaluation_set_runs/{ids.shown('bpr', run.id)}"
        headers = f"-H 'Authorization: Bearer {key.token}' -H '{_API_VERSION}'"
        out.print(f"  curl {headers} {path}", soft_wrap=True)
        out.print(f"  Pages and API: {server.url}/")


def _program() -> str:
    """How this program was called: in a checkout it is rarely on the path."""
    called = Path(sys.argv[0])
    if called.name != "evaluand" or shutil.which("evaluand") == str(called):
        return "evaluand"
    return os.path.relpath(called)
