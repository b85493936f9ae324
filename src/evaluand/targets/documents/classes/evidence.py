"""How much a document speaks for each class: its title, its phrases and its meaning.

Every function gives one number per class, 0 for no evidence. They are put together, with what
each is worth, in ``scores``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluand.domain.documents import Page
from evaluand.models.local_embeddings import LocalEmbedder
from evaluand.targets.documents.classes.kinds import kinds
from evaluand.targets.documents.classes.profiles import ClassProfile
from evaluand.targets.documents.text.lines import Line, lines_of
from evaluand.targets.documents.text.phrases import phrase, words_of

Scores = npt.NDArray[np.float64]

_TITLE_DEPTH = 0.4
"""Titles stand in the upper part of a page; receipts and letterheads put a block above them."""

_TITLE_WORDS = 8
"""More words than a title has: a sentence that mentions a class is not its title."""

_PASSAGE_WORDS = 60
"""Words of a passage that is embedded whole: enough for a thought, few enough that the mean of
word vectors does not blur."""

_BEST_PASSAGES = 3
"""Passages that count for similarity. The rest of a document is filler that all classes share."""

_TITLE_WORTH, _PHRASES_WORTH, _MEANING_WORTH = 3.0, 3.0, 4.0
"""Log odds of full evidence. Titles and phrases each outweigh what similarity of meaning usually
adds (cosines differ by 0.1 to 0.3 between classes)."""

_LINES_WORTH = 1.5
"""Half of a title: invoices, too, are sent with a salutation and regards."""

_CATCH_ALL_BAR = 1.0
"""What a class must reach to win over a catch-all: a third of full evidence of either sort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is compared with the classes: the lines of the first page and the text of all.

    ``short_lines`` are the lines of all pages, as phrases, that are too short for prose."""

    title_lines: tuple[Line, ...]
    short_lines: tuple[str, ...]
    text: str
    passages: tuple[str, ...]


def reading_of(pages: Sequence[Page]) -> Reading:
    """The parts of ``pages`` that tell what they are."""
    lines = [lines_of(page) for page in pages]
    first = next((found for found in lines if found), ())
    columns = [column for found in lines for line in found for column in line.columns]
    return Reading(
        title_lines=tuple(line for line in first if line.top <= _TITLE_DEPTH),
        short_lines=tuple(
            phrase(words)
            for column in columns
            if 0 < len(words := words_of(column)) <= _TITLE_WORDS
        ),
        # A mark between columns keeps phrases from being found across them.
        text="|".join(phrase(words_of(column)) for column in columns),
        passages=tuple(_passages(columns)),
    )


def scores(reading: Reading, profiles: Sequence[ClassProfile]) -> Scores:
    """Log odds per class, up to a common constant.

    A catch-all scores what other classes must reach, raised by signs of a kind that is none of
    the classes (a menu among invoices and receipts).
    """
    titles = np.array([title_evidence(reading.title_lines, p.names) for p in profiles])
    openings = np.array([line_evidence(reading.short_lines, p.lines) for p in profiles])
    phrases = np.array([phrase_evidence(reading.text, p.cues) for p in profiles])
    total: Scores = (
        _TITLE_WORTH * titles
        + _LINES_WORTH * openings
        + _PHRASES_WORTH * phrases
        + _MEANING_WORTH * meaning_evidence(reading.passages, profiles)
    )
    catch_all = np.array([p.catch_all for p in profiles])
    total[catch_all] = _CATCH_ALL_BAR + _foreign_evidence(reading, profiles)
    return total


def title_evidence(lines: Iterable[Line], names: Iterable[str]) -> float:
    """How clearly a line at the top names one of ``names``: 1 for a large title of just the name.

    A column counts by the share of its words that are the name, more when it is set large, less
    the lower it stands.
    """
    best = 0.0
    for line in lines:
        # Twice the usual size is as emphatic as a title gets.
        emphasis = min(max(line.size - 1.0, 0.0), 1.0)
        weight = (0.7 + 0.3 * emphasis) * (1.0 - 0.5 * line.top / _TITLE_DEPTH)
        for column in line.columns:
            words = words_of(column)
            if 0 < len(words) <= _TITLE_WORDS:
                text = phrase(words)
                covered = max((len(n.split()) for n in names if n in text), default=0)
                best = max(best, weight * covered / len(words))
    return best


def line_evidence(lines: Iterable[str], beginnings: Iterable[str]) -> float:
    """Whether short lines begin with two of ``beginnings`` (1), one (a half) or none (0)."""
    found = {start for start in beginnings for line in lines if line.startswith(start)}
    return min(len(found), 2) / 2


def phrase_evidence(text: str, cues: Mapping[str, float]) -> float:
    """Share of full evidence that the phrases found in ``text`` make, from 0 to 1.

    ``1 - exp(-w / 3)`` for a summed weight ``w``: the first few phrases say most, and three
    phrases of one kind alone make about two thirds.
    """
    found = sum(weight for cue, weight in cues.items() if cue in text)
    return 1.0 - math.exp(-found / 3.0)


def meaning_evidence(passages: Sequence[str], profiles: Sequence[ClassProfile]) -> Scores:
    """Cosine similarity of each class's description with the passages nearest to it, minus the
    mean over the classes: what one class has over the others."""
    if not passages:
        return np.zeros(len(profiles))
    rows = LocalEmbedder().embed([*(profile.text for profile in profiles), *passages])
    cosines = rows[: len(profiles)] @ rows[len(profiles) :].T
    nearest = np.sort(cosines, axis=1)[:, -_BEST_PASSAGES:].mean(axis=1).astype(np.float64)
    centred: Scores = nearest - nearest.mean()
    return centred


def _foreign_evidence(reading: Reading, profiles: Sequence[ClassProfile]) -> float:
    """How much the document looks like a known kind that none of the classes stands for."""
    taken = frozenset().union(*(profile.kinds for profile in profiles))
    foreign = [kind for kind in kinds() if kind.name not in taken]
    # A name shared with one of the classes ("statement") says nothing against the classes.
    ours = frozenset().union(*(profile.names for profile in profiles))
    return max(
        (
            _TITLE_WORTH * title_evidence(reading.title_lines, kind.names - ours)
            + _PHRASES_WORTH * phrase_evidence(reading.text, kind.cues) / 2
            for kind in foreign
        ),
        default=0.0,
    )


def _passages(columns: Iterable[str]) -> Iterable[str]:
    words: list[str] = []
    for column in columns:
        words += column.split()
        if len(words) >= _PASSAGE_WORDS:
            yield " ".join(words)
            words = []
    if words:
        yield " ".join(words)
