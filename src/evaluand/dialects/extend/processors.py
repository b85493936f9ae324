"""``/extractors``, ``/classifiers``, ``/splitters``: one router, made once for each kind."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.concurrency import run_in_threadpool

from evaluand.dialects.extend import examples, render, views, wire
from evaluand.dialects.extend.body import json_body
from evaluand.dialects.extend.documentation import documented
from evaluand.dialects.extend.request import Call, Here, Listing, reply
from evaluand.dialects.extend.sources import collect
from evaluand.dialects.extend.words import Words, read
from evaluand.domain.model import Json, Target, TargetKind
from evaluand.errors import InvalidRequest

_CREATE = Annotated[wire.CreateProcessor, Depends(json_body(wire.CreateProcessor))]
_UPDATE = Annotated[wire.UpdateProcessor, Depends(json_body(wire.UpdateProcessor))]


def processors(words: Words) -> APIRouter:
    """The endpoints of the processors of one kind."""
    router = APIRouter(prefix=f"/{words.collection}", tags=[words.collection.capitalize()])
    summary = examples.processor(words.noun, words.prefix)
    config = examples.CONFIGS[words.noun]
    draft = {
        **examples.version(words.noun, words.prefix),
        "version": "draft",
        "description": None,
        "config": config,
    }
    whole: dict[str, Any] = {
        "answer": views.Processor,
        "example": {**summary, "draftVersion": draft},
    }

    @router.get(
        "",
        **documented(
            f"List {words.collection}",
            answer=views.ListView[views.ProcessorSummary],
            example=examples.listed(summary),
        ),
    )
    def list_processors(call: Here, listing: Listing) -> Response:
        """Summaries without configuration."""
        found = call.services.targets.page(call.principal, words.kind, listing)
        return reply(render.page(found, render.processor_summary))

    @router.post(
        "",
        **documented(
            f"Create {words.article} {words.noun}",
            body=wire.CreateProcessor,
            body_example={"name": "Invoices", "config": config},
            **whole,
        ),
    )
    async def create_processor(call: Here, body: _CREATE) -> Response:
        """With a `config`, as a clone of another one's draft, or empty.

        An extractor can also get its schema from sample documents (`generate`).
        """
        return reply(render.processor(await _create(call, words, body)))

    @router.get("/{id}", **documented(f"Get {words.article} {words.noun}", **whole))
    def get_processor(call: Here, id: str) -> Response:
        """The processor with its draft."""
        found = call.services.targets.get(call.principal, words.kind, read(words.prefix, id))
        return reply(render.processor(found))

    @router.post(
        "/{id}",
        **documented(
            f"Update {words.article} {words.noun}",
            body=wire.UpdateProcessor,
            body_example={"config": config},
            **whole,
        ),
    )
    def update_processor(call: Here, id: str, body: _UPDATE) -> Response:
        """Renames it, or replaces its draft's configuration; published versions never change."""
        updated = call.services.targets.update(
            call.principal,
            words.kind,
            read(words.prefix, id),
            name=body.name,
            config=body.config,
        )
        return reply(render.processor(updated))

    return router


async def _create(call: Call, words: Words, body: wire.CreateProcessor) -> Target:
    source = _clone_source(words, body)
    given = [part for part in (body.config, source, body.generate) if part is not None]
    if len(given) > 1:
        raise InvalidRequest(
            f"'config', 'clone{words.noun.capitalize()}Id' and 'generate' exclude each other.",
            field="config",
        )
    targets = call.services.targets
    if source is not None:
        return await run_in_threadpool(
            targets.clone,
            call.principal,
            words.kind,
            name=body.name,
            source=read(words.prefix, source),
        )
    config: Json | None = body.config
    if body.generate is not None:
        config = await _generated(call, words, body.generate)
    return await run_in_threadpool(
        targets.create, call.principal, words.kind, name=body.name, config=config
    )


def _clone_source(words: Words, body: wire.CreateProcessor) -> str | None:
    source: str | None = getattr(body, f"clone_{words.noun}_id")
    return source


async def _generated(call: Call, words: Words, asked: wire.Generate) -> Json:
    if words.kind is not TargetKind.EXTRACTOR:
        raise InvalidRequest("Only an extractor's schema can be generated.", field="generate")
    named = {f"generate.files[{place}]": given for place, given in enumerate(asked.files)}
    files = await collect(call, named)
    schema = await call.services.drafts.schema(call.principal, files)
    # What cannot be read offline is kept for the engine that runs the extractor.
    rules = {"extractionRules": asked.instructions} if asked.instructions else {}
    return {"schema": schema, **rules}
