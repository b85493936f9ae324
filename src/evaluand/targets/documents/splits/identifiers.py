"""Numbers that documents carry as their name: invoice numbers, order numbers, references."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from evaluand.targets.documents.text.lines import Line
from evaluand.targets.documents.text.phrases import words_of_name

_TOKEN = re.compile(
    r"(?<![\w.,:/'$€£¥@-])(?:\d{3,}(?: \d{3,})+|[A-Za-z]{0,6}[-/]?\d[\w/-]*\w)\b(?!@|[.,':%]?\d)"
)
"""Groups of figures (``7583 7974``), or one run that may begin with letters (``F-49156``)."""

_DATE = re.compile(
    r"^(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[-/][A-Za-z]{3,9}[-/]\d{2,4}|(?:19|20)\d{2}"
    r"|[A-Za-z]{3,9} ?\d{1,2}|(?:19|20)\d{2}[-/](?:19|20)?\d{2})$"
)
_UNIT = re.compile(r"^\d+(?:mg|g|kg|ml|l|mm|cm|m|km|w|kw|v|h|st|nd|rd|th|x|pt)$", re.IGNORECASE)

_FIGURES = 3
"""Tokens with fewer figures are quantities, house numbers and units."""

_GENERIC_LABEL = re.compile(
    r"(?:\b(?:no|nr|nº|n°|num|number|\w*nummer|numéro|número|numero|ref|reference|referenz|référence"
    r"|referencia|id)\b|#|№)\s*[.:]*\s*$",
    re.IGNORECASE,
)
_GENERIC_WORDS = frozenset(
    {"number", "no", "nr", "id", "identifier", "code", "reference", "ref", "key"}
)
"""Words of an identifier key that name no particular identifier."""

_LONG = 6
"""Fewer bare figures without a label are house numbers and postcodes."""

_ASKED_FOR, _LABELLED = 3, 2
"""Points for a label with the words of the key, and for a general one; any short label has 1."""

_UPPER = 0.4
"""The part of the first page where letterhead and document number stand."""

_LABEL_WORDS = 3
"""A label is this short; longer is prose or an address."""

_ENOUGH = 3
"""Printed once (1), in the upper part (1), behind some label (1)."""


def identifier_tokens(lines: Iterable[Line]) -> frozenset[str]:
    """Tokens of ``lines`` that could identify a document, without dates, amounts and units."""
    return frozenset(token for line in lines for token, _ in _tokens(line, frozenset()))


def labelled_identifiers(lines: Iterable[Line]) -> frozenset[str]:
    """Those of the tokens that stand behind "No.", "Reference" and the like."""
    return frozenset(
        token for line in lines for token, worth in _tokens(line, frozenset()) if worth >= _LABELLED
    )


def find_identifier(pages: Sequence[Sequence[Line]], key: str | None) -> str | None:
    """The printed number that best identifies a document, or None if none stands out.

    A number counts for standing behind the words of ``key`` ("invoice number"), a general label
    ("No.", "Ref") or any short label, for being printed several times, and for standing in the
    upper part of the first page. One or two of the weaker signs are not enough.
    """
    particular = frozenset(words_of_name(key or "")) - _GENERIC_WORDS
    points: Counter[str] = Counter()
    for number, lines in enumerate(pages):
        for line in lines:
            for token, worth in _tokens(line, particular):
                points[token] += 1
                if number == 0:
                    points[token] += (line.top < _UPPER) + worth
    best, reached = max(points.items(), key=lambda entry: entry[1], default=("", 0))
    return best if reached >= _ENOUGH else None


def _tokens(line: Line, particular: frozenset[str]) -> Iterable[tuple[str, int]]:
    """Identifier-like tokens of ``line`` and what the label before each is worth."""
    for index, column in enumerate(line.columns):
        for found in _TOKEN.finditer(column):
            token = found.group()
            enough = sum(character.isdigit() for character in token) >= _FIGURES
            if not enough or _DATE.match(token) or _UNIT.match(token):
                continue
            label = column[: found.start()].strip() or (line.columns[index - 1] if index else "")
            worth = _worth(label, particular, ends=not column[found.end() :].strip())
            if worth or not (token.isdigit() and len(token) < _LONG):
                yield token, worth


def _worth(label: str, particular: frozenset[str], *, ends: bool) -> int:
    words = words_of_name(label)
    if particular.intersection(words):
        return _ASKED_FOR
    if _GENERIC_LABEL.search(label):
        return _LABELLED
    # "Account 4711", but not "Cable ties 300 mm" or the end of an address.
    return int(ends and 0 < len(words) <= _LABEL_WORDS and "," not in label)
