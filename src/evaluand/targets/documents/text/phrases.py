"""Words and phrases, brought to a form in which printed and configured text can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+")
_SPACED_OUT = re.compile(r"\b(?:[^\W\d_] ){3,}[^\W\d_]\b")
"""Letters set apart for emphasis, as in ``I N V O I C E``; three could be initials."""

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def words_of(text: str) -> list[str]:
    """The words of ``text``: case folded, without digits and marks, plurals in ``s`` cut off.

    >>> words_of("Purchase Orders: PO-4711")
    ['purchase', 'order', 'po']
    """
    joined = _SPACED_OUT.sub(lambda found: found.group().replace(" ", ""), text)
    return [_singular(word) for word in _WORD.findall(joined.casefold())]


def words_of_name(name: str) -> list[str]:
    """The words of a name such as ``purchase_order``, ``purchaseOrder`` or ``PURCHASE-ORDER``."""
    return words_of(_CAMEL.sub(" ", name))


def phrase(words: Iterable[str]) -> str:
    """Words as text that starts and ends with a blank, so that ``in`` finds whole words only."""
    return f" {' '.join(words)} "


def _singular(word: str) -> str:
    # Three letters or fewer are abbreviations; "ss" is no plural.
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


STOP_WORDS = frozenset(
    words_of(
        "a about all also an and any are as at be been before being but by can class"
        " classes containing contains document documents each etc file files for from had"
        " has have if in including into is it its kind may not of on one only or other"
        " otherwise page pages some such that the their them these they this those to type"
        " used uses was were which while who whose will with without"
    )
)
"""Words of class descriptions that say nothing about the class: function words, and the words
that any description of documents uses."""
