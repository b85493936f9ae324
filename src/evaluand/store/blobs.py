"""Bytes on disk, by their SHA-256: stored once, never changed."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

from evaluand.errors import NotFound

# An upload that old was cut off by a crash; a younger one may belong to another process.
_STALE_S = 24 * 3600


class DiskBlobs:
    """Fits :class:`evaluand.ports.Blobs`: a folder, fanned out by the first two digits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._uploads = folder / "uploads"
        self._uploads.mkdir(parents=True, exist_ok=True)
        _sweep(self._uploads)

    def path(self, sha256: str) -> Path:
        path = self._place(sha256)
        if not path.is_file():
            raise NotFound(f"The bytes of file {sha256[:12]}… are gone from the data folder.")
        return path

    def adopt(self, temporary: Path, sha256: str) -> None:
        place = self._place(sha256)
        place.parent.mkdir(exist_ok=True)
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(place)

    def temporary(self) -> Path:
        return self._uploads / secrets.token_hex(16)

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def _sweep(uploads: Path) -> None:
    for left_over in uploads.iterdir():
        if time.time() - left_over.stat().st_mtime > _STALE_S:
            left_over.unlink(missing_ok=True)
