"""The house's own rules: which part may know which, and how long a file or a function may get."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "src" / "evaluand"

LONGEST_FILE = 400
LONGEST_FUNCTION = 40

# Longer than the rule allows, for now, and by how much. These lists may only shrink.
LONGER_FILES: dict[str, int] = {}
LONGER_FUNCTIONS: dict[str, int] = {}


_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _modules() -> list[Path]:
    # A migration tells what happened once; it is never edited and reads as a list.
    return [p for p in sorted(SOURCES.rglob("*.py")) if "versions" not in p.parts]


def _functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Functions and their own lines: one that makes endpoints is not as long as all of them."""
    for node in ast.walk(tree):
        if isinstance(node, _Function):
            inner = [child for child in ast.walk(node) if isinstance(child, _Function)][1:]
            nested = {line for child in inner for line in _lines(child)}
            yield node.name, len(set(_lines(node)) - nested)


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> range:
    assert node.end_lineno is not None
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return range(first, node.end_lineno + 1)


def _named(path: Path) -> str:
    return path.relative_to(SOURCES).as_posix()


def test_dependencies_point_inwards() -> None:
    command = [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"]

    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 broken" in checked.stdout


def test_a_forbidden_import_would_be_noticed(tmp_path: Path) -> None:
    house = tmp_path / "evaluand"
    for name in ("domain", "store"):
        (house / name).mkdir(parents=True)
        (house / name / "__init__.py").touch()
    (house / "__init__.py").touch()
    (house / "domain" / "model.py").write_text("import evaluand.store\n")
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_package = evaluand\n"
        "[importlinter:contract:layers]\nname = layers\ntype = layers\n"
        "layers =\n  evaluand.store\n  evaluand.domain\n"
    )
    command = [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"]

    checked = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode != 0
    assert "evaluand.domain.model -> evaluand.store" in checked.stdout


def test_no_file_needs_a_table_of_contents() -> None:
    lengths = {_named(p): len(p.read_text("utf-8").splitlines()) for p in _modules()}

    longer = {name: length for name, length in lengths.items() if length > LONGEST_FILE}

    assert all(length <= LONGER_FILES.get(name, 0) for name, length in longer.items()), longer


def test_no_function_does_two_things_at_length() -> None:
    longer = {
        f"{_named(path)}:{name}": length
        for path in _modules()
        for name, length in _functions(ast.parse(path.read_text("utf-8")))
        if length > LONGEST_FUNCTION
    }

    assert all(length <= LONGER_FUNCTIONS.get(name, 0) for name, length in longer.items()), longer


def test_the_median_module_fits_a_screen_or_three() -> None:
    lengths = sorted(
        length for p in _modules() if (length := len(p.read_text("utf-8").splitlines())) > 1
    )

    assert lengths[len(lengths) // 2] <= 150


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "raise NotImplementedError"])
def test_nothing_is_left_for_later(word: str) -> None:
    unfinished = [_named(p) for p in _modules() if word in p.read_text("utf-8")]

    assert unfinished == []


def test_exported_names_are_sorted_and_exist() -> None:
    for path in _modules():
        tree = ast.parse(path.read_text("utf-8"))
        exported = _exported(tree)
        if exported is None:
            continue
        assert exported == sorted(exported, key=_isort_order), _named(path)
        assert set(exported) <= _bound(tree), _named(path)


def _isort_order(name: str) -> tuple[int, str]:
    # Constants, then classes, then functions: the order ruff keeps.
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def _exported(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
        ):
            names: list[str] = ast.literal_eval(node.value)
            return names
    return None


def _bound(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom | ast.Import):
            names.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(t.id for t in node.targets if isinstance(t, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names
