"""Where on the pages the text stands that a template has read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evaluand.domain.documents import Box, Document, Evidence, Word
from evaluand.targets.documents.text.lines import rows_of

_Span = tuple[int, int]
"""Index of the first and of the last word."""

_ROW = re.compile(r"^(.*\[\d+\])\.[^\[\]]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A word where it is printed: its page and the printed row on it, counted through pages."""

    page: int
    row: int
    word: Word


def evidence_of(
    document: Document, printed: Mapping[str, str], hints: Mapping[str, str], *, file: int
) -> dict[str, Evidence]:
    """Evidence for each path of ``printed``: certain, with page and box where the text is found.

    ``hints`` give for a path the line in which the template matched, to choose among several
    places with the same text. Cells of a table row are looked for together, below the row before.
    """
    places = _places(document)
    result: dict[str, Evidence] = {}
    below = 0
    for group in _groups(printed):
        start = below if _ROW.match(group[0]) else 0
        anchor = _anchor(places, printed, group, hints, start)
        taken: list[_Span] = []
        # Long texts first: the "3" of a quantity must not be found within "Sticky notes, 3 x 3".
        for path in sorted(group, key=lambda path: -len(printed[path])):
            span = _nearest(places, printed[path], anchor or 0, taken)
            taken += [span] if span else []
            result[path] = _evidence(places, span, printed[path], file)
        if anchor is not None and _ROW.match(group[0]):
            below = anchor + 1
    return result


def _groups(printed: Mapping[str, str]) -> Iterator[list[str]]:
    """Paths that are printed beside each other: the cells of a row; any other path alone."""
    rows: dict[str, list[str]] = {}
    for path in printed:
        cell = _ROW.match(path)
        rows.setdefault(cell[1] if cell else path, []).append(path)
    yield from rows.values()


def _anchor(
    places: Sequence[_Place],
    printed: Mapping[str, str],
    group: Sequence[str],
    hints: Mapping[str, str],
    start: int,
) -> int | None:
    """Where to look: for a row, where its longest cell stands below ``start``; for a single value,
    the place whose printed row has most words of the hint."""
    longest = max(group, key=lambda path: len(printed[path]))
    spans = [span for span in _spans(places, printed[longest]) if span[0] >= start]
    hint = set(hints.get(longest, "").split())
    if not hint:
        return spans[0][0] if spans else None
    rows: dict[int, set[str]] = {}
    for place in places:
        rows.setdefault(place.row, set()).add(place.word.text)
    best = max(spans, key=lambda span: len(hint & rows[places[span[0]].row]), default=None)
    return best[0] if best else None


def _places(document: Document) -> list[_Place]:
    places: list[_Place] = []
    row = 0
    for page in document.pages:
        for words in rows_of(page.words):
            row += 1
            places += [_Place(page=page.number, row=row, word=word) for word in words]
    return places


def _spans(places: Sequence[_Place], text: str) -> list[_Span]:
    """First and last index of every run of words that reads ``text``. The outer words may carry
    more than the text: ``(6%)`` is a place of ``6%``; places without are preferred."""
    tokens = text.split()
    if not tokens:
        return []
    found = [
        (index, index + len(tokens) - 1)
        for index in range(len(places) - len(tokens) + 1)
        if all(token in places[index + k].word.text for k, token in enumerate(tokens))
    ]
    exact = [
        span
        for span in found
        if all(token == places[span[0] + k].word.text for k, token in enumerate(tokens))
    ]
    return exact or found


def _nearest(
    places: Sequence[_Place], text: str, anchor: int, taken: Sequence[_Span]
) -> _Span | None:
    """The place of ``text`` nearest to ``anchor``, a free one if there is one."""

    def key(span: _Span) -> tuple[int, bool, int]:
        used = any(span[0] <= other[1] and other[0] <= span[1] for other in taken)
        rows_away = abs(places[span[0]].row - places[anchor].row)
        return rows_away, used, abs(span[0] - anchor)

    return min(_spans(places, text), key=key, default=None)


def _evidence(places: Sequence[_Place], span: _Span | None, text: str, file: int) -> Evidence:
    if span is None:
        return Evidence(confidence=1.0, text=text, file=file)
    boxes = [place.word.box for place in places[span[0] : span[1] + 1]]
    box = Box(
        min(box.x0 for box in boxes),
        min(box.top for box in boxes),
        max(box.x1 for box in boxes),
        max(box.bottom for box in boxes),
    )
    return Evidence(confidence=1.0, page=places[span[0]].page, box=box, text=text, file=file)
