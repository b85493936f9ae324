"""Words as they are compared: folded, without accents, in tokens that keep their place."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

# Runs of letters, or the signs that stand for "number"; digits never belong to a label. The
# degree sign is how many keyboards write the raised "o" of "n°".
_TOKEN = re.compile(r"(?:[^\W\d_]|(?<=[A-Za-z])°)+(?:['\u2019]s\b)?|[#№]")
_POSSESSIVE = re.compile(r"['\u2019]s$")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# Full-width forms differ from ASCII by a fixed offset; folding them keeps every index in place.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFFE5: 0xA5, 0x3000: 0x20}


class Token(NamedTuple):
    """A folded token and its place in the text it came from."""

    text: str
    start: int
    end: int


def narrow(text: str) -> str:
    """``text`` with full-width characters made ordinary ones, length unchanged."""
    return text.translate(_WIDE)


def fold(text: str) -> str:
    """Lower case, without accents: what an OCR engine or a hurried typist would still agree on."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("°", "o"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def tokens(text: str) -> list[Token]:
    """The label tokens of ``text`` in order."""
    found = (Token(_letters(m.group()), m.start(), m.end()) for m in _TOKEN.finditer(text))
    return [token for token in found if token.text]


def _letters(text: str) -> str:
    """Folded letters alone: folding takes some characters apart, such as ¼, into other signs.

    What is owned is named without its owner's ending: "buyer's order" is a "buyer order".
    """
    bare = _POSSESSIVE.sub("", text)
    return "".join(char for char in fold(bare) if char.isalpha() or char == "#")


def key(text: str) -> str:
    """One canonical spelling of a label: its tokens joined by blanks."""
    return " ".join(token.text for token in tokens(text))


def humanised(name: str) -> str:
    """A property name as words: ``invoiceNumber`` and ``invoice_number`` → ``invoice number``."""
    return _CAMEL.sub(" ", name).replace("_", " ").replace("-", " ").replace(".", " ").lower()
