"""What lists of extract, classify and split runs can be filtered by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from fastapi import Query

from evaluand.dialects.extend.request import LONGEST_NAME
from evaluand.dialects.extend.words import RUN, STATUS_OF_WORD, Words, read
from evaluand.domain.model import Purpose
from evaluand.ports import ExecutionFilter

_Status = Literal["PENDING", "PROCESSING", "PROCESSED", "FAILED", "CANCELLED"]
_Source = Literal[
    "ADMIN",
    "BATCH_PROCESSOR_RUN",
    "PLAYGROUND",
    "WORKFLOW_CONFIGURATION",
    "WORKFLOW_RUN",
    "STUDIO",
    "API",
]
# The sources there are here; runs of the others simply do not exist.
_PURPOSES: dict[str, frozenset[Purpose]] = {
    "API": frozenset({Purpose.SINGLE}),
    "BATCH_PROCESSOR_RUN": frozenset({Purpose.BATCH, Purpose.EVALUATION}),
}


def filter_of(words: Words) -> Callable[..., Awaitable[ExecutionFilter | None]]:
    """A dependency that reads what a list is filtered by; None where nothing can match."""

    async def wanted(
        status: _Status | None = None,
        processor: str | None = Query(None, alias=f"{words.noun}Id"),
        batch: str | None = Query(None, alias="batchId"),
        source: _Source | None = None,
        source_id: str | None = Query(None, alias="sourceId"),
        name: str | None = Query(None, alias="fileNameContains", max_length=LONGEST_NAME),
    ) -> ExecutionFilter | None:
        # The source of a batch's runs is the batch, so both parameters name the same thing.
        batches = {read(RUN, text) for text in (batch, source_id) if text is not None}
        target = read(words.prefix, processor)
        purposes = None if source is None else _PURPOSES.get(source, frozenset())
        unknown = None in batches or len(batches) > 1 or (processor is not None and target is None)
        if unknown or purposes == frozenset():
            return None
        return ExecutionFilter(
            kind=words.kind,
            run=next(iter(batches), None),
            target=target,
            status=None if status is None else STATUS_OF_WORD[status],
            purposes=purposes,
            file_name_contains=name,
        )

    return wanted
