"""The look of documents' pages, for those who may see the document."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from evaluand.domain.documents import PageSize
from evaluand.domain.model import File, Principal
from evaluand.errors import NotFound
from evaluand.ports import PageImages
from evaluand.services.files import Files

# Kinds of files whose pages can be shown as they are.
PICTURED = frozenset({"PDF", "IMG"})
# A screen's width of an A4 page, and twice that to look closely. No others: each is kept on disk.
RESOLUTIONS = (110, 220)


class DocumentPages:
    """Use cases around page images."""

    def __init__(self, *, files: Files, images: PageImages) -> None:
        self._files = files
        self._images = images

    async def sizes(self, principal: Principal, file: File) -> Sequence[PageSize]:
        """The sizes of the file's pages in points; none for a file without pages to show.

        Raises NotFound when the file was deleted, and what reading it raises.
        """
        await self._check(principal, file)
        return await self._images.sizes(file) if file.kind in PICTURED else ()

    async def image(self, principal: Principal, file: File, number: int, dpi: int) -> bytes:
        """A page as WebP. Raises NotFound, and what reading the file raises."""
        if dpi not in RESOLUTIONS or file.kind not in PICTURED:
            raise NotFound("There is no such picture of this file.")
        await self._check(principal, file)
        return await self._images.image(file, number, dpi)

    async def _check(self, principal: Principal, file: File) -> None:
        # Runs keep what they froze; a file that was deleted since is not shown all the same.
        await asyncio.to_thread(self._files.get, principal, file.id)
