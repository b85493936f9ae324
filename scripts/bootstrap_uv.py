"""Puts uv into .tools/uv, whatever this machine has: only Python's standard library is needed.

Run by the Makefile. A virtual environment with pip is the ordinary road; where Python comes without
pip (Debian's python3 without python3-venv), the wheel is fetched and unpacked by hand.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

# One version for everybody: another one might write uv.lock in another format.
VERSION = "0.13.9"
OLDEST = (3, 11)
HOME = Path(__file__).resolve().parent.parent / ".tools" / "uv"
INDEX = "https://pypi.org/simple/uv/"
FORMAT = "application/vnd.pypi.simple.v1+json"
TIMEOUT_S = 120


def main() -> None:
    """Installs uv, or says what is missing."""
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        sys.exit(
            f"Evaluand needs Python {wanted} or newer, this is {platform.python_version()}. "
            "Name a newer one: make PYTHON=/path/to/python3 …"
        )
    shutil.rmtree(HOME, ignore_errors=True)
    if not with_pip():
        by_hand()
    subprocess.run([HOME / "bin" / "uv", "--version"], check=True)


def with_pip() -> bool:
    """Whether a virtual environment could be made and uv installed into it."""
    pip = [HOME / "bin" / "python", "-m", "pip", "install", "--quiet", f"uv=={VERSION}"]
    for command in ([sys.executable, "-m", "venv", HOME], pip):
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return False
    return True


def by_hand() -> None:
    """Unpacks uv's programs from the wheel for this machine."""
    print("Python has no pip here; fetching uv's wheel", flush=True)
    wheel = _wheel()
    with urllib.request.urlopen(wheel["url"], timeout=TIMEOUT_S) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != wheel["hashes"]["sha256"]:
        sys.exit("The wheel of uv that was fetched is damaged. Run make again.")
    (HOME / "bin").mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if ".data/scripts/" in name:
                program = HOME / "bin" / Path(name).name
                program.write_bytes(archive.read(name))
                program.chmod(0o755)


def _wheel() -> dict[str, Any]:
    system = {"Linux": "manylinux", "Darwin": "macosx"}.get(platform.system())
    machine = platform.machine()
    request = urllib.request.Request(INDEX, headers={"Accept": FORMAT})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        files: list[dict[str, Any]] = json.load(answer)["files"]
    for file in files:
        name = file["filename"]
        if name.startswith(f"uv-{VERSION}-") and system and system in name and machine in name:
            return file
    sys.exit("There is no uv for this machine. Install uv as its documentation says.")


if __name__ == "__main__":
    main()
