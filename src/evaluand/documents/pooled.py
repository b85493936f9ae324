"""The quick look at uploads, in a child process: an upload may be hostile."""

from __future__ import annotations

from pathlib import Path

from evaluand.documents.limits import ReadingLimits
from evaluand.documents.probing import probe
from evaluand.documents.unlocking import unlock
from evaluand.domain.documents import FileFacts
from evaluand.errors import CorruptFile, DocumentUnreadable
from evaluand.ports import Pool


class PooledProbe:
    """Fits :class:`evaluand.ports.DocumentProbe`."""

    def __init__(self, pool: Pool, limits: ReadingLimits, timeout_s: float) -> None:
        self._pool = pool
        self._limits = limits
        self._timeout_s = timeout_s

    async def probe(
        self, path: Path, *, name: str, content_type: str | None, password: str | None
    ) -> FileFacts:
        arguments = path, name, content_type, password, self._limits
        try:
            return await self._pool.run(look, *arguments, timeout_s=self._timeout_s)
        except DocumentUnreadable as error:
            # To who uploads it, a file that cannot be looked at is a file that is broken.
            raise CorruptFile(error.message, field="file") from error


def look(
    path: Path, name: str, content_type: str | None, password: str | None, limits: ReadingLimits
) -> FileFacts:
    """Probes, then takes the password off. Arguments go by position, as the pool passes them."""
    facts = probe(path, name=name, content_type=content_type, password=password, limits=limits)
    if facts.kind == "PDF" and password is not None:
        unlock(path, name=name, password=password, limits=limits)
    return facts
