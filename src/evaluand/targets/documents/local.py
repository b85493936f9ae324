"""Engines that work on this machine: a document is read and processed in a child process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from evaluand.documents.limits import ReadingLimits
from evaluand.documents.reading import read
from evaluand.domain.documents import Classification, Document, Extraction, Split
from evaluand.domain.model import Answer, Failure, ItemContent, Json, TargetKind
from evaluand.errors import EvaluandError
from evaluand.ports import Blobs, Caller, Pool

Process = Callable[[Sequence[Document], Json], Any]
Named = tuple[Path, str]

_NOTHING_TO_READ = "The item has no files to read. Add a file to it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """What the child process sends back."""

    output: dict[str, Any]
    pages: int
    elapsed_ms: int


class LocalEngine:
    """Fits :class:`evaluand.ports.TargetEngine` for functions from documents to an answer.

    ``functions`` says for each kind of target where its function is, as ``module:function``; it is
    imported in the child, so the server stays light.
    """

    def __init__(
        self,
        *,
        name: str,
        functions: dict[TargetKind, str],
        freezer: str | None,
        pool: Pool,
        blobs: Blobs,
        limits: ReadingLimits,
        lanes: int,
    ) -> None:
        self.name = name
        self.kinds = frozenset(functions)
        self.lanes = lanes
        self._functions = functions
        self._freezer = freezer
        self._pool = pool
        self._blobs = blobs
        self._limits = limits

    def check(self, kind: TargetKind, config: Json) -> None:
        """Raises InvalidConfig when what the engine needs to find is not configured."""
        self.freeze(kind, config)

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        if self._freezer is None:
            return config
        frozen: Json = _resolve(self._freezer)(config)
        return frozen

    async def run(
        self, kind: TargetKind, config: Json, content: ItemContent, caller: Caller
    ) -> Answer:
        if not content.files:
            return Answer(failure=Failure(reason="document_unreadable", message=_NOTHING_TO_READ))
        try:
            files = [(self._blobs.path(file.sha256), file.name) for file in content.files]
            processed: Processed = await self._pool.run(
                process,
                self._functions[kind],
                files,
                dict(config),
                self._limits,
                timeout_s=self._limits.max_seconds,
            )
        except EvaluandError as error:
            return Answer(failure=Failure(reason=error.code, message=error.message))
        return Answer(
            output=processed.output, pages=processed.pages, latency_ms=processed.elapsed_ms
        )


def process(
    function: str, files: Sequence[Named], config: dict[str, Any], limits: ReadingLimits
) -> Processed:
    """Reads the files and applies the engine's function. Runs in a child process."""
    started = time.monotonic()
    documents = [read(path, name=name, limits=limits) for path, name in files]
    answer = _resolve(function)(documents, config)
    pages = sum(len(document.pages) for document in documents)
    elapsed_ms = round((time.monotonic() - started) * 1000)
    return Processed(output=to_output(answer), pages=pages, elapsed_ms=elapsed_ms)


def to_output(answer: Extraction | Classification | Sequence[Split]) -> dict[str, Any]:
    """An engine's answer as the JSON that is stored as the item's output."""
    if isinstance(answer, Extraction):
        evidence = {path: asdict(found) for path, found in answer.evidence.items()}
        return {"value": answer.value, "evidence": evidence}
    if isinstance(answer, Classification):
        return asdict(answer)
    return {"splits": [_split(split) for split in answer]}


def _split(split: Split) -> dict[str, Any]:
    return {
        "classificationId": split.classification_id,
        "type": split.type,
        "startPage": split.start_page,
        "endPage": split.end_page,
        "identifier": split.identifier,
        "observation": split.observation,
    }


def _resolve(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), attribute)
    return function
