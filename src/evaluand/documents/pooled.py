"""The quick look at uploads, in a child process: an upload may be hostile."""

from __future__ import annotations

from pathlib import Path

from evaluand.documents.limits import ReadingLimits
from evaluand.documents.probing import probe
from evaluand.documents.unlocking import unlock
from evaluand.domain.documents import FileFacts
from evaluand.ports import Pool

# A look at a good file takes milliseconds; one that takes longer is made to take longer.
_LOOK_S = 20.0


class PooledProbe:
    """Fits :class:`evaluand.ports.DocumentProbe`."""

    def __init__(self, pool: Pool, limits: ReadingLimits) -> None:
        self._pool = pool
        self._limits = limits

    async def probe(
        self, path: Path, *, name: str, content_type: str | None, password: str | None
    ) -> FileFacts:
        return await self._pool.run(
            look, path, name, content_type, password, self._limits, timeout_s=_LOOK_S
        )


def look(
    path: Path, name: str, content_type: str | None, password: str | None, limits: ReadingLimits
) -> FileFacts:
    """Probes, then takes the password off. Arguments go by position, as the pool passes them."""
    facts = probe(path, name=name, content_type=content_type, password=password, limits=limits)
    if facts.kind == "PDF" and password is not None:
        unlock(path, name=name, password=password, limits=limits)
    return facts
