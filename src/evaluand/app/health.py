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
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evaluand.errors import EvaluandError
from evaluand.settings import Settings

if TYPE_CHECKING:
    from evaluand.ports import Http, Response
    from evaluand.store.migrate import Revisions

_PREFIX = "EVALUAND_"
_GB = 2**30
# A run of a thousand scans stores some hundred megabytes; below this the next one may not fit.
_LITTLE_SPACE = 1 * _GB
# Keys, signed links and the order of rows are off by as much as the clock.
_CLOCK_SKEW_S = 60.0
_PROVIDER_TIMEOUT_S = 10.0
_UNAUTHORIZED = (401, 403)
_SERVER_FAULT = 500
_SYNCHRONISE = "Synchronise the clock (NTP)."
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
    findings += [_worker(settings), _clock(settings), _extra()]
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


def _clock(settings: Settings) -> Finding:
    written = [path.stat().st_mtime for path in settings.data.glob("evaluand.db*")]
    ahead = max(written, default=0.0) - time.time()
    if ahead > _CLOCK_SKEW_S:
        found = f"The database was written {ahead:.0f} s in the future: the clock was set back."
        return Finding("clock", State.WARNING, found, _SYNCHRONISE)
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
        recognise(np.full((64, 256), 255, dtype=np.uint8))
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


async def _providers(settings: Settings) -> AsyncIterator[Finding]:
    """Asks each configured provider for its models, which costs nothing."""
    from evaluand.models.http_client import AiohttpClient

    declared = {
        provider.name: (provider.base_url, provider.key()) for provider in settings.providers
    }
    if settings.openai_base_url or settings.openai_api_key:
        secret = settings.openai_api_key
        key = None if secret is None else secret.get_secret_value()
        declared["default"] = (settings.openai_base_url or "https://api.openai.com/v1", key)
    if not declared:
        told = "None is configured: judges and 'llm' targets are not available."
        yield Finding("provider", State.OK, told, "")
        return
    http = AiohttpClient(trusted_bases=[base_url for base_url, _ in declared.values()])
    try:
        for name, (base_url, key) in declared.items():
            yield await _provider(http, f"provider {name}", base_url, key)
    finally:
        await http.close()


async def _provider(http: Http, check: str, base_url: str, key: str | None) -> Finding:
    from evaluand.ports import CallFailed, Request

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = f"{base_url.rstrip('/')}/models"
    request = Request(method="GET", url=url, headers=headers, timeout_s=_PROVIDER_TIMEOUT_S)
    try:
        response = await http.send(request)
    except CallFailed as failure:
        fix = "Check the base URL, the network and the provider."
        return Finding(check, State.PROBLEM, failure.message, fix)
    if response.status in _UNAUTHORIZED:
        told = f"{url} answered {response.status}: it refuses the key."
        return Finding(check, State.PROBLEM, told, "Correct its API key.")
    if response.status >= _SERVER_FAULT:
        told = f"{url} answered {response.status}."
        return Finding(check, State.WARNING, told, "Try again later, or ask the provider.")
    return _punctual(check, url, response)


def _punctual(check: str, url: str, response: Response) -> Finding:
    """A provider that answers also tells the time."""
    try:
        theirs = parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    except ValueError:
        theirs = time.time()
    if abs(theirs - time.time()) > _CLOCK_SKEW_S:
        told = f"It answers, but its clock is {theirs - time.time():+.0f} s from this machine's."
        return Finding(check, State.WARNING, told, _SYNCHRONISE)
    return Finding(check, State.OK, f"{url} answers.")
