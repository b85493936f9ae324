"""Documents as requests name them: by id, by address, or as text. All become stored files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from evaluand.dialects.extend.request import Call
from evaluand.dialects.extend.wire import FileInput
from evaluand.dialects.extend.words import FILE, read
from evaluand.domain.model import File
from evaluand.errors import InvalidRequest

# Downloads at a time for one request: polite to whoever serves them.
_DOWNLOADS = 8


async def collect(call: Call, inputs: Mapping[str, FileInput]) -> list[File]:
    """The files behind ``inputs``, by the member that names each, in order.

    Every input is checked, and every id found, before anything is downloaded. Raises
    InvalidRequest, NotFound, and what an upload raises.
    """
    for member, given in inputs.items():
        _check(member, given)
    named = {
        f"{member}.id": read(FILE, given.id)
        for member, given in inputs.items()
        if given.id is not None
    }
    stored = iter(await asyncio.to_thread(call.services.files.many, call.principal, named))
    limit = asyncio.Semaphore(_DOWNLOADS)

    async def bring(given: FileInput, known: File | None) -> File:
        if known is not None:
            return known
        async with limit:
            return await _bring(call, given)

    return await asyncio.gather(
        *(bring(given, None if given.id is None else next(stored)) for given in inputs.values())
    )


def _check(member: str, given: FileInput) -> None:
    if sum(part is not None for part in (given.id, given.url, given.text)) != 1:
        raise InvalidRequest(
            f"'{member}' needs exactly one of 'id', 'url' and 'text'.", field=member
        )


async def _bring(call: Call, given: FileInput) -> File:
    if given.url is None:
        return await call.services.files.from_text(
            call.principal, given.text or "", name=given.name
        )
    password = None if given.settings is None else given.settings.password
    return await call.services.files.fetch(
        call.principal, given.url, name=given.name, password=password
    )
