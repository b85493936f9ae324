"""``evaluand keys``: make, list and revoke API keys. Works while a server runs on the same data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluand.cli.opening import DataOption, JsonOption, read_settings
from evaluand.cli.output import console, print_json, print_table
from evaluand.domain.ids import from_prefixed, to_prefixed
from evaluand.domain.model import ApiKey, Role
from evaluand.errors import NotFound
from evaluand.services.access import Access

app = typer.Typer(help="API keys and the workspaces they belong to.", no_args_is_help=True)

_PREFIX = "key"


@app.command()
def create(
    workspace: Annotated[
        str | None, typer.Option(help="Workspace the key acts in; none for an organization key.")
    ] = None,
    organization: Annotated[str | None, typer.Option(help="Organization of the workspace.")] = None,
    user: Annotated[str | None, typer.Option(help="E-mail address of the key's owner.")] = None,
    role: Annotated[Role | None, typer.Option(help="What the key may do.")] = None,
    name: Annotated[str | None, typer.Option(help="Name shown beside what it makes.")] = None,
    data: DataOption = None,
) -> None:
    """Make a key, and what it belongs to if it is new. Prints the token, shown this once."""
    chosen = role or (Role.MEMBER if workspace else Role.ADMIN)
    with _access(data) as access:
        made = access.create_key(
            workspace=workspace, organization=organization, email=user, role=chosen, name=name
        )
    print(made.token)


@app.command("list")
def list_keys(
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List all keys, without their secrets."""
    with _access(data) as access:
        rows = [_described(key) for key in access.list_keys()]
    if as_json:
        print_json(rows)
        return
    named = ("id", "name", "hint", "organization", "workspace", "workspaceId", "role")
    cells = [
        (*(row[name] or "-" for name in named), "revoked" if row["revokedAt"] else "active")
        for row in rows
    ]
    columns = ["id", "name", "begins with", "organization", "workspace", "its id", "role", "state"]
    print_table(console(), columns, cells)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id.")],
    data: DataOption = None,
) -> None:
    """Make a key worthless at once."""
    public_id = from_prefixed(_PREFIX, key_id)
    if public_id is None:
        raise NotFound(f"{key_id!r} is no key's id. Take one from 'evaluand keys list'.")
    with _access(data) as access:
        access.revoke_key(public_id)


@contextmanager
def _access(data: Path | None) -> Iterator[Access]:
    # Only the store: making a key must not wait for engines and models to load.
    from evaluand.app.opening import open_store

    store, clock = open_store(read_settings(data=data))
    try:
        yield Access(store.access, clock)
    finally:
        store.close()


def _described(key: ApiKey) -> dict[str, Any]:
    return {
        "id": to_prefixed(_PREFIX, key.id),
        "name": key.name,
        "hint": key.hint,
        "organization": key.organization,
        "workspace": key.workspace,
        # What an organization's key names in each request.
        "workspaceId": to_prefixed("ws", key.workspace_id) if key.workspace_id else None,
        "user": key.user,
        "role": key.role,
        "createdAt": key.created_at,
        "revokedAt": key.revoked_at,
    }
