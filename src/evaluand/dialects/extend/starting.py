"""Starting runs of single documents and of batches: what a request asks for, as a core command."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from fastapi.concurrency import run_in_threadpool

from evaluand.dialects.extend import wire
from evaluand.dialects.extend.request import Call
from evaluand.dialects.extend.sources import collect
from evaluand.dialects.extend.words import Words, read, read_version
from evaluand.domain.ids import PublicId
from evaluand.domain.model import File, ItemContent, Json, Purpose, Run, TargetKind
from evaluand.errors import InvalidRequest
from evaluand.ports import DEFAULT_PRIORITY

# Extend's limit.
_METADATA_BYTES = 10 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """Which processor runs: a stored one, perhaps with changes, or an inline configuration."""

    target: PublicId | None = None
    version: str | PublicId | None = None
    changes: Json | None = None
    config: Json | None = None


async def start_single(call: Call, words: Words, body: wire.CreateProcessorRun) -> Run:
    """Starts the run of one document, or of a package read as one."""
    _check_metadata(body.metadata, "metadata")
    inputs = _inputs(words, body)
    chosen = _chosen(words, body, body.config)
    files = await collect(call, inputs)
    if chosen is None:
        chosen = await _without_schema(call, words, files, body.config)
    content = ItemContent(expected=None, files=tuple(files), metadata=body.metadata or {})
    return await _start(call, words, chosen, [content], Purpose.SINGLE, body.priority)


async def start_batch(call: Call, words: Words, body: wire.CreateBatch) -> Run:
    """Starts a batch: each document is processed by itself."""
    chosen = _chosen(words, body, None)
    if chosen is None:
        raise InvalidRequest(f"'{words.noun}' is missing.", field=words.noun)
    for place, entry in enumerate(body.inputs):
        _check_metadata(entry.metadata, f"inputs[{place}].metadata")
    named = {f"inputs[{place}].file": entry.file for place, entry in enumerate(body.inputs)}
    files = await collect(call, named)
    contents = [
        ItemContent(expected=None, files=(file,), metadata=entry.metadata or {})
        for entry, file in zip(body.inputs, files, strict=True)
    ]
    return await _start(call, words, chosen, contents, Purpose.BATCH, body.priority)


async def _start(
    call: Call,
    words: Words,
    chosen: _Chosen,
    contents: list[ItemContent],
    purpose: Purpose,
    priority: int | None,
) -> Run:
    def start() -> Run:
        return call.services.runs.process(
            call.principal,
            words.kind,
            contents,
            purpose=purpose,
            target=chosen.target,
            version=chosen.version,
            config=chosen.config,
            changes=chosen.changes,
            # Extend serves low numbers first, the core high ones.
            priority=DEFAULT_PRIORITY if priority is None else 100 - priority,
        )

    return await run_in_threadpool(start)


def _chosen(
    words: Words, body: wire.CreateProcessorRun | wire.CreateBatch, config: Json | None
) -> _Chosen | None:
    """What the request names; None if there is no processor, and nothing that could run instead."""
    reference: wire.ProcessorReference | None = getattr(body, words.noun)
    if reference is not None and config is not None:
        raise InvalidRequest(
            f"'{words.noun}' and 'config' exclude each other; to change a processor's "
            f"configuration for this run, use '{words.noun}.overrideConfig'.",
            field="config",
        )
    if reference is not None:
        return _Chosen(
            target=read(words.prefix, reference.id),
            version=read_version(reference.version),
            changes=_given(reference.override_config),
        )
    wants_schema = words.kind is TargetKind.EXTRACTOR and not (config or {}).get("schema")
    return None if config is None or wants_schema else _Chosen(config=config)


def _given(changes: Json | None) -> Json | None:
    """The members that change something: ``null`` means that a member is not given."""
    if changes is None:
        return None
    return {name: value for name, value in changes.items() if value is not None}


def _inputs(words: Words, body: wire.CreateProcessorRun) -> dict[str, wire.FileInput]:
    if (body.file is None) == (body.package is None):
        raise InvalidRequest("Give exactly one of 'file' and 'package'.", field="file")
    if body.file is not None:
        return {"file": body.file}
    if words.kind is not TargetKind.EXTRACTOR:
        raise InvalidRequest("Only extractors read a 'package' of files.", field="package")
    files = body.package.files if body.package else []
    ids = [given.id for given in files if given.id is not None]
    if len(set(ids)) < len(ids):
        raise InvalidRequest("The files of a package must differ.", field="package.files")
    return {f"package.files[{place}]": given for place, given in enumerate(files)}


async def _without_schema(
    call: Call, words: Words, files: list[File], config: Json | None
) -> _Chosen:
    """An extraction without a schema gets one from its own documents."""
    if words.kind is not TargetKind.EXTRACTOR:
        raise InvalidRequest(f"Give '{words.noun}' or 'config'.", field=words.noun)
    schema = await call.services.drafts.schema(call.principal, files)
    return _Chosen(config={**(config or {}), "schema": schema})


def _check_metadata(metadata: Json | None, member: str) -> None:
    if metadata is not None and len(msgspec.json.encode(metadata)) > _METADATA_BYTES:
        raise InvalidRequest(
            f"'{member}' is larger than {_METADATA_BYTES} bytes of JSON.", field=member
        )
