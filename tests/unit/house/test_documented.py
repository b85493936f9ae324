"""What is not documented does not exist: settings, commands, errors, evaluators, engines, pages."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic.fields import FieldInfo

from evaluand import errors
from evaluand.domain.lifecycle import IllegalTransition
from evaluand.errors import EvaluandError
from evaluand.evaluators import registry
from evaluand.settings import Settings

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"


def _rows(page: Path) -> dict[str, list[str]]:
    """The table rows of a page by the code in their first cell."""
    found = {}
    for line in page.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `") and len(cells) > 1:
            found[cells[0].strip("`")] = cells[1:]
    return found


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────


def _default(name: str, field: FieldInfo) -> str:
    if name == "processes":
        return "number of processors"
    if field.default is None:
        return "unset"
    if field.default == "":
        return "empty"
    if field.default == ():
        return "none"
    return f"`{field.default}`"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_each_setting_has_a_row_with_its_default(name: str) -> None:
    row = _rows(REFERENCE / "settings.md").get(f"EVALUAND_{name.upper()}")

    assert row is not None, f"docs/reference/settings.md has no row for EVALUAND_{name.upper()}"
    meaning, default = row
    assert meaning
    assert default == _default(name, Settings.model_fields[name])


def test_no_setting_is_documented_that_does_not_exist() -> None:
    known = {f"EVALUAND_{name.upper()}" for name in Settings.model_fields}
    named: set[str] = set()
    for page in (*DOCS.rglob("*.md"), ROOT / "README.md"):
        named |= set(re.findall(r"EVALUAND_[A-Z][A-Z_]*[A-Z]", page.read_text("utf-8")))

    assert named <= known


# ── Command line ─────────────────────────────────────────────────────────────────────────────────


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts/cli_reference.py")
    assert spec is not None
    assert spec.loader is not None
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)

    written = (REFERENCE / "cli.md").read_text("utf-8")

    assert written == reference.render(), "run `make reference` and look at what changed"


def test_every_command_and_option_has_a_help_text() -> None:
    page = (REFERENCE / "cli.md").read_text("utf-8")

    assert not re.search(r"^\| `[^|]+\|\s*\|", page, re.MULTILINE)
    assert not re.search(r"^## .*\n\n\n", page, re.MULTILINE)


# ── Errors, evaluators, engines ──────────────────────────────────────────────────────────────────


def _subclasses(kind: type[EvaluandError]) -> Iterator[type[EvaluandError]]:
    for child in kind.__subclasses__():
        # Only what can reach a user: tests derive classes of their own.
        if child.__module__.startswith("evaluand."):
            yield child
            yield from _subclasses(child)


ERRORS = sorted({EvaluandError, IllegalTransition, *_subclasses(EvaluandError)}, key=str)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_each_error_is_documented_with_its_status(kind: type[EvaluandError]) -> None:
    row = _rows(REFERENCE / "errors.md").get(kind.code)

    assert row is not None, f"docs/reference/errors.md has no row for {kind.code}"
    if kind is EvaluandError or kind.status != EvaluandError.status:
        assert row[0] == str(kind.status)


@pytest.mark.parametrize("name", [kind.__name__ for kind in ERRORS])
def test_each_error_stands_in_the_tree_at_the_top_of_its_module(name: str) -> None:
    module = import_module({k.__name__: k.__module__ for k in ERRORS}[name])

    assert module is not errors or re.search(rf"\b{name}\b", errors.__doc__ or "")


@pytest.mark.parametrize("name", sorted(registry.names()))
def test_each_evaluator_is_documented(name: str) -> None:
    assert name in _rows(REFERENCE / "metrics.md")


# ── The site ─────────────────────────────────────────────────────────────────────────────────────


def _pages(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict):
        for value in nav.values():
            yield from _pages(value)
    else:
        for value in nav:
            yield from _pages(value)


def test_every_page_can_be_reached() -> None:
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}

    assert set(_pages(site["nav"])) == written


@pytest.mark.parametrize("path", sorted(DOCS.glob("adr/0*.md")), ids=lambda path: path.stem)
def test_decisions_have_the_four_sections_and_fit_a_page(path: Path) -> None:
    text = path.read_text("utf-8")

    assert re.search(r"^# \d{3}: ", text)
    assert "Status: " in text
    for section in ("Context", "Decision", "Consequences"):
        assert f"\n## {section}\n" in text
    assert len(text.splitlines()) <= 70
