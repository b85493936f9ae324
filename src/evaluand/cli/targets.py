"""``evaluand targets``: look at what is evaluated, and at its versions."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from evaluand.cli import ids
from evaluand.cli.importing import all_of
from evaluand.cli.opening import (
    DataOption,
    JsonOption,
    Opened,
    OrganizationOption,
    Place,
    WorkspaceOption,
    inside,
)
from evaluand.cli.output import console, print_json, print_table
from evaluand.domain.model import Target, TargetKind, TargetSummary, TargetVersion

app = typer.Typer(help="Targets and their versions.", no_args_is_help=True)


@app.command("list")
def list_targets(
    kind: Annotated[TargetKind | None, typer.Option(help="Only targets of this kind.")] = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
    as_json: JsonOption = False,
) -> None:
    """List targets, the newest of each kind first."""

    def work(place: Opened) -> list[dict[str, Any]]:
        kinds = [kind] if kind else list(TargetKind)
        return [_described(target) for each in kinds for target in _of_kind(place, each)]

    rows = inside(Place(data=data, workspace=workspace, organization=organization), work)
    if as_json:
        print_json(rows)
        return
    cells = [(row["id"], row["kind"], row["name"], f"{row['updatedAt']:%Y-%m-%d}") for row in rows]
    print_table(console(), ["target", "kind", "name", "updated"], cells)


@app.command("show")
def show_target(
    chosen: Annotated[str, typer.Argument(metavar="TARGET", help="The target's id.")],
    version: Annotated[
        str | None, typer.Option(help="Show the configuration of this version, or of 'draft'.")
    ] = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a target's versions, or the configuration of one."""

    def work(place: Opened) -> dict[str, Any]:
        targets = place.services.targets
        target = targets.any(place.principal, ids.read_id(chosen, ids.TARGET), "TARGET")
        if version is not None:
            found = targets.version(place.principal, target.summary.id, version)
            return {**_version(found), "config": found.config}
        return {
            **_described(target.summary),
            "versions": [_version(each) for each in _versions(place, target)],
        }

    shown = inside(Place(data=data, workspace=workspace, organization=organization), work)
    if as_json or version is not None:
        print_json(shown)
        return
    out = console()
    out.print(f"{shown['name']}  {shown['id']}  {shown['kind']}\n", style="bold")
    cells = [
        (row["number"], row["id"], f"{row['createdAt']:%Y-%m-%d %H:%M}", row["description"] or "-")
        for row in shown["versions"]
    ]
    print_table(out, ["version", "id", "made", "description"], cells)


def _of_kind(place: Opened, kind: TargetKind) -> list[TargetSummary]:
    targets = place.services.targets
    return list(all_of(lambda request: targets.page(place.principal, kind, request)))


def _versions(place: Opened, target: Target) -> list[TargetVersion]:
    targets, summary = place.services.targets, target.summary
    return list(
        all_of(lambda request: targets.versions(place.principal, summary.kind, summary.id, request))
    )


def _described(target: TargetSummary) -> dict[str, Any]:
    return {
        "id": ids.shown(ids.TARGET, target.id),
        "kind": target.kind,
        "name": target.name,
        "createdAt": target.created_at,
        "updatedAt": target.updated_at,
    }


def _version(version: TargetVersion) -> dict[str, Any]:
    return {
        "number": version.number or "draft",
        "id": ids.shown(ids.VERSION, version.id),
        "description": version.description,
        "createdAt": version.created_at,
    }
