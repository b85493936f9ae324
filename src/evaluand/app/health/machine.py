"""What an installation stands on: settings, disk, database, engine and clock."""

from __future__ import annotations

import difflib
import shutil
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from evaluand.app.health.finding import CLOCK_SKEW_S, SYNCHRONISE, Finding, State
from evaluand.errors import EvaluandError
from evaluand.settings import Settings

if TYPE_CHECKING:
    from evaluand.store.migrate import Revisions

_PREFIX = "EVALUAND_"
_GB = 2**30
# A run of a thousand scans stores some hundred megabytes; below this the next one may not fit.
_LITTLE_SPACE = 1 * _GB


def unknown_settings(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Variables and members of evaluand.toml that no setting has, with the nearest that one has."""
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields}
    given = {name: "environment" for name in environment if name.startswith(_PREFIX)}
    given |= {name: ".env" for name in _names_in_dotenv() if name.startswith(_PREFIX)}
    toml = Path("evaluand.toml")
    if toml.is_file():
        names = tomllib.loads(toml.read_text(encoding="utf-8"))
        given |= {f"{_PREFIX}{name.upper()}": str(toml) for name in names}
    unknown = sorted(set(given) - known)
    for name in unknown:
        close = difflib.get_close_matches(name, known, n=1)
        fix = f"Did you mean {close[0]}?" if close else "Remove it; see docs/settings.md."
        found = f"{name} ({given[name]}) is no setting and has no effect."
        yield Finding("settings", State.WARNING, found, fix)
    if not unknown:
        yield Finding("settings", State.OK, "All that is set is known.")


def _names_in_dotenv() -> list[str]:
    from dotenv import dotenv_values

    return [name.upper() for name in dotenv_values(".env")] if Path(".env").is_file() else []


def data(settings: Settings) -> Iterator[Finding]:
    folder = settings.data
    while not folder.exists():
        folder = folder.absolute().parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        fix = f"Give this user the right to write to {folder}, or set EVALUAND_DATA."
        yield Finding("data folder", State.PROBLEM, f"{folder}: {error.strerror}.", fix)
        return
    made = "" if folder == settings.data else " (made on first use)"
    yield Finding("data folder", State.OK, f"{settings.data.absolute()} can be written{made}.")
    free = shutil.disk_usage(folder).free
    found = f"{free / _GB:.1f} GB are free."
    little = free < _LITTLE_SPACE
    state, fix = (
        (State.WARNING, "Make room before the next large run.") if little else (State.OK, "")
    )
    yield Finding("disk", state, found, fix)


def database(settings: Settings) -> Iterator[Finding]:
    from evaluand.store.database import Database
    from evaluand.store.migrate import revisions

    if not settings.database_url and not (settings.data / "evaluand.db").exists():
        yield Finding("database", State.OK, "There is none yet; it is made on first use.")
        return
    database = Database(settings.database)
    try:
        yield _schema(revisions(database))
    except EvaluandError as error:
        fix = "Check EVALUAND_DATABASE_URL, and that the database server runs."
        yield Finding("database", State.PROBLEM, error.message, fix)
    finally:
        database.close()


def _schema(found: Revisions) -> Finding:
    if found.current == found.newest:
        told = f"It can be reached; its schema is current ({found.newest})."
        return Finding("database", State.OK, told)
    if found.current is None or found.known:
        told = f"Its schema is {found.current or 'empty'}, the newest is {found.newest}."
        fix = "The next command that opens it brings it up to date; make a copy first."
        return Finding("database", State.WARNING, told, fix)
    told = f"Its schema ({found.current}) is newer than this Evaluand knows ({found.newest})."
    return Finding("database", State.PROBLEM, told, "Install the newer version of Evaluand.")


def clock(settings: Settings) -> Finding:
    written = [path.stat().st_mtime for path in settings.data.glob("evaluand.db*")]
    ahead = max(written, default=0.0) - time.time()
    if ahead > CLOCK_SKEW_S:
        found = f"The database was written {ahead:.0f} s in the future: the clock was set back."
        return Finding("clock", State.WARNING, found, SYNCHRONISE)
    return Finding("clock", State.OK, f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC.")


def worker(settings: Settings) -> Finding:
    from evaluand.engine.lock import EngineLock

    if not settings.data.is_dir():
        return Finding("engine", State.OK, "Nobody works on runs here.")
    lock = EngineLock(settings.data / "engine.lock")
    if lock.acquire():
        lock.release()
        return Finding("engine", State.OK, "Nobody works on runs here; 'evaluand serve' would.")
    return Finding("engine", State.OK, "A server or a command works on the runs in this folder.")
