"""Where labels stand: every phrase of every query, and of the concepts nobody asked for.

Unasked concepts claim their labels too: that is why ``total`` does not take the subtotal's value,
nor ``date`` the delivery date's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz, process

from evaluand.targets.documents.baseline.fields import Query
from evaluand.targets.documents.baseline.layout import Cell, Sheet
from evaluand.targets.documents.baseline.text import Token, tokens
from evaluand.targets.documents.baseline.vocabulary import Concept, vocabulary

# The longest label of the vocabulary has six words.
_LONGEST = 6
# Share of equal letters for a misread label; lower, "total" would pass for "totals due".
_MISREAD = 86
# Shorter words differ too little from one another to be guessed.
_GUESSABLE = 5
# A qualifier hardly changes what a label means.
_QUALIFIED = 0.95
# A remark on tax behind a label is a part of it: "Rate (ex GST)", "Total CHF incl. 8.1 % VAT".
_REMARK = (
    r"[\s(,/\u2013-]*(?:[A-Z]{{3}}\s+)?(?i:(?P<without>{without})|{within})(?!\w)\.?\s*(?i:of|de)?"
    r"\s*(?:\d{{1,2}}(?:[.,]\d+)?\s?%\s*)?(?i:{taxes})(?!\w)[.)]*"
)
# "PO-71416" is a number of its own kind, not the label PO with a number. "MwSt19%" and scripts
# that set no blanks are another matter.
_IN_CODE = re.compile(r"(?<=[A-Za-zÀ-ɏ])[-/_]?\d(?![\d.,]*\s?%)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Label keys to what they are worth for each query; an empty mapping is a blocking label."""

    entries: Mapping[str, Mapping[int, float]]
    guessable: tuple[str, ...]
    weak: frozenset[str]
    inclusive: frozenset[str]

    @classmethod
    def of(cls, queries: Sequence[Query], concepts: Mapping[str, Concept]) -> Lexicon:
        """All phrases of ``queries``, and the labels of ``concepts`` as blocks."""
        entries: dict[str, dict[int, float]] = defaultdict(dict)
        for number, query in enumerate(queries):
            for phrase, weight in query.phrases.items():
                entries[phrase][number] = weight
        strong = set(entries)
        inclusive = {label for concept in concepts.values() for label in concept.inclusive}
        for concept in concepts.values():
            for label in (*concept.labels, *concept.inclusive, *concept.weak):
                entries.setdefault(label, {})
            strong.update(concept.labels)
            # What is written as part of a value does not end one.
            strong.difference_update(concept.inclusive, concept.weak)
        guessable = tuple(label for label in entries if len(label) >= _GUESSABLE)
        return cls(
            entries=dict(entries),
            guessable=guessable,
            weak=frozenset(entries) - strong,
            inclusive=frozenset(inclusive),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A label within a text, and what it is worth by query number."""

    start: int
    end: int
    phrase: str
    worth: Mapping[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A label found in a cell, characters ``start`` to ``end``; ``worth`` by query number.

    A ``weak`` one may as well be a word of a value, and does not end it.
    """

    sheet: Sheet
    line: int
    cell: int
    start: int
    end: int
    phrase: str
    weak: bool = False
    worth: Mapping[int, float] = field(default_factory=dict)

    @property
    def place(self) -> Cell:
        """The cell the label stands in."""
        return self.sheet.lines[self.line].cells[self.cell]

    @property
    def announces(self) -> bool:
        """Whether a word that prose and names use, too ("to", "van"), stands as a label does."""
        text = self.place.text
        if any(char.isalnum() for char in text[: self.start]):
            return False
        behind = text[self.end :].strip()
        return self.phrase not in vocabulary().particles or not behind or behind.startswith(":")


def occurrences(
    sheet: Sheet, lexicon: Lexicon, skipped: frozenset[tuple[int, int]] = frozenset()
) -> Iterator[Occurrence]:
    """Labels of a page in reading order, without the cells ``skipped`` (line, position)."""
    for number, line in enumerate(sheet.lines):
        for position, cell in enumerate(line.cells):
            if (number, position) in skipped:
                continue
            for span in in_text(cell.text, lexicon):
                yield Occurrence(
                    sheet=sheet,
                    line=number,
                    cell=position,
                    start=span.start,
                    end=span.end,
                    phrase=span.phrase,
                    weak=span.phrase in lexicon.weak,
                    worth=span.worth,
                )


def in_text(text: str, lexicon: Lexicon) -> Iterator[Span]:
    """Labels of ``text`` from left to right; the longest label wins a place."""
    found = [
        token
        for token in tokens(text)
        if not _IN_CODE.match(text, token.end) or token.text in lexicon.inclusive
    ]
    position = 0
    while position < len(found):
        length, phrase, certainty = _longest_match(found, position, text, lexicon)
        if position == 0:
            qualified = _qualified(found, text, lexicon)
            if qualified[0] > length:
                length, phrase, certainty = qualified
        if not length and position == 0:
            length, phrase, certainty = _guess(found, text, lexicon)
        if length:
            while found[position + length :] and _is_number_word(found, position + length, text):
                length += 1
            end = found[position + length - 1].end
            if remark := _remark().match(text, end):
                end = remark.end()
                length = sum(token.start < end for token in found) - position
                untaxed = f"{phrase} excl tax"
                phrase = untaxed if remark["without"] and untaxed in lexicon.entries else phrase
            worth = lexicon.entries[phrase]
            yield Span(
                start=found[position].start,
                end=end,
                phrase=phrase,
                worth={number: value * certainty for number, value in worth.items()},
            )
        position += max(length, 1)


@lru_cache(maxsize=1)
def _remark() -> re.Pattern[str]:
    words = vocabulary().remarks
    return re.compile(
        _REMARK.format(**{name: "|".join(map(re.escape, words[name])) for name in words})
    )


def _is_number_word(found: Sequence[Token], position: int, text: str) -> bool:
    """Whether a token after a label only says that a number follows: "berth no."."""
    pair = found[position - 1 : position + 1]
    return pair[1].text in vocabulary().number_words and _touching(pair, text)


def _longest_match(
    found: Sequence[Token], position: int, text: str, lexicon: Lexicon
) -> tuple[int, str, float]:
    for length in range(min(_LONGEST, len(found) - position), 0, -1):
        run = found[position : position + length]
        phrase = " ".join(token.text for token in run)
        if phrase in lexicon.entries and _touching(run, text):
            return length, phrase, 1.0
    return 0, "", 0.0


def _qualified(found: Sequence[Token], text: str, lexicon: Lexicon) -> tuple[int, str, float]:
    """A label after a word that says whose it is: "client PO"."""
    if not found or found[0].text not in vocabulary().qualifiers:
        return 0, "", 0.0
    length, phrase, _ = _longest_match(found, 1, text, lexicon)
    if not length or phrase in lexicon.weak or not _touching(found[: length + 1], text):
        return 0, "", 0.0
    return length + 1, phrase, _QUALIFIED


def _touching(run: Sequence[Token], text: str) -> bool:
    """Whether nothing but punctuation stands between the tokens."""
    return not any(
        any(char.isalnum() or char in ":;" for char in text[left.end : right.start])
        for left, right in pairwise(run)
    )


def _guess(found: Sequence[Token], text: str, lexicon: Lexicon) -> tuple[int, str, float]:
    """A label at the start of the text that is read a little wrong."""
    length = 1
    while length < min(len(found), _LONGEST) and _touching(found[: length + 1], text):
        length += 1
    phrase = " ".join(token.text for token in found[:length])
    if len(phrase) < _GUESSABLE:
        return 0, "", 0.0
    # A misreading keeps the number of letters; "piece" is another word than "pieces".
    alike = [label for label in lexicon.guessable if len(label) == len(phrase)]
    best = process.extractOne(phrase, alike, scorer=fuzz.ratio, score_cutoff=_MISREAD)
    return (length, best[0], best[1] / 100) if best else (0, "", 0.0)
