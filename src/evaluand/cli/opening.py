"""Opens an installation for one command, and says in whose name it acts."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from evaluand.domain.model import Principal
from evaluand.errors import InvalidRequest, NotFound

if TYPE_CHECKING:
    from evaluand.app.installation import App
    from evaluand.services import Services
    from evaluand.settings import Settings

T = TypeVar("T")

DataOption = Annotated[Path | None, typer.Option("--data", help="Folder for database and files.")]
WorkspaceOption = Annotated[
    str | None,
    typer.Option("--workspace", "-w", help="Workspace; without it the only one, or 'default'."),
]
OrganizationOption = Annotated[
    str | None, typer.Option("--organization", help="Organization of the workspace.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a command acts: data folder, workspace, organization; None leaves the default."""

    data: Path | None = None
    workspace: str | None = None
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """An installation, and the principal the command acts as."""

    app: App
    principal: Principal

    @property
    def services(self) -> Services:
        """The use cases."""
        return self.app.services


def read_settings(**given: Any) -> Settings:
    """The settings, with those of ``given`` that are not None before all others.

    Raises InvalidRequest naming the setting that cannot be read.
    """
    from pydantic import ValidationError
    from pydantic_settings.exceptions import SettingsError

    from evaluand.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = [
            f"{_setting(fault['loc'])}: {fault['msg']}" for fault in error.errors(include_url=False)
        ]
        raise InvalidRequest(f"A setting cannot be used. {'; '.join(faults)}.") from error
    except (SettingsError, ValueError) as error:
        raise InvalidRequest(f"The settings cannot be read: {error}.") from error


@asynccontextmanager
async def opened(place: Place, *, create: bool = False) -> AsyncIterator[Opened]:
    """The installation of a data folder. With ``create`` what is missing is made.

    Raises NotFound where there is no data and none is to be made.
    """
    settings = read_settings(data=place.data)
    if not create and not settings.database_url and not (settings.data / "evaluand.db").exists():
        raise NotFound(
            f"There are no data in {str(settings.data)!r}. Name the folder with --data or "
            "EVALUAND_DATA, or start with 'evaluand run'."
        )
    from evaluand.app.installation import build

    app = build(settings)
    try:
        principal = app.services.access.owner(
            _name(), workspace=place.workspace, organization=place.organization, create=create
        )
        yield Opened(app, principal)
    finally:
        await app.stop()


def perform(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's coroutine to its end."""
    import asyncio

    return asyncio.run(work)


def inside(place: Place, work: Callable[[Opened], T], *, create: bool = False) -> T:
    """What ``work`` returns, given the installation; for commands that wait for nothing."""

    async def _inside() -> T:
        async with opened(place, create=create) as installation:
            return work(installation)

    return perform(_inside())


def _setting(place: tuple[int | str, ...]) -> str:
    first, *rest = (str(part) for part in place)
    name = first if first.isupper() else f"EVALUAND_{first.upper()}"
    return ".".join([name, *rest])


def _name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # Containers often run under a number that has no name.
        return "command line"
