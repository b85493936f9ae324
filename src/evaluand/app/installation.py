"""A whole installation: adapters as the settings ask for them, handed to the services."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from evaluand.app.engines import catalog_of, limits_of, providers_of
from evaluand.app.opening import open_store
from evaluand.app.pools import Pools
from evaluand.documents.pooled import PooledProbe
from evaluand.engine.embedded import EmbeddedEngine
from evaluand.engine.lock import EngineLock
from evaluand.engine.retries import RetryPolicy
from evaluand.engine.worker import WorkerParts
from evaluand.evaluators.registry import evaluator
from evaluand.models.http_client import AiohttpClient, HttpLimits
from evaluand.models.prices import meter
from evaluand.models.providers import Providers
from evaluand.ports import Clock
from evaluand.services import Services
from evaluand.services.access import Access
from evaluand.services.blob_links import BlobLinks
from evaluand.services.drafts import Drafts
from evaluand.services.files import FileLimits, Files
from evaluand.services.runs import Runs
from evaluand.services.sets import Sets
from evaluand.services.targets import Targets
from evaluand.settings import Settings, secret_of
from evaluand.store.blobs import DiskBlobs
from evaluand.store.sql import SqlStore
from evaluand.targets.catalog import EngineCatalog
from evaluand.targets.documents.drafting import LocalDrafter


@dataclass(frozen=True, slots=True)
class App:
    """A whole installation, ready to serve or to work."""

    settings: Settings
    services: Services
    store: SqlStore
    engine: EmbeddedEngine
    lock: EngineLock
    pools: Pools
    http: AiohttpClient

    async def start(self, *, work: bool) -> bool:
        """Starts the engine, which waits while another process works on this data.

        Returns whether this process works. SQLite has one engine: two would take the same chunks.
        """
        if work:
            await self.engine.start()
        return work and self.lock.acquire()

    def hurry(self) -> None:
        """Ends the waiting of ``stop`` for calls in flight. Safe to call from a signal handler."""
        self.engine.hurry()

    async def stop(self) -> None:
        """Drains the engine and closes everything."""
        await self.engine.stop(self.settings.drain_s)
        await self.http.close()
        await asyncio.to_thread(self.pools.close)
        await asyncio.to_thread(self.store.close)
        self.lock.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adapters:
    """What several parts of an installation share."""

    store: SqlStore
    clock: Clock
    blobs: DiskBlobs
    pools: Pools
    providers: Providers
    http: AiohttpClient
    secret: bytes


def build(settings: Settings) -> App:
    """Builds the adapters that the settings ask for and hands them to the services."""
    shared = _adapters(settings)
    links = BlobLinks(
        blobs=shared.blobs, clock=shared.clock, secret=shared.secret, base_url=settings.base_url
    )
    catalog = catalog_of(
        settings,
        pool=shared.pools.reading,
        blobs=shared.blobs,
        providers=shared.providers,
        link=links.link,
    )
    lock = EngineLock(settings.data / "engine.lock")
    engine = _engine(settings, shared, catalog, lock)
    services = _services(settings, shared, catalog, engine, links)
    return App(settings, services, shared.store, engine, lock, shared.pools, shared.http)


def _adapters(settings: Settings) -> _Adapters:
    store, clock = open_store(settings)
    providers = providers_of(settings)
    return _Adapters(
        store=store,
        clock=clock,
        blobs=DiskBlobs(settings.data / "files"),
        pools=Pools.of(settings),
        providers=providers,
        http=AiohttpClient(
            allow_private=settings.private_targets_allowed,
            trusted_bases=providers.base_urls,
            limits=HttpLimits(max_response_bytes=settings.max_response_bytes),
        ),
        secret=secret_of(settings),
    )


def _engine(
    settings: Settings, shared: _Adapters, catalog: EngineCatalog, lock: EngineLock
) -> EmbeddedEngine:
    parts = WorkerParts(
        ledger=shared.store.ledger,
        catalog=catalog,
        evaluators=evaluator,
        pool=shared.pools.measuring,
        http=shared.http,
        clock=shared.clock,
        meter=meter(shared.providers),
        retries=RetryPolicy(attempts=settings.call_attempts),
        max_lanes=settings.max_lanes,
        scoring_timeout_s=settings.scoring_timeout_s,
    )
    return EmbeddedEngine(parts, allowed=lock.acquire)


def _services(
    settings: Settings,
    shared: _Adapters,
    catalog: EngineCatalog,
    engine: EmbeddedEngine,
    links: BlobLinks,
) -> Services:
    store, clock, limits = shared.store, shared.clock, limits_of(settings)
    files = Files(
        store=store,
        blobs=shared.blobs,
        probe=PooledProbe(shared.pools.looking, limits, settings.upload_timeout_s),
        http=shared.http,
        clock=clock,
        limits=FileLimits(max_bytes=limits.max_bytes),
        secret=shared.secret,
    )
    drafter = LocalDrafter(pool=shared.pools.reading, blobs=shared.blobs, limits=limits)
    targets = Targets(store=store, catalog=catalog, clock=clock)
    sets = Sets(store=store, targets=targets, clock=clock)
    runs = Runs(
        store=store, targets=targets, sets=sets, catalog=catalog, engine=engine, clock=clock
    )
    return Services(
        access=Access(store.access, clock),
        files=files,
        blob_links=links,
        drafts=Drafts(drafter),
        targets=targets,
        sets=sets,
        runs=runs,
    )
