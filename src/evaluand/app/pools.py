"""The child processes of an installation, parted by what must not wait for what."""

from __future__ import annotations

from dataclasses import dataclass

from evaluand.engine.failures import LOOKING, MEASURING
from evaluand.engine.pool import ProcessPool
from evaluand.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """Children start when they are first needed.

    An upload is looked at while long documents are being read, and items are measured while
    hostile files are looked at: three pools, so that none queues behind another.
    """

    reading: ProcessPool
    looking: ProcessPool
    measuring: ProcessPool

    @classmethod
    def of(cls, settings: Settings) -> Pools:
        """The pools in the sizes that the settings give."""
        memory_mb = settings.document_memory_mb
        return cls(
            reading=ProcessPool(processes=settings.processes, memory_mb=memory_mb),
            looking=ProcessPool(processes=1, memory_mb=memory_mb, failures=LOOKING),
            measuring=ProcessPool(processes=1, memory_mb=memory_mb, failures=MEASURING),
        )

    def close(self) -> None:
        """Ends all children."""
        for pool in (self.reading, self.looking, self.measuring):
            pool.close()
