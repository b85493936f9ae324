"""``evaluand sets``: look at evaluation sets, bring items in and take them out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluand.cli import ids
from evaluand.cli.exporting import Format, export_rows
from evaluand.cli.importing import ITEM_ID, Importer, all_of
from evaluand.cli.nodes import load
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
from evaluand.cli.output import RIGHT, console, print_json, print_table
from evaluand.cli.run_file import SetSource, read_items
from evaluand.domain.model import EvaluationSet, Item

app = typer.Typer(help="Evaluation sets and their items.", no_args_is_help=True)

SetArgument = Annotated[str, typer.Argument(metavar="SET", help="The set's id.")]


@app.command("list")
def list_sets(
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
    as_json: JsonOption = False,
) -> None:
    """List evaluation sets, the newest first."""

    def work(place: Opened) -> list[dict[str, Any]]:
        sets = place.services.sets
        found = all_of(lambda request: sets.page(place.principal, request, target=None))
        return [_described(each) for each in found]

    rows = inside(Place(data=data, workspace=workspace, organization=organization), work)
    if as_json:
        print_json(rows)
        return
    cells = [(row["id"], row["name"], row["kind"], row["target"], row["version"]) for row in rows]
    print_table(console(), ["set", "name", "kind", "target", f"{RIGHT}version"], cells)


@app.command("show")
def show_set(
    chosen: SetArgument,
    limit: Annotated[int, typer.Option(min=0, max=10_000, help="Items to show.")] = 20,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a set and its first items."""

    def work(place: Opened) -> dict[str, Any]:
        found = place.services.sets.get(place.principal, ids.read_id(chosen, ids.SET))
        rows = [_row(item) for item in _in_order(place, found)]
        return {**_described(found), "itemCount": len(rows), "items": rows[:limit]}

    shown = inside(Place(data=data, workspace=workspace, organization=organization), work)
    if as_json:
        print_json(shown)
        return
    out = console()
    out.print(f"{shown['name']}  {shown['id']}", style="bold")
    out.print(f"  {shown['itemCount']} items for a {shown['kind']}, version {shown['version']}\n")
    cells = [
        (row["id"], row["itemId"], ", ".join(row["files"]) or "-", _brief(row["expected"]))
        for row in shown["items"]
    ]
    print_table(out, ["item", "id", "files", "expected"], cells)


@app.command("import")
def import_items(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="Items, one JSON object a line.")],
    name: Annotated[str, typer.Option(help="Name of the set; made if there is none.")],
    target: Annotated[str, typer.Option(help="Id of the target the items are for.")],
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring items and their files into a set. Items that are there already are left as they are."""
    place = Place(data=data, workspace=workspace, organization=organization)
    done = perform(_import(place, source, name, target))
    if as_json:
        print_json(done)
    else:
        print(f"{done['id']}: {done['added']} items added, {done['changed']} changed")


@app.command("export")
def export_items(
    chosen: SetArgument,
    folder: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder for items.jsonl and the files beside it."),
    ] = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    organization: OrganizationOption = None,
) -> None:
    """Write a set's items, one JSON object a line, in the form that ``import`` reads."""

    def work(place: Opened) -> int:
        found = place.services.sets.get(place.principal, ids.read_id(chosen, ids.SET))
        if folder is None:
            return export_rows(map(_exported, _in_order(place, found)), Format.JSONL, None)
        (folder / "files").mkdir(parents=True, exist_ok=True)
        rows = (_with_files(place, item, folder) for item in _in_order(place, found))
        return export_rows(rows, Format.JSONL, folder / "items.jsonl")

    count = inside(Place(data=data, workspace=workspace, organization=organization), work)
    if folder is not None:
        typer.echo(f"{count} items written to {folder / 'items.jsonl'}", err=True)


async def _import(place: Place, source: Path, name: str, target: str) -> dict[str, Any]:
    from evaluand.app.turns import importing

    async with opened(place) as found:
        owner = found.services.targets.any(
            found.principal, ids.read_id(target, ids.TARGET), "--target"
        ).summary
        items = read_items(load(source), owner.kind)
        described = SetSource(name=name, kind=owner.kind, items=items)
        async with importing(found.app.settings.data):
            done = await Importer(found.services, found.principal).set(described, owner)
        return {**_described(done.set), "added": done.added, "changed": done.changed}


def _in_order(place: Opened, chosen: EvaluationSet) -> Iterator[Item]:
    newest_first = list(Importer(place.services, place.principal).items_of(chosen))
    return reversed(newest_first)


def _described(chosen: EvaluationSet) -> dict[str, Any]:
    return {
        "id": ids.shown(ids.SET, chosen.id),
        "name": chosen.name,
        "description": chosen.description,
        "kind": chosen.kind,
        "target": chosen.target.name,
        "targetId": ids.shown(ids.TARGET, chosen.target.id),
        "version": chosen.version,
        "createdAt": chosen.created_at,
        "updatedAt": chosen.updated_at,
    }


def _row(item: Item) -> dict[str, Any]:
    return {**_exported(item), "itemId": ids.shown(ids.ITEM, item.id)}


def _exported(item: Item) -> dict[str, Any]:
    """The item as a line of a file of items."""
    content = item.content
    metadata = {name: value for name, value in content.metadata.items() if name != ITEM_ID}
    row = {
        "id": content.metadata.get(ITEM_ID) or ids.shown(ids.ITEM, item.id),
        "files": [file.name for file in content.files],
        "inputs": content.inputs,
        "expected": content.expected,
        "outputs": content.output,
        "metadata": metadata,
    }
    return {name: value for name, value in row.items() if value or name in ("files", "expected")}


def _with_files(place: Opened, item: Item, folder: Path) -> dict[str, Any]:
    """The item with its files copied; equal names are told apart by the item's id."""
    row = _exported(item)
    paths = []
    for file in item.content.files:
        link = place.services.files.link(place.principal, file)
        _, source = place.services.files.follow(link)
        path = Path("files") / f"{file.sha256[:8]}-{file.name}"
        shutil.copyfile(source, folder / path)
        paths.append(str(path))
    return {**row, "files": paths}


def _brief(expected: object) -> str:
    text = str(expected)
    longest = 60
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
