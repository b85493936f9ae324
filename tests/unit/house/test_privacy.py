"""What is published says nothing of where it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

# Put together here, so that this file is held to its own rule.
_FOLDERS = "|".join(("home", "root", "Users", "work"))
OF_A_PERSON = re.compile(rf"(?<![\w.}}\])/-])/(?:{_FOLDERS})/[\w.~-]+")

PUBLISHED = ("src", "tests", "docs", "scripts", "bench", "examples", ".ci", ".github")
_SKIPPED = {"__pycache__", "node_modules", "out"}


def _texts() -> Iterator[Path]:
    yield from (p for p in ROOT.iterdir() if p.is_file() and p.name != ".git")
    for folder in PUBLISHED:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not _SKIPPED & set(path.parts):
                yield path


@pytest.mark.parametrize("line", [f"see /{'home'}/ada/notes", f'"/{"work"}/main/src"'])
def test_paths_of_a_person_are_recognised(line: str) -> None:
    assert OF_A_PERSON.search(line)


@pytest.mark.parametrize("line", ["/data/home/main", "https://a.b/home/x", "/etc/evaluand.toml"])
def test_other_paths_are_not(line: str) -> None:
    assert not OF_A_PERSON.search(line)


def test_no_file_names_the_folder_it_was_written_in() -> None:
    found = []
    for path in _texts():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {m.group()}" for m in OF_A_PERSON.finditer(text)]

    assert found == []
