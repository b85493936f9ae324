"""Which words around a label matter, and which known words are labels at all."""

from __future__ import annotations

import re

from evaluand.targets.documents.baseline.text import key, tokens

# Words that may stand around a label or a value without changing what it is.
_FILLER = frozenset(
    key(word)
    for word in (
        *("the", "of", "in", "on", "at", "to", "by", "and", "for", "incl", "inclusive", "plus"),
        *("less", "your", "our", "is", "was", "per", "total", "am", "vom", "bis", "zum", "der"),
        *("die", "das", "zzgl", "abzgl", "inkl", "exkl", "gesetzl", "von", "le", "la", "les"),
        *("de", "du", "des", "el", "il", "lo"),
    )
)


def foreign_words(text: str) -> int:
    """How many words of ``text`` are neither fillers nor currencies."""
    return sum(
        token.text not in _FILLER and not (len(token.text) == 3 and text[token.start].isupper())
        for token in tokens(text)
    )


def label_like(behind: str) -> bool:
    """Whether what stands behind a known word shows it to be a label: a colon, or digits."""
    return bool(re.match(r"\s*[:#]|[\s.]*\S*\d", behind))
