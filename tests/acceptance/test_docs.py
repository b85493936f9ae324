"""The documentation's examples are executed, and what they print is what the page shows.

A comment before a fenced block says what to do with it:

``<!-- run -->``          runs it: the commands of a console block, or Python
``<!-- background -->``   starts it and lets it run until the page ends (a server)
``<!-- file: NAME -->``   writes it to a file
``<!-- output -->``       compares it with what the Python before it printed

Blocks of a page run in order, in one folder, with one shell's variables and one Python. In output
that is shown, ``…`` stands for anything.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
    if re.search(r"^<!-- (run|file: .+) -->$", page.read_text("utf-8"), re.MULTILINE)
)
SHOWN_ADDRESS = "127.0.0.1:8080"
PATIENCE_S = 180
WIDTH = "100"

_BLOCK = re.compile(
    r"^<!-- (?P<what>run|background|output|file: (?P<name>\S+)) -->\n"
    r"```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)

# Executes blocks in one namespace; talks JSON lines with the test.
_PYTHON = """
import contextlib, io, json, sys, traceback
names = {"__name__": "__main__"}
for line in sys.stdin:
    printed = io.StringIO()
    fault = None
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(json.loads(line), "<docs>", "exec"), names)
        except BaseException:
            fault = traceback.format_exc()
    print(json.dumps([printed.getvalue(), fault]), flush=True)
"""


class Block(NamedTuple):
    """A marked block of a page, and the line it begins on."""

    what: str
    name: str | None
    language: str
    body: str
    line: int


def blocks_of(text: str) -> list[Block]:
    """The marked blocks of a page, in order."""
    return [
        Block(
            found["what"].partition(":")[0],
            found["name"],
            found["language"],
            found["body"],
            text.count("\n", 0, found.start()) + 1,
        )
        for found in _BLOCK.finditer(text)
    ]


def commands_of(body: str) -> tuple[str, str]:
    """The commands of a console block as one script, and the output it shows."""
    commands: list[str] = []
    shown: list[str] = []
    continued = False
    for line in body.splitlines():
        if continued or line.startswith("$ "):
            commands.append(line if continued else line[2:])
            continued = line.endswith("\\")
        else:
            shown.append(line)
    return "\n".join(commands), "\n".join(shown)


def is_shown(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed; blanks at line ends and around do not count."""
    pattern = ".*?".join(re.escape(part) for part in _trimmed(shown).split("…"))
    return re.fullmatch(pattern, _trimmed(printed), re.DOTALL) is not None


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


class Reader:
    """Somebody who types what a page says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[str]] = []
        self._python: subprocess.Popen[str] | None = None
        self._printed = ""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._address = f"127.0.0.1:{free.getsockname()[1]}"
        (folder / "examples").symlink_to(ROOT / "examples")
        (folder / ".shell").touch()

    def follow(self, block: Block) -> None:
        """Does what a block says and compares what it shows."""
        if block.what == "file":
            (self._folder / str(block.name)).write_text(block.body, "utf-8")
        elif block.what == "output":
            self._compare(block.body, self._printed)
        elif block.what == "background":
            self._start(commands_of(block.body)[0])
        elif block.language == "python":
            self._printed = self._execute(block.body)
        else:
            commands, shown = commands_of(block.body)
            self._printed = self._shell(commands)
            if shown.strip():
                self._compare(shown, self._printed)

    def close(self) -> None:
        """Ends what was started."""
        for process in reversed(self._processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=PATIENCE_S)

    def _shell(self, commands: str) -> str:
        script = f". ./.shell\nset -e\n{self._here(commands)}\n{{ export -p > .shell; }}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self._folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return self._as_shown(done.stdout)

    def _start(self, command: str) -> None:
        log_file = self._folder / "background.log"
        log_file.touch()
        script = f". ./.shell\nexec {self._here(command)} >{log_file.name} 2>&1"
        self._processes.append(self._open(script))
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            log = log_file.read_text()
            assert self._processes[-1].poll() is None, log
            assert time.monotonic() < deadline, log
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self._address}/readyz", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def _execute(self, code: str) -> str:
        if self._python is None:
            (self._folder / ".python.py").write_text(_PYTHON)
            self._python = self._open(f". ./.shell\nexec {sys.executable} .python.py")
            self._processes.append(self._python)
        assert self._python.stdin is not None
        assert self._python.stdout is not None
        self._python.stdin.write(json.dumps(self._here(code)) + "\n")
        self._python.stdin.flush()
        printed, fault = json.loads(self._python.stdout.readline())
        assert fault is None, fault
        return self._as_shown(printed)

    def _open(self, script: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", "-c", script],
            cwd=self._folder,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("EVALUAND_", "OPENAI_"))}
        return kept | {
            "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}",
            "EVALUAND_PORT": self._address.rpartition(":")[2],
            "COLUMNS": WIDTH,
            "NO_COLOR": "1",
            "TERM": "dumb",
        }

    def _here(self, text: str) -> str:
        return text.replace(SHOWN_ADDRESS, self._address)

    def _as_shown(self, text: str) -> str:
        return text.replace(self._address, SHOWN_ADDRESS)

    def _compare(self, shown: str, printed: str) -> None:
        assert is_shown(shown, printed), f"shown:\n{shown}\nprinted:\n{printed}"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    somebody = Reader(tmp_path)
    yield somebody
    somebody.close()


def test_there_are_pages_with_examples() -> None:
    assert len(PAGES) >= 5


def test_what_is_shown_must_be_what_was_printed() -> None:
    assert is_shown("a 1\n…\nz", "a 1\nb\nc\nz\n")
    assert not is_shown("a 1\nz", "a 2\nz")
    assert not is_shown("a", "a\nmore")


def test_blocks_are_found_with_what_to_do_with_them() -> None:
    text = (
        "x\n<!-- run -->\n```console\n$ echo a \\\n  b\na b\n```\n"
        "<!-- file: a.py -->\n```python\n```\n"
    )

    run, file = blocks_of(text)

    assert commands_of(run.body) == ("echo a \\\n  b", "a b")
    assert (run.what, run.line, file.what, file.name) == ("run", 2, "file", "a.py")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_examples_do_what_the_page_says(page: Path, reader: Reader) -> None:
    for block in blocks_of(page.read_text("utf-8")):
        try:
            reader.follow(block)
        except AssertionError as error:
            raise AssertionError(f"{page.name}, line {block.line}: {error}") from error
