"""The parts a document is split into, their boundaries, and which class each page gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from evaluand.evaluators.documents.interface import Json
from evaluand.evaluators.documents.labels import UNNAMED, ClassBook

_MAX_PAGE = 1_000_000
"""No document has more pages. A split that reaches further would drown all others' pages."""


class Part(NamedTuple):
    """A split: its class by id and by type, and its pages, both ends included.

    A split that cannot be read covers no page and equals no other: it has a ``mark`` of its own.
    """

    id: str
    type: str
    start: int
    end: int
    mark: object = None

    @property
    def key(self) -> tuple[object, ...]:
        """What two splits have in common if they are the same; the type is only a name."""
        return (self.id, self.start, self.end, self.mark)

    @property
    def covers(self) -> bool:
        """Whether the split has pages."""
        return self.mark is None and 1 <= self.start <= self.end <= _MAX_PAGE


def read_parts(answer: Json | None, book: ClassBook, types: dict[str, str]) -> list[Part]:
    """The splits of an answer in its order; none if it has none.

    ``types`` remembers under which type a class was first met, so that the truth and the output
    of an item report a class the configuration does not know under one name.
    """
    splits = answer.get("splits") if isinstance(answer, dict) else None
    return [_part(split, book, types) for split in (splits if isinstance(splits, list) else [])]


def boundaries(parts: list[Part]) -> Counter[int]:
    """The pages on which a new part begins; the first page always does and is left out."""
    return Counter({part.start for part in parts if part.covers and part.start > 1})


def page_agreement(truth: list[Part], produced: list[Part]) -> tuple[int, int]:
    """Pages that either side gives to a class, and those of them both give to the same classes."""
    total = agreeing = 0
    previous = covering = 0
    active: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    disputed: set[str] = set()
    for page, step, side, kind in sorted((*_edges(truth, 0), *_edges(produced, 1))):
        if covering:
            total += page - previous
            agreeing += 0 if disputed else page - previous
        previous = page
        covering += step
        active[side][kind] += step
        if bool(active[0][kind]) == bool(active[1][kind]):
            disputed.discard(kind)
        else:
            disputed.add(kind)
    return total, agreeing


def _edges(parts: list[Part], side: int) -> Iterator[tuple[int, int, int, str]]:
    """Where a part begins, and the page after it ends: page, +1 or -1, side, class."""
    for part in parts:
        if part.covers:
            yield part.start, 1, side, part.id
            yield part.end + 1, -1, side, part.id


def _part(split: Any, book: ClassBook, types: dict[str, str]) -> Part:
    fields = split if isinstance(split, dict) else {}
    label = book.label(fields.get("classificationId"), fields.get("type"))
    start, end = _page(fields.get("startPage")), _page(fields.get("endPage"))
    if label is None or start is None or end is None:
        return Part(UNNAMED, label.type if label else UNNAMED, 0, 0, mark=object())
    return Part(label.id, types.setdefault(label.id, label.type), start, end)


def _page(value: Any) -> int | None:
    """A page number; JSON does not tell 3 from 3.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
