"""The command line as a user has it: processes, exit codes, what is printed where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

PATIENCE_S = 120.0


class CommandLine:
    """``evaluand`` in a folder of its own, with its data in there."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._settings = {"EVALUAND_DATA": str(self.data), **settings}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command that is waited for."""
        return subprocess.run(
            self._command(words),
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command that goes on beside the test."""
        return subprocess.Popen(
            self._command(words),
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def json(self, *words: str) -> Any:
        """What a command prints as JSON; it must end well."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run_file(self, name: str = "run.yaml", **members: Any) -> Path:
        """Writes a run file with these members."""
        path = self.folder / name
        path.write_text(yaml.safe_dump(members))
        return path

    def recorded(self, answers: dict[str, list[str]], **members: Any) -> Path:
        """A run file that scores recorded answers; every system of ``answers`` is a version.

        The right answer is always ``yes``.
        """
        count = len(next(iter(answers.values())))
        items = [
            {
                "id": f"q{number}",
                "inputs": {"question": f"Question {number}?"},
                "expected": {"answer": "yes"},
                "outputs": {name: {"answer": given[number]} for name, given in answers.items()},
            }
            for number in range(count)
        ]
        targets = [
            {"name": "Answers", "version": f"{place}.0", "config": {"output": name}}
            for place, name in enumerate(answers, 1)
        ]
        chosen = {"name": "Questions", "kind": "pipeline", "items": items}
        return self.run_file(**{"set": chosen, "targets": targets, **members})

    def _command(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "evaluand", *words]

    def _environment(self) -> dict[str, str]:
        own = {
            name: text
            for name, text in os.environ.items()
            if "OPENAI" not in name and not name.startswith("EVALUAND_")
        }
        return {**own, **self._settings}
