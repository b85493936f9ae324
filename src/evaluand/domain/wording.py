"""What a text must be like to be stored and found again, on every database and screen."""

from __future__ import annotations

import re

from evaluand.errors import InvalidRequest

# Long enough for a sentence, short enough for a column on a page.
LONGEST_NAME = 500
# PostgreSQL takes no NUL in a text, and halves of surrogate pairs are no characters.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def named(name: str) -> str:
    """The name without outer blanks. Raises InvalidRequest when it is empty or endless."""
    tidy = name.strip()
    if not tidy or len(tidy) > LONGEST_NAME or _UNSTORABLE.search(tidy):
        raise InvalidRequest(
            f"'name' must have 1 to {LONGEST_NAME} characters that can be printed.", field="name"
        )
    return tidy


def described(description: str) -> str:
    """The description as it is. Raises InvalidRequest when it holds what is no text."""
    if _UNSTORABLE.search(description):
        raise InvalidRequest(
            "'description' holds NUL or half a surrogate pair. Send text only.",
            field="description",
        )
    return description
