"""Where the documents in a file of many begin and end, and what each of them is.

Every page boundary is judged by clues (``page_breaks``); what lies between two breaks is
classified as a whole, as the classifier does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from evaluand.domain.documents import Document, Page, Split
from evaluand.targets.documents.classes.classifier import best_class
from evaluand.targets.documents.classes.evidence import reading_of, scores, title_evidence
from evaluand.targets.documents.classes.kinds import kinds
from evaluand.targets.documents.classes.profiles import ClassProfile, profiles_of
from evaluand.targets.documents.splits.breaks import ClassView, Clue, clues_between
from evaluand.targets.documents.splits.clues import clues_of
from evaluand.targets.documents.splits.identifiers import find_identifier
from evaluand.targets.documents.text.lines import lines_of

_SURE = 0.7
"""Belief from which the class of a single page counts: later pages of a document often show
little of what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    pages: tuple[Page, ...]
    start: int
    observation: str


def split(documents: Sequence[Document], config: Mapping[str, Any]) -> tuple[Split, ...]:
    """The parts of ``documents``: contiguous, covering every page, in order.

    Classes come from ``config["splitClassifications"]`` (``id``, ``type``, ``description`` and, to
    name the printed number that identifies a part, ``identifierKey``); sentences of
    ``config["splitRules"]`` that name a type add to its description. Pages count from 1 through
    all files; a new file always begins a new part. Without pages there are no parts.

    Raises:
        InvalidConfig: the classes are missing or incomplete.
        MissingExtra: the packages for documents are not installed.
    """
    profiles = profiles_of(
        config.get("splitClassifications"), config.get("splitRules"), field="splitClassifications"
    )
    parts: list[Split] = []
    start = 1
    for document in documents:
        parts += [_named(part, profiles) for part in _parts(document.pages, profiles, start)]
        start += len(document.pages)
    return tuple(parts)


def _parts(pages: Sequence[Page], profiles: Sequence[ClassProfile], first: int) -> Sequence[_Part]:
    if not pages:
        return ()
    reasons = ["the file begins", *_breaks(pages, profiles)]
    starts = [index for index, reason in enumerate(reasons) if reason]
    return [
        _Part(pages=tuple(pages[start:end]), start=first + start, observation=reasons[start])
        for start, end in pairwise([*starts, len(pages)])
    ]


def _breaks(pages: Sequence[Page], profiles: Sequence[ClassProfile]) -> Sequence[str]:
    """For every boundary the strongest reason for a break, or an empty text for none."""
    clues = [clues_of(page) for page in pages]
    views = [_view(page, profiles) for page in pages]
    between = [
        clues_between(clues[i], clues[i + 1], views[i], views[i + 1]) for i in range(len(pages) - 1)
    ]
    return [_reason(found) for found in between]


def _reason(clues: Sequence[Clue]) -> str:
    if sum(clue.odds for clue in clues) <= 0.0:
        return ""
    return next(clue.reason for clue in clues if clue.odds > 0.0)


def _view(page: Page, profiles: Sequence[ClassProfile]) -> ClassView:
    reading = reading_of([page])
    # Titles of kinds nobody asked for begin documents, too.
    names = frozenset().union(*(p.names for p in profiles), *(kind.names for kind in kinds()))
    found = best_class(scores(reading, profiles), profiles)
    catch_all = next(p.catch_all for p in profiles if p.id == found.id)
    return ClassView(
        title=title_evidence(reading.title_lines, names),
        sure_class=found.id if found.confidence >= _SURE and not catch_all else None,
    )


def _named(part: _Part, profiles: Sequence[ClassProfile]) -> Split:
    found = best_class(scores(reading_of(part.pages), profiles), profiles)
    key = next(profile.identifier_key for profile in profiles if profile.id == found.id)
    return Split(
        classification_id=found.id,
        type=found.type,
        start_page=part.start,
        end_page=part.start + len(part.pages) - 1,
        identifier=find_identifier([lines_of(page) for page in part.pages], key),
        observation=part.observation,
    )
