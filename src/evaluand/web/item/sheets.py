"""The pages of an item's files, with the boxes of what was found on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evaluand.domain.documents import PageSize
from evaluand.domain.model import File
from evaluand.web.item.spots import Spot

# So many pages are shown at once: a book would keep the browser busy for minutes.
AT_ONCE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One page of a file; sizes in points."""

    file: int
    file_name: str
    number: int
    size: PageSize
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """Some of an item's pages, from the ``first`` (counting from 1) of all."""

    shown: tuple[Sheet, ...]
    first: int
    total: int

    @property
    def before(self) -> int | None:
        """Where the pages before these begin."""
        return max(1, self.first - AT_ONCE) if self.first > 1 else None

    @property
    def after(self) -> int | None:
        """Where the pages after these begin."""
        following = self.first + AT_ONCE
        return following if following <= self.total else None


def sheets(
    files: Sequence[File],
    sizes: Mapping[int, Sequence[PageSize]],
    found: Iterable[Spot],
    first: int,
) -> Sheets:
    """The pages of all files one after the other, from the ``first`` on.

    ``sizes`` holds those of each file that can be shown, by its place among the files.
    """
    places: dict[tuple[int, int | None], list[Spot]] = {}
    for spot in found:
        if spot.box is not None:
            places.setdefault((spot.file, spot.page), []).append(spot)
    everything = [
        (file, number, size)
        for file, of_file in sizes.items()
        for number, size in enumerate(of_file, 1)
    ]
    first = min(max(1, first), max(1, len(everything)))
    shown = tuple(
        Sheet(
            file=file,
            file_name=files[file].name,
            number=number,
            size=size,
            spots=tuple(places.get((file, number), ())),
        )
        for file, number, size in everything[first - 1 : first - 1 + AT_ONCE]
    )
    return Sheets(shown=shown, first=first, total=len(everything))
