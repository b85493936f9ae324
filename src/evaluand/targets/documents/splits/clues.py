"""What a page shows of where it stands in a document: numbering, headers, identifiers, endings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evaluand.domain.documents import Page
from evaluand.targets.documents.splits.identifiers import identifier_tokens, labelled_identifiers
from evaluand.targets.documents.text.lines import Line, lines_of

_HEAD_LINES, _FOOT_LINES = 3, 3
"""Running headers and footers, with a line of contact or bank details beside the page number."""

_FOOT = 0.88
"""Where footers begin; a last line above this is the end of the text."""

_HEAD = 0.4
"""The part of a page that holds letterhead, title and document number."""

_DASHES = "-\u2013\u2014|·•"
"""What sets a page number apart from the footer beside it."""

_NUMBER_OF = r"(?:/|of|out of|von|de|di|van|sur|av)"

_LABELLED_NUMBER = re.compile(
    rf"\b(?:page|p|pg|sheet|folio|seite|s|blatt|pagina|página|pág|pag|side)\b\.?\s*:?\s*(\d{{1,4}})"
    rf"(?:\s*{_NUMBER_OF}\s*(\d{{1,4}}))?\b",
    re.IGNORECASE,
)
_NUMBER_OF_TOTAL = re.compile(rf"^\W*(\d{{1,3}})\s*{_NUMBER_OF}\s*(\d{{1,3}})\W*$", re.IGNORECASE)
_BARE_NUMBER = re.compile(rf"(?:^|\s[{_DASHES}]\s*)[{_DASHES}]?\s*(\d{{1,3}})\s*[{_DASHES}]?\s*$")
"""``- 2 -`` or ``Annual report | 2``; trusted in the last line only."""

_CONTINUED_ABOVE = re.compile(
    r"\b(?:continued|cont'?d|brought forward|fortsetzung|übertrag|suite|report à nouveau"
    r"|continuación|suma anterior|segue|riporto|vervolg)\b",
    re.IGNORECASE,
)
_CONTINUED_BELOW = re.compile(
    r"\b(?:continue[sd]|cont'?d|carried forward|carry forward|next page|please turn over|p\.?t\.?o"
    r"|fortsetzung|übertrag|nächste seite|à suivre|à reporter|page suivante|continúa|suma y sigue"
    r"|segue|a riportare|zie volgende|wordt vervolgd)\b",
    re.IGNORECASE,
)
_SALUTATION = re.compile(
    r"^(?:dear|hello|hi|to whom it may concern|sehr geehrte[rs]?|liebe[rs]?|hallo|chère?s?|madame"
    r"|monsieur|estimad[oa]s?|querid[oa]s?|gentile|egregi[oa]|spett(?:abile|\.)|geachte|beste)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"^(?:§\s*|article\s+|clause\s+|section\s+)?(\d{1,3})[.)]\s+\S", re.IGNORECASE)
_PRICED = re.compile(r"\d[.,]\d{2}\W{0,2}(?:[A-Z]{1,3})?$")
"""Ends a line of a list of items or sums, which says nothing of the form it is printed on."""

_LETTERS = re.compile(r"[^\W\d_]{3}")
"""What a line needs to be a line of a form."""

_SENTENCE_END = re.compile(r"[.!?:;…]['\"\u2019\u201d)]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageClues:
    """The clues of one page.

    ``identifiers`` stand in the upper part or the footer, ``edge_identifiers`` in the first or
    last lines, ``labelled`` ones behind "No." or the like. ``running`` are header and footer lines
    without their page number. ``filled`` is how far down the text reaches, as a share of the
    height; ``headline`` the size of the largest line of the upper part over the usual size.
    ``form`` are the lines that are no rows of a table, each with and without its figures.
    """

    number: int | None
    total: int | None
    running: frozenset[str]
    identifiers: frozenset[str]
    edge_identifiers: frozenset[str]
    labelled: frozenset[str]
    headline: float
    filled: float
    size: tuple[float, float]
    scanned: bool
    salutation: bool
    continued_above: bool
    continued_below: bool
    first_clause: int | None
    last_clause: int | None
    column_heads: frozenset[str]
    form: frozenset[tuple[str, str]]
    starts_midway: bool
    ends_midway: bool


def clues_of(page: Page) -> PageClues:
    """The clues that ``page`` gives by itself."""
    lines = lines_of(page)
    head = tuple(line for line in lines if line.top <= _HEAD)
    foot = tuple(line for line in lines[-_FOOT_LINES:] if line.top >= _FOOT)
    edges = (*lines[:_HEAD_LINES], *foot)
    number, total = _numbering(lines)
    body = tuple(line for line in lines if not _is_numbering(line))
    clauses = [int(found[1]) for line in body if (found := _CLAUSE.match(line.text))]
    return PageClues(
        number=number,
        total=total,
        running=frozenset(_running(edges)),
        identifiers=identifier_tokens((*head, *foot)),
        edge_identifiers=identifier_tokens(edges),
        labelled=labelled_identifiers(head),
        headline=max((line.size for line in head), default=1.0),
        filled=max((line.bottom for line in body), default=0.0),
        size=(page.width, page.height),
        scanned=page.scanned,
        salutation=any(_SALUTATION.match(line.text) for line in lines if line.top < 0.5),
        continued_above=any(_CONTINUED_ABOVE.search(line.text) for line in lines[:_HEAD_LINES]),
        continued_below=any(_CONTINUED_BELOW.search(line.text) for line in lines[-_FOOT_LINES:]),
        first_clause=clauses[0] if clauses else None,
        last_clause=clauses[-1] if clauses else None,
        column_heads=frozenset(_column_heads(lines)),
        form=frozenset(_form(body)),
        starts_midway=bool(body) and body[0].text[:1].islower(),
        ends_midway=bool(body) and not _SENTENCE_END.search(body[-1].text),
    )


def _numbering(lines: Sequence[Line]) -> tuple[int | None, int | None]:
    """The page number and the number of pages printed in the footer, else in the header."""
    for line in (*reversed(lines[-_FOOT_LINES:]), *lines[:_HEAD_LINES]):
        found = _number_in(line)
        if found:
            return int(found[1]), int(found[2]) if found[2] else None
    last = _BARE_NUMBER.search(lines[-1].text) if lines else None
    return (int(last[1]), None) if last else (None, None)


def _number_in(line: Line) -> re.Match[str] | None:
    for column in line.columns:
        found = _NUMBER_OF_TOTAL.match(column) or _LABELLED_NUMBER.search(column)
        if found:
            return found
    return None


def _is_numbering(line: Line) -> bool:
    return _number_in(line) is not None or _BARE_NUMBER.search(line.text) is not None


def _running(lines: Iterable[Line]) -> Iterable[str]:
    """Header and footer lines without their page number: alike on all pages of a document."""
    for line in lines:
        bare = _BARE_NUMBER.sub("", _LABELLED_NUMBER.sub("", line.text)).casefold()
        text = " ".join(bare.split()).strip(f" {_DASHES}()")
        # Four letters or figures: less is a leftover of the numbering.
        if sum(character.isalnum() for character in text) >= 4:
            yield text


def _column_heads(lines: Iterable[Line]) -> Iterable[str]:
    """Lines that head a table: three columns or more, and no figures."""
    for line in lines:
        if len(line.columns) >= 3 and not any(character.isdigit() for character in line.text):
            yield line.text.casefold()


def _form(lines: Iterable[Line]) -> Iterable[tuple[str, str]]:
    for line in lines:
        text = line.text.casefold()
        if len(line.columns) <= 2 and not _PRICED.search(line.text) and _LETTERS.search(text):
            yield re.sub(r"\d", "0", text), text
