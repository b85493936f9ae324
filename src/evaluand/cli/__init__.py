"""The command line. Importing it is cheap: each command loads what it needs."""

from __future__ import annotations


def main() -> None:
    """Runs ``evaluand`` with the arguments of the process."""
    from evaluand.cli.main import run

    run()
