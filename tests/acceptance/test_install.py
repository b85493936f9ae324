"""What a plain ``pip install evaluand`` costs, and what it says where an optional part is missing.

Installed into a throw-away environment from the lock file, without extras.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MOST_DISTRIBUTIONS = 45
LARGEST_MB = 280
LONGEST_IMPORT_S = 0.3
_REPEATS = 7

pytestmark = pytest.mark.slow


def _uv() -> str:
    bundled = ROOT / ".tools" / "uv" / "bin" / "uv"
    found = str(bundled) if bundled.exists() else shutil.which("uv")
    if found is None:
        pytest.fail("uv is missing: run the tests with `make test`, which brings it along")
    return found


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment with the core and nothing else."""
    environment = tmp_path_factory.mktemp("install") / "core"
    subprocess.run(
        [_uv(), "sync", "--frozen", "--no-default-groups", "--no-editable", "--quiet"],
        cwd=ROOT,
        env={**_environment(), "UV_PROJECT_ENVIRONMENT": str(environment)},
        check=True,
        timeout=280,
    )
    return environment


def _environment() -> dict[str, str]:
    # Neither this checkout's environment nor anybody's settings may leak into what is measured.
    dropped = ("VIRTUAL_ENV", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {name: value for name, value in kept.items() if not name.startswith("EVALUAND_")} | {
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
    }


def _site_packages(environment: Path) -> Path:
    (found,) = environment.glob("lib/python*/site-packages")
    return found


def _run(core: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [core / "bin" / arguments[0], *arguments[1:]],
        cwd=cwd,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_core_is_few_distributions(core: Path) -> None:
    installed = [
        distribution.name
        for distribution in importlib.metadata.distributions(path=[str(_site_packages(core))])
    ]

    assert "evaluand" in installed
    assert len(installed) <= MOST_DISTRIBUTIONS, sorted(installed)


def test_the_core_is_small(core: Path) -> None:
    files = [p for p in _site_packages(core).rglob("*") if p.is_file() and p.suffix != ".pyc"]

    size_mb = sum(path.stat().st_size for path in files) / 1e6

    assert size_mb <= LARGEST_MB


def test_importing_costs_next_to_nothing(core: Path, tmp_path: Path) -> None:
    def seconds(code: str) -> float:
        started = time.perf_counter()
        done = _run(core, "python", "-c", code, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return time.perf_counter() - started

    # In turns, so that a busy machine slows both alike.
    pairs = [(seconds("pass"), seconds("import evaluand")) for _ in range(_REPEATS)]

    assert statistics.median(imported - bare for bare, imported in pairs) < LONGEST_IMPORT_S


def test_importing_loads_nothing_heavy(core: Path, tmp_path: Path) -> None:
    code = "import evaluand, sys, json; print(json.dumps(sorted(sys.modules)))"

    loaded = set(json.loads(_run(core, "python", "-c", code, cwd=tmp_path).stdout))

    assert not loaded & {"numpy", "scipy", "fastapi", "sqlalchemy", "pydantic", "aiohttp", "rich"}


def test_the_command_line_helps_without_extras(core: Path, tmp_path: Path) -> None:
    helped = _run(core, "evaluand", "--help", cwd=tmp_path)

    assert helped.returncode == 0, helped.stderr
    assert "serve" in helped.stdout
    assert "keys" in helped.stdout


def test_a_server_without_extras_can_be_built(core: Path, tmp_path: Path) -> None:
    code = (
        "from evaluand.app.installation import build; from evaluand.settings import Settings; "
        "app = build(Settings()); print('built')"
    )

    built = _run(core, "python", "-c", code, cwd=tmp_path)

    assert built.stdout.strip() == "built", built.stderr


def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    core: Path, tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from evaluand.documents.reading import ReadingLimits, read; "
        "from evaluand.errors import MissingExtra\n"
        "try: read(Path(sys.argv[1]), name='a.pdf', limits=ReadingLimits())\n"
        "except MissingExtra as error: print(error.message)"
    )
    pdf = next((ROOT / "examples" / "invoices" / "files").glob("*.pdf"))

    read = _run(core, "python", "-c", code, str(pdf), cwd=tmp_path)

    assert "pip install 'evaluand[documents]'" in read.stdout, read.stderr
