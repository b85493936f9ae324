"""Documents read by a language model: any OpenAI-compatible endpoint, with structured output."""

from __future__ import annotations

from collections.abc import Sequence

from evaluand.documents.limits import ReadingLimits
from evaluand.domain.model import Answer, File, ItemContent, Json, TargetKind
from evaluand.errors import DocumentUnreadable
from evaluand.models.chat import chat_request, json_answer, read_chat
from evaluand.models.providers import Provider, Providers
from evaluand.ports import Blobs, Caller, Pool
from evaluand.targets.documents.checks import check_config
from evaluand.targets.documents.failures import ItemFault, failure_of
from evaluand.targets.documents.llm.inputs import (
    FileContent,
    ImageLimits,
    page_images,
    page_texts,
)
from evaluand.targets.documents.llm.options import LlmOptions
from evaluand.targets.documents.llm.prompts import SYSTEM_PROMPTS
from evaluand.targets.documents.llm.task import Task


class LlmEngine:
    """Fits :class:`evaluand.ports.TargetEngine`: one question per item.

    ``config["engine"]`` is ``{"kind": "llm", "provider"?, "model"?, "input": "text" | "images",
    "temperature"?, "seed"?, "maxTokens"?, "instructions"?, "prompt"?, "responseFormat"?,
    "timeoutS"?}``. Several files of an item are one package of documents.
    """

    name = "llm"
    kinds = frozenset({TargetKind.EXTRACTOR, TargetKind.CLASSIFIER, TargetKind.SPLITTER})
    # Waiting costs nothing; how fast a provider may be asked is decided by its limits.
    lanes = 32

    def __init__(
        self,
        *,
        providers: Providers,
        pool: Pool,
        blobs: Blobs,
        limits: ReadingLimits,
        images: ImageLimits | None = None,
    ) -> None:
        self._providers = providers
        self._pool = pool
        self._blobs = blobs
        self._limits = limits
        self._images = images or ImageLimits()

    def check(self, kind: TargetKind, config: Json) -> None:
        """Raises InvalidConfig when the options, the provider, schema or classes cannot work."""
        check_config(kind, config)
        self._chosen(LlmOptions.of(config))

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        """The configuration with provider, its address, model and prompt spelt out.

        The address is for the record only: keys go to where the operator says the provider is.
        """
        Task.of(kind, config)
        options = LlmOptions.of(config)
        provider, model = self._chosen(options)
        chosen = {
            "provider": provider.name,
            "baseUrl": provider.base_url,
            "model": model,
            "prompt": options.prompt or SYSTEM_PROMPTS[kind],
        }
        return {**config, "engine": {**config["engine"], **chosen}}

    async def run(
        self, kind: TargetKind, config: Json, content: ItemContent, caller: Caller
    ) -> Answer:
        """The model's answer to one item; what goes wrong with it is a Failure."""
        pages: int | None = None
        try:
            task, options = Task.of(kind, config), LlmOptions.of(config)
            provider, model = self._chosen(options)
            files = await self._read(options, content.files)
            pages = sum(len(file.pages) for file in files)
            question = task.question(options, model, files)
            request = chat_request(provider, question, timeout_s=options.timeout_s)
            reply = json_answer(read_chat(provider, await caller.call(request)))
            return Answer(output=task.output(reply, pages), pages=pages)
        except ItemFault as fault:
            return Answer(failure=failure_of(fault), pages=pages)

    def _chosen(self, options: LlmOptions) -> tuple[Provider, str]:
        provider = self._providers.named(options.provider, field="config.engine.provider")
        model = self._providers.model(provider, options.model, field="config.engine.model")
        return provider, model

    async def _read(self, options: LlmOptions, files: Sequence[File]) -> tuple[FileContent, ...]:
        if not files:
            raise DocumentUnreadable("the item has no file: add one, or take it out of the set")
        paths = tuple(self._blobs.path(file.sha256) for file in files)
        names = tuple(file.name for file in files)
        limits, timeout_s = self._limits, self._limits.max_seconds
        if options.input == "text":
            return await self._pool.run(page_texts, paths, names, limits, timeout_s=timeout_s)
        return await self._pool.run(
            page_images, paths, names, limits, self._images, timeout_s=timeout_s
        )
