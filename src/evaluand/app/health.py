"""Whether an installation can work: each check says what it found and, if need be, what to do."""

from __future__ import annotations

import asyncio
import difflib
import importlib.util
import os
import shutil
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evaluand.errors import EvaluandError
from evaluand.settings import Settings

if TYPE_CHECKING:
    pass

_PREFIX = "EVALUAND_"
_GB = 2**30
# A run of a thousand scans stores some hundred megabytes; below this the next one may not fit.
_LITTLE_SPACE = 1 * _GB
# Keys, signed links and the order of rows are off by as much as the clock.
_CLOCK_SKEW_S = 60.0
_PROVIDER_TIMEOUT_S = 10.0
_UNAUTHORIZED = (401, 403)
_SERVER_FAULT = 500
# What the optional part ``documents`` brings, by the names it is imported under.
_DOCUMENTS = ("dateparser", "docx", "invoice2data", "onnxruntime", "pdfplumber", "PIL")
_READERS = ("price_parser", "pypdfium2", "rapidocr", "wordllama")


class State(StrEnum):
    """How bad it is: nothing to do, worth knowing, or in the way."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(NamedTuple):
    """What one check found, and what to do about it."""

    check: str
    state: State
    found: str
    fix: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """All checks, those of the machine first. None of them changes anything."""
    findings = [*unknown_settings(os.environ), *_data(settings), *_database(settings)]
    findings += [_worker(settings), _extra()]
    if findings[-1].state is State.OK:
        findings += [await asyncio.to_thread(_recognition), await asyncio.to_thread(_embeddings)]
    findings += [finding async for finding in _providers(settings)]
    return findings


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


def _data(settings: Settings) -> Iterator[Finding]:
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


def _database(settings: Settings) -> Iterator[Finding]:
    from evaluand.store.database import Database
    from evaluand.store.migrate import revisions

    if not settings.database_url and not (settings.data / "evaluand.db").exists():
        yield Finding("database", State.OK, "There is none yet; it is made on first use.")
        return
    database = Database(settings.database)
    try:
        current, newest, known = revisions(database)
        yield _schema(current, newest, known)
        if current == newest:
            yield _clock(database)
    except EvaluandError as error:
        fix = "Check EVALUAND_DATABASE_URL, and that the database server runs."
        yield Finding("database", State.PROBLEM, error.message, fix)
    finally:
        database.close()


def _schema(current: str | None, newest: str | None, known: bool) -> Finding:
    if current == newest:
        return Finding(
            "database", State.OK, f"It can be reached; its schema is current ({newest})."
        )
    if current is None or known:
        found = f"Its schema is {current or 'empty'}, the newest is {newest}."
        fix = "The next command that opens it brings it up to date; make a copy first."
        return Finding("database", State.WARNING, found, fix)
    found = f"Its schema ({current}) is newer than this version of Evaluand knows ({newest})."
    return Finding("database", State.PROBLEM, found, "Install the newer version of Evaluand.")


def _clock(database: object) -> Finding:
    from evaluand.store.database import Database
    from evaluand.store.newest import newest_row

    assert isinstance(database, Database)  # noqa: S101 - narrows the type
    newest = newest_row(database)
    ahead = 0.0 if newest is None else newest.timestamp() - time.time()
    if ahead > _CLOCK_SKEW_S:
        found = f"The newest run was made {ahead:.0f} s in the future: the clock was set back."
        return Finding("clock", State.WARNING, found, "Synchronise the clock (NTP).")
    return Finding("clock", State.OK, f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC.")


def _worker(settings: Settings) -> Finding:
    from evaluand.engine.lock import EngineLock

    if not settings.data.is_dir():
        return Finding("engine", State.OK, "Nobody works on runs here.")
    lock = EngineLock(settings.data / "engine.lock")
    if lock.acquire():
        lock.release()
        return Finding("engine", State.OK, "Nobody works on runs here; 'evaluand serve' would.")
    return Finding("engine", State.OK, "A server or a command works on the runs in this folder.")


def _extra() -> Finding:
    lacking = [name for name in (*_DOCUMENTS, *_READERS) if importlib.util.find_spec(name) is None]
    if not lacking:
        return Finding("documents", State.OK, "All readers of documents are installed.")
    found = f"Not installed: {', '.join(lacking)}. Documents cannot be read without them."
    return Finding("documents", State.WARNING, found, "pip install 'evaluand[documents]'")


def _recognition() -> Finding:
    import numpy as np

    from evaluand.documents.ocr import recognise

    try:
        recognise(np.full((64, 256, 3), 255, dtype=np.uint8))
    except Exception as error:  # whatever keeps it from working is what is to be told
        fix = "Install it anew: pip install --force-reinstall rapidocr onnxruntime"
        return Finding("text recognition", State.PROBLEM, f"{type(error).__name__}: {error}", fix)
    return Finding("text recognition", State.OK, "Its models are here and load.")


def _embeddings() -> Finding:
    from evaluand.models.local_embeddings import LocalEmbedder

    try:
        LocalEmbedder().embed(["doctor"])
    except Exception as error:  # whatever keeps it from working is what is to be told
        fix = "Install it anew: pip install --force-reinstall wordllama"
        return Finding("embeddings", State.PROBLEM, f"{type(error).__name__}: {error}", fix)
    return Finding("embeddings", State.OK, "The local weights are here and load.")
