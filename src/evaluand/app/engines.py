"""The target engines of an installation, and the providers of models they may call."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from evaluand.documents.limits import ReadingLimits
from evaluand.domain.model import File, TargetKind
from evaluand.models.providers import Price, Provider, Providers
from evaluand.settings import ProviderSettings, Settings
from evaluand.targets.catalog import EngineCatalog
from evaluand.targets.documents.checks import check_config, check_ready
from evaluand.targets.documents.http.engine import HttpEngine
from evaluand.targets.documents.llm.engine import LlmEngine
from evaluand.targets.documents.local import LocalEngine
from evaluand.targets.recorded import RecordedEngine

if TYPE_CHECKING:
    from evaluand.ports import Blobs, Pool, TargetEngine

_DOCUMENTS = frozenset({TargetKind.EXTRACTOR, TargetKind.CLASSIFIER, TargetKind.SPLITTER})
_BASELINE = {
    TargetKind.EXTRACTOR: "evaluand.targets.documents.baseline.extractor:extract",
    TargetKind.CLASSIFIER: "evaluand.targets.documents.classes.classifier:classify",
    TargetKind.SPLITTER: "evaluand.targets.documents.splits.splitter:split",
}
_TEMPLATES = {TargetKind.EXTRACTOR: "evaluand.targets.documents.templates.extractor:extract"}
_TEMPLATES_FREEZER = "evaluand.targets.documents.templates.extractor:freeze"
_OPENAI = "https://api.openai.com/v1"


def limits_of(settings: Settings) -> ReadingLimits:
    """What reading one document may cost."""
    return ReadingLimits(
        max_seconds=settings.document_timeout_s,
        max_memory_mb=settings.document_memory_mb,
        max_pages=settings.document_max_pages,
        max_bytes=settings.document_max_mb * 2**20,
        max_pixels=settings.document_max_pixels,
        max_characters=settings.document_max_characters,
    )


def providers_of(settings: Settings) -> Providers:
    """The declared providers; the one of the OpenAI variables comes first and is the default."""
    declared = [_provider(provider) for provider in settings.providers]
    if settings.openai_base_url or settings.openai_api_key:
        key = settings.openai_api_key
        default = Provider(
            name="default",
            base_url=settings.openai_base_url or _OPENAI,
            api_key=None if key is None else key.get_secret_value(),
        )
        declared.insert(0, default)
    return Providers(declared)


def catalog_of(
    settings: Settings,
    *,
    pool: Pool,
    blobs: Blobs,
    providers: Providers,
    link: Callable[[File], str],
) -> EngineCatalog:
    """All engines, built in and plugged in, and which of them is used where none is named."""
    limits = limits_of(settings)

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

    engines: list[TargetEngine] = [
        local("baseline", _BASELINE, None),
        local("templates", _TEMPLATES, _TEMPLATES_FREEZER),
        LlmEngine(providers=providers, pool=pool, blobs=blobs, limits=limits),
        HttpEngine(providers=providers, blobs=blobs, link=link),
        RecordedEngine(),
        *(point.load() for point in entry_points(group="evaluand.targets")),
    ]
    defaults = {
        kind: settings.default_engine if kind in _DOCUMENTS else RecordedEngine.name
        for kind in TargetKind
    }
    return EngineCatalog(
        engines,
        defaults,
        checks=dict.fromkeys(_DOCUMENTS, check_config),
        ready=dict.fromkeys(_DOCUMENTS, check_ready),
    )


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
