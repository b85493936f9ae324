"""Writes docs/reference/cli.md from the commands' own help. A test compares the two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.core import TyperArgument, TyperGroup
from typer.main import get_command

from evaluand.cli.main import app

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "cli.md"
INTRODUCTION = """\
# Command line

`evaluand COMMAND --help` says the same as this page, which is made from it
(`scripts/cli_reference.py`).

Commands that look at data or change it work on the data folder, whether a server runs on it or not;
whoever can read the folder needs no key. Everything that prints data takes `--json`. Long work
shows a progress bar, and plain lines where the output is not a terminal.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | could not run |
| 2 | wrong usage; the message says where and what to do |
| 3 | a gate failed |
| 4 | inconclusive: these items cannot tell |
| 5 | incomplete: a run has not ended, or something was not measured |
"""


def render() -> str:
    """The page."""
    sections = [_section(name, command) for name, command in commands(get_command(app), "evaluand")]
    return "\n".join((INTRODUCTION, *sections))


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its whole name."""
    if isinstance(command, TyperGroup):
        for name, child in command.commands.items():
            yield from commands(child, f"{path} {name}")
    elif not command.hidden:
        yield path, command


def _section(name: str, command: Any) -> str:
    lines = [f"## `{name}`", "", _plain(command.help), ""]
    shown = [p for p in command.params if p.name != "help" and not getattr(p, "hidden", False)]
    if shown:
        lines += ["| | meaning | default |", "|---|---|---|"]
        lines += [_row(parameter) for parameter in shown]
        lines.append("")
    return "\n".join(lines)


def _row(parameter: Any) -> str:
    if isinstance(parameter, TyperArgument):
        name = f"`{parameter.metavar or (parameter.name or '').upper()}`"
        default = "required" if parameter.required else ""
    else:
        name = ", ".join(f"`{option}`" for option in sorted(parameter.opts, key=len, reverse=True))
        default = _default(parameter)
    return f"| {name} | {_plain(parameter.help)} | {default} |"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    value = getattr(parameter.default, "value", parameter.default)
    return "" if value is None or value is False or value in ("", ()) else f"`{value}`"


def _plain(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
