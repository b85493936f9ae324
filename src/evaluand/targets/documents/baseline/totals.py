"""Lines that sum up: subtotal, tax, total, balances. They end a list of items."""

from __future__ import annotations

from functools import lru_cache

from evaluand.targets.documents.baseline.labels import Lexicon, in_text
from evaluand.targets.documents.baseline.layout import Line
from evaluand.targets.documents.baseline.text import key
from evaluand.targets.documents.baseline.values import numbers_in, shares_in
from evaluand.targets.documents.baseline.vocabulary import vocabulary

# A label and its amount; a third piece is a rate, a base or a currency. Items have more.
_FEW_PIECES = 3
# What may stand before the label: "zzgl. 19 % MwSt.", "Less: discount", "Annual discount".
_WORDS_BEFORE = 2


@lru_cache(maxsize=1)
def _summing() -> Lexicon:
    concepts = {
        name: concept for name, concept in vocabulary().concepts.items() if concept.kind == "money"
    }
    return Lexicon.of([], concepts)


def is_summary(line: Line, pieces: int) -> bool:
    """Whether ``line`` states a sum, not an item; ``pieces`` is how many columns it fills."""
    if pieces > _FEW_PIECES:
        return False
    last = line.cells[-1].text
    if not any(numbers_in(last)) and not any(shares_in(last)):
        return False
    return sums_up(line)


def sums_up(line: Line) -> bool:
    """Whether a line begins with the label of a sum, a short qualifier before it allowed."""
    for cell in line.cells:
        text = cell.text
        if not any(char.isalpha() for char in text):
            continue
        span = next(iter(in_text(text, _summing())), None)
        if span is None:
            return False
        before = len(key(text[: span.start]).split())
        behind = [word for word in key(text[span.end :]).split() if len(word) > 1]
        # An item may be called "shipping labels": words behind a label make it a name.
        return before <= _WORDS_BEFORE and len(behind) <= 3 and not (behind and before)
    return False
