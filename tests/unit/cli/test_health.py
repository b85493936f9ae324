"""What ``evaluand doctor`` finds on a machine, and what it says to do."""

from __future__ import annotations

import asyncio
import os
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from evaluand.app.health import Finding, State, examine
from evaluand.app.health.machine import clock, data, database, unknown_settings, worker
from evaluand.app.health.providers import ask
from evaluand.engine.lock import EngineLock
from evaluand.ports import CallFailed, Response
from evaluand.settings import Settings
from evaluand.store.database import Database
from evaluand.store.migrate import migrate
from evaluand.testing.fakes import ScriptedHttp


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No ``.env``, ``evaluand.toml`` or provider of this machine has a say."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if "OPENAI" in name or name.startswith("EVALUAND_"):
            monkeypatch.delenv(name)


def _settings(tmp_path: Path, **given: object) -> Settings:
    return Settings(data=tmp_path / "data", **given)  # type: ignore[arg-type]


def _found(findings: list[Finding], check: str) -> Finding:
    return next(finding for finding in findings if finding.check == check)


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────


def test_known_settings_are_fine() -> None:
    (finding,) = unknown_settings({"EVALUAND_PORT": "1", "PATH": "/bin"})

    assert finding.state is State.OK


def test_an_unknown_setting_is_told_with_the_nearest_name() -> None:
    (finding,) = unknown_settings({"EVALUAND_PROT": "1"})

    assert finding.state is State.WARNING
    assert finding.found == "EVALUAND_PROT (environment) is no setting and has no effect."
    assert finding.fix == "Did you mean EVALUAND_PORT?"


def test_unknown_names_in_files_are_told_too(tmp_path: Path) -> None:
    (tmp_path / "evaluand.toml").write_text("jugde_model = 'x'\nport = 1\n")
    (tmp_path / ".env").write_text("EVALUAND_DATTA=x\nOTHER=1\n")

    told = [finding.found for finding in unknown_settings({})]

    assert told == [
        "EVALUAND_DATTA (.env) is no setting and has no effect.",
        "EVALUAND_JUGDE_MODEL (evaluand.toml) is no setting and has no effect.",
    ]


# ── Disk, database, engine, clock ────────────────────────────────────────────────────────────────


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    findings = asyncio.run(examine(_settings(tmp_path)))

    assert not (tmp_path / "data").exists()
    assert {finding.state for finding in findings} == {State.OK}
    assert "made on first use" in _found(findings, "data folder").found


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)

    (finding,) = data(_settings(tmp_path))

    assert finding.state is State.PROBLEM
    assert "EVALUAND_DATA" in finding.fix


def _database(tmp_path: Path) -> Database:
    (tmp_path / "data").mkdir()
    made = Database(f"sqlite:///{tmp_path / 'data' / 'evaluand.db'}")
    migrate(made)
    return made


def test_a_current_database_is_fine(tmp_path: Path) -> None:
    _database(tmp_path).close()

    (finding,) = database(_settings(tmp_path))

    assert finding.state is State.OK
    assert "schema is current" in finding.found


def test_a_database_of_a_newer_version_is_a_problem(tmp_path: Path) -> None:
    made = _database(tmp_path)
    made.write(lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    made.close()

    (finding,) = database(_settings(tmp_path))

    assert finding.state is State.PROBLEM
    assert "(9999) is newer" in finding.found


def test_an_empty_database_waits_for_its_schema(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "evaluand.db").touch()

    (finding,) = database(_settings(tmp_path))

    assert finding.state is State.WARNING


def test_a_database_that_is_away_is_a_problem(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none' / 'evaluand.db'}"

    (finding,) = database(_settings(tmp_path, database_url=url))

    assert finding.state is State.PROBLEM
    assert "EVALUAND_DATABASE_URL" in finding.fix


def test_it_is_told_whether_somebody_works(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    settings.data.mkdir()
    lock = EngineLock(settings.data / "engine.lock")

    assert lock.acquire()
    busy = worker(settings)
    lock.release()

    assert "works on the runs in this folder" in busy.found
    assert "Nobody works" in worker(settings).found


def test_a_clock_that_was_set_back_is_told(tmp_path: Path) -> None:
    _database(tmp_path).close()
    ahead = time.time() + 3600
    os.utime(tmp_path / "data" / "evaluand.db", (ahead, ahead))

    finding = clock(_settings(tmp_path))

    assert finding.state is State.WARNING
    assert "set back" in finding.found


# ── Providers ────────────────────────────────────────────────────────────────────────────────────


def _dated(seconds_ago: int) -> Response:
    return Response(
        status=200,
        body=b"",
        headers={"date": formatdate(time.time() - seconds_ago, usegmt=True)},
    )


@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [
        (0, State.OK, "answers."),
        (Response(status=404, body=b""), State.OK, "answers."),
        (Response(status=401, body=b""), State.PROBLEM, "refuses the key"),
        (Response(status=503, body=b""), State.WARNING, "answered 503"),
        (3600, State.WARNING, "its clock"),
        (CallFailed("refused", "no connection", retryable=True), State.PROBLEM, "no connection"),
    ],
)
def test_a_provider_is_asked_for_its_models(
    answer: Response | CallFailed | int, state: State, told: str
) -> None:
    """A number stands for an answer dated that many seconds ago."""
    http = ScriptedHttp()
    dated = _dated(answer) if isinstance(answer, int) else answer
    http.answers["http://models.example/v1/models"] = dated

    finding = asyncio.run(ask(http, "provider default", "http://models.example/v1/", "secret"))

    (request,) = http.sent
    assert (request.method, request.url) == ("GET", "http://models.example/v1/models")
    assert request.headers == {"Authorization": "Bearer secret"}
    assert (finding.check, finding.state) == ("provider default", state)
    assert told in finding.found
    assert "secret" not in finding.found + finding.fix
