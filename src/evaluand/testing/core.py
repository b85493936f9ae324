"""The use cases over a real store, with fakes for the world outside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evaluand.ports import Store
from evaluand.services import Services
from evaluand.services.access import Access
from evaluand.services.blob_links import BlobLinks
from evaluand.services.drafts import Drafts
from evaluand.services.files import FileLimits, Files
from evaluand.services.runs import Runs
from evaluand.services.sets import Sets
from evaluand.services.targets import Targets
from evaluand.store.blobs import DiskBlobs
from evaluand.testing.clock import SettableClock
from evaluand.testing.fakes import (
    FixedDrafter,
    FixedProbe,
    NotedEngine,
    PermissiveCatalog,
    ScriptedHttp,
)

# Small, so that a test passes it with a few bytes.
MAX_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """The services, and what they were built on."""

    services: Services
    store: Store
    clock: SettableClock
    engine: NotedEngine
    catalog: PermissiveCatalog
    probe: FixedProbe
    http: ScriptedHttp
    folder: Path

    @property
    def uploads(self) -> list[Path]:
        """Temporary files of uploads that were not cleaned up."""
        return list((self.folder / "uploads").iterdir())


def build_core(store: Store, folder: Path, clock: SettableClock | None = None) -> Core:
    """The services over ``store``; files lie in ``folder``."""
    clock = clock or SettableClock()
    engine, catalog, probe, http = NotedEngine(), PermissiveCatalog(), FixedProbe(), ScriptedHttp()
    blobs, secret = DiskBlobs(folder), b"a secret only tests know"
    targets = Targets(store=store, catalog=catalog, clock=clock)
    sets = Sets(store=store, targets=targets, clock=clock)
    files = Files(
        store=store,
        blobs=blobs,
        probe=probe,
        http=http,
        clock=clock,
        limits=FileLimits(max_bytes=MAX_BYTES),
        secret=secret,
    )
    services = Services(
        access=Access(store.access, clock),
        files=files,
        blob_links=BlobLinks(blobs=blobs, clock=clock, secret=secret, base_url="http://here/"),
        targets=targets,
        sets=sets,
        runs=Runs(
            store=store, targets=targets, sets=sets, catalog=catalog, engine=engine, clock=clock
        ),
        drafts=Drafts(FixedDrafter()),
    )
    return Core(
        services=services,
        store=store,
        clock=clock,
        engine=engine,
        catalog=catalog,
        probe=probe,
        http=http,
        folder=folder,
    )
