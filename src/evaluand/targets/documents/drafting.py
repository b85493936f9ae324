"""Schemas from sample files: read and looked through in a child process, like every document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evaluand.documents.limits import ReadingLimits
from evaluand.documents.reading import read
from evaluand.domain.model import File, Json
from evaluand.ports import Blobs, Pool

Named = tuple[Path, str]


class LocalDrafter:
    """Fits :class:`evaluand.ports.SchemaDrafter`."""

    def __init__(self, *, pool: Pool, blobs: Blobs, limits: ReadingLimits) -> None:
        self._pool = pool
        self._blobs = blobs
        self._limits = limits

    async def draft(self, files: Sequence[File]) -> Json:
        """A schema for documents like ``files``."""
        named = [(self._blobs.path(file.sha256), file.name) for file in files]
        return await self._pool.run(
            draft_schema, named, self._limits, timeout_s=self._limits.max_seconds
        )


def draft_schema(files: Sequence[Named], limits: ReadingLimits) -> dict[str, Any]:
    """A schema for files that are still to be read. Runs in a child process."""
    # Imported in the child only: the server stays light.
    from evaluand.targets.documents.generate import propose

    return propose([read(path, name=name, limits=limits) for path, name in files])
