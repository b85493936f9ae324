"""The TypeScript SDK: its tests run under Node, and each is reported here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.dialects.extend.conftest import Server
from tests.dialects.extend.samples import Invoice

from evaluand.testing.pdf import make_encrypted_pdf

_SUITE = Path(__file__).parent / "typescript"
_TEST = re.compile(r'^test\("(?P<name>[^"]+)"', re.MULTILINE)
_RESULT = re.compile(r"^(?P<failed>not )?ok \d+ - (?P<name>.+)$", re.MULTILINE)


def _names() -> list[str]:
    return [
        name
        for file in sorted(_SUITE.glob("*.test.js"))
        for name in _TEST.findall(file.read_text())
    ]


@pytest.fixture(scope="module")
def report(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What Node said about all tests. The client is installed as the lock file has it."""
    if shutil.which("npm") is None:
        pytest.fail("Node and npm are needed for the TypeScript client: apt install nodejs npm")
    suite = tmp_path_factory.mktemp("typescript") / "suite"
    shutil.copytree(_SUITE, suite, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=suite, check=True)
    invoice, locked = suite / "invoice.pdf", suite / "locked.pdf"
    invoice.write_bytes(Invoice(number="TS-1").pdf())
    locked.write_bytes(make_encrypted_pdf([["secret"]], password="right"))
    environment = {
        **os.environ,
        "EVALUAND_URL": server.url,
        "EVALUAND_KEY": server.key,
        "EVALUAND_INVOICE": str(invoice),
        "EVALUAND_LOCKED": str(locked),
    }
    command = ["node", "--test", "--test-reporter=tap"]
    ran = subprocess.run(
        command, cwd=suite, env=environment, capture_output=True, text=True, check=False
    )
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("name", _names())
def test_the_typescript_client(report: str, name: str) -> None:
    results = {
        match["name"].strip(): not match["failed"] for match in _RESULT.finditer(_flat(report))
    }
    assert results.get(name), report


def _flat(report: str) -> str:
    return "\n".join(line.strip() for line in report.splitlines())
