"""A whole installation: adapters as the settings ask for them, handed to the services."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from evaluand.app.opening import open_store
from evaluand.documents.limits import ReadingLimits
from evaluand.documents.pooled import PooledProbe
from evaluand.domain.model import TargetKind
from evaluand.engine.calls import RetryPolicy
from evaluand.engine.embedded import EmbeddedEngine
from evaluand.engine.lock import EngineLock
from evaluand.engine.pool import ProcessPool
from evaluand.engine.worker import WorkerParts
from evaluand.evaluators.registry import evaluator
from evaluand.models.http_client import AiohttpClient, HttpLimits
from evaluand.models.prices import meter
from evaluand.models.providers import Price, Provider, Providers
from evaluand.services import Services
from evaluand.services.access import Access
from evaluand.services.blob_links import BlobLinks
from evaluand.services.drafts import Drafts
from evaluand.services.files import FileLimits, Files
from evaluand.services.runs import Runs
from evaluand.services.sets import Sets
from evaluand.services.targets import Targets
from evaluand.settings import ProviderSettings, Settings, secret_of
from evaluand.store.blobs import DiskBlobs
from evaluand.store.sql import SqlStore
from evaluand.targets.catalog import EngineCatalog
from evaluand.targets.documents.checks import check_config
from evaluand.targets.documents.drafting import LocalDrafter
from evaluand.targets.documents.http import HttpEngine
from evaluand.targets.documents.llm import LlmEngine
from evaluand.targets.documents.local import LocalEngine
from evaluand.targets.recorded import RecordedEngine

if TYPE_CHECKING:
    from evaluand.ports import TargetEngine

logger = logging.getLogger(__name__)

_DOCUMENTS = (TargetKind.EXTRACTOR, TargetKind.CLASSIFIER, TargetKind.SPLITTER)
_BASELINE = {
    TargetKind.EXTRACTOR: "evaluand.targets.documents.baseline.extractor:extract",
    TargetKind.CLASSIFIER: "evaluand.targets.documents.classes.classifier:classify",
    TargetKind.SPLITTER: "evaluand.targets.documents.splits.splitter:split",
}
_TEMPLATES = {TargetKind.EXTRACTOR: "evaluand.targets.documents.templates.extractor:extract"}
_TEMPLATES_FREEZER = "evaluand.targets.documents.templates.extractor:freeze"


@dataclass(frozen=True, slots=True)
class App:
    """A whole installation, ready to serve or to work."""

    settings: Settings
    services: Services
    store: SqlStore
    engine: EmbeddedEngine
    lock: EngineLock
    pool: ProcessPool
    http: AiohttpClient

    async def start(self, *, work: bool) -> bool:
        """Starts the engine unless another process works on this data already.

        Returns whether this process works. SQLite has one engine: two would take the same chunks.
        """
        working = work and self.lock.acquire()
        if working:
            await self.engine.start()
        return working

    async def stop(self) -> None:
        """Drains the engine and closes everything."""
        if self.lock.held:
            await self.engine.stop(self.settings.drain_s)
        await self.http.close()
        await asyncio.to_thread(self.pool.close)
        await asyncio.to_thread(self.store.close)
        self.lock.release()


def build(settings: Settings) -> App:
    """Builds the adapters that the settings ask for and hands them to the services."""
    store, clock = open_store(settings)
    blobs = DiskBlobs(settings.data / "files")
    limits = _limits(settings)
    pool = ProcessPool(processes=settings.processes, memory_mb=settings.document_memory_mb)
    providers = _providers(settings)
    http = AiohttpClient(
        allow_private=settings.private_targets_allowed,
        trusted_bases=providers.base_urls,
        limits=HttpLimits(max_response_bytes=settings.max_response_bytes),
    )
    probe = PooledProbe(pool, limits)
    secret = secret_of(settings)
    links = BlobLinks(blobs=blobs, clock=clock, secret=secret, base_url=settings.base_url)
    files = Files(
        store=store,
        blobs=blobs,
        probe=probe,
        http=http,
        clock=clock,
        limits=FileLimits(max_bytes=limits.max_bytes),
        secret=secret,
    )
    engines = _engines(settings, pool, blobs, limits, providers, links)
    catalog = EngineCatalog(
        engines,
        defaults=dict.fromkeys(_DOCUMENTS, settings.default_engine)
        | dict.fromkeys(set(TargetKind) - set(_DOCUMENTS), "recorded"),
        checks=dict.fromkeys(_DOCUMENTS, check_config),
    )
    engine = EmbeddedEngine(
        WorkerParts(
            ledger=store.ledger,
            catalog=catalog,
            evaluators=evaluator,
            pool=pool,
            http=http,
            clock=clock,
            meter=meter(providers),
            retries=RetryPolicy(attempts=settings.call_attempts),
            max_lanes=settings.max_lanes,
        )
    )
    targets = Targets(store=store, catalog=catalog, clock=clock)
    sets = Sets(store=store, targets=targets, clock=clock)
    runs = Runs(
        store=store, targets=targets, sets=sets, catalog=catalog, engine=engine, clock=clock
    )
    services = Services(
        access=Access(store.access, clock),
        files=files,
        blob_links=links,
        drafts=Drafts(LocalDrafter(pool=pool, blobs=blobs, limits=limits)),
        targets=targets,
        sets=sets,
        runs=runs,
    )
    lock = EngineLock(settings.data / "engine.lock")
    return App(settings, services, store, engine, lock, pool, http)


def _limits(settings: Settings) -> ReadingLimits:
    return ReadingLimits(
        max_seconds=settings.document_timeout_s,
        max_memory_mb=settings.document_memory_mb,
        max_pages=settings.document_max_pages,
        max_bytes=settings.document_max_mb * 2**20,
        max_pixels=settings.document_max_pixels,
        max_characters=settings.document_max_characters,
    )


def _providers(settings: Settings) -> Providers:
    declared = [_provider(provider) for provider in settings.providers]
    if settings.openai_base_url or settings.openai_api_key:
        key = settings.openai_api_key
        default = Provider(
            name="default",
            base_url=settings.openai_base_url or "https://api.openai.com/v1",
            api_key=None if key is None else key.get_secret_value(),
        )
        declared.insert(0, default)
    return Providers(declared)


def _provider(declared: ProviderSettings) -> Provider:
    return Provider(
        name=declared.name,
        base_url=declared.base_url,
        api_key=declared.key(),
        models=tuple(declared.models),
        prices={
            model: Price(input_usd=price.input_usd, output_usd=price.output_usd)
            for model, price in declared.prices.items()
        },
    )


def _engines(
    settings: Settings,
    pool: ProcessPool,
    blobs: DiskBlobs,
    limits: ReadingLimits,
    providers: Providers,
    links: BlobLinks,
) -> list[TargetEngine]:
    def local(name: str, functions: dict[TargetKind, str], freezer: str | None) -> LocalEngine:
        return LocalEngine(
            name=name,
            functions=functions,
            freezer=freezer,
            pool=pool,
            blobs=blobs,
            limits=limits,
            # One more than can work: the next document waits at the door, not in the database.
            lanes=settings.processes + 1,
        )

    return [
        local("baseline", _BASELINE, None),
        local("templates", _TEMPLATES, _TEMPLATES_FREEZER),
        LlmEngine(providers=providers, pool=pool, blobs=blobs, limits=limits),
        HttpEngine(providers=providers, blobs=blobs, link=links.link),
        RecordedEngine(),
        *(point.load() for point in entry_points(group="evaluand.targets")),
    ]
