"""Puts uv into .tools/uv: only Python and pip are needed, which come together nearly everywhere.

Run by the Makefile.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

# One version for everybody: another one might write uv.lock in another format.
UV = "uv==0.13.9"
OLDEST = (3, 11)
HOME = Path(__file__).resolve().parent.parent / ".tools" / "uv"


def main() -> None:
    """Installs uv, or says what is missing."""
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        sys.exit(
            f"Evaluand needs Python {wanted} or newer, this is {platform.python_version()}. "
            "Name a newer one: make PYTHON=/path/to/python3 …"
        )
    shutil.rmtree(HOME, ignore_errors=True)
    if not (in_an_environment() or in_a_folder()):
        sys.exit(
            "uv could not be installed: Python has neither venv nor pip here, or the package index "
            "cannot be reached. On Debian: apt-get install python3-venv. Then run make again."
        )
    subprocess.run([HOME / "bin" / "uv", "--version"], check=True)


def in_an_environment() -> bool:
    """Whether a virtual environment could be made and uv installed into it."""
    pip = [HOME / "bin" / "python", "-m", "pip", "install", "--quiet", UV]
    return _runs(sys.executable, "-m", "venv", HOME) and _runs(*pip)


def in_a_folder() -> bool:
    """Whether pip, which may be there without venv, could put uv into a folder."""
    return _runs(sys.executable, "-m", "pip", "install", "--quiet", "--target", HOME, UV)


def _runs(*command: str | Path) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    main()
