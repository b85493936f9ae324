"""When an extracted value counts as the expected one.

Two forms of one rule: ``matches`` for a pair of values and ``match_matrix`` for all pairs of two
columns at once, which is what makes pairing the rows of long tables affordable.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from evaluand.evaluators.documents.schema import Leaf
from evaluand.evaluators.documents.values import MISSHAPEN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NUMBER_TOLERANCE = 1e-9
"""Relative. Amounts agree to the cent up to ten million; decimal fractions survive a round trip."""

_FUZZY_PARTS = 5
"""Fuzzy strings may differ by a fifth of the longer one: a similarity of at least 0.8."""

_FUZZY_CHARACTERS = 10_000
"""Longer texts are compared exactly: edit distance takes time by the square of the length."""

_ONLY_EXTRACTED, _ONLY_EXPECTED = -1, -2
"""Codes of values that match nothing by identity; unequal, so that they never meet."""


def matches(expected: Any, extracted: Any, leaf: Leaf) -> bool:
    """Whether two values of a field are the same, by JSON type: ``true`` is not 1, "60" not 60."""
    if expected is None or extracted is None:
        return expected is extracted
    if isinstance(expected, str) and isinstance(extracted, str):
        return expected == extracted or (leaf.fuzzy and similar(expected, extracted))
    if leaf.whole and isinstance(expected, (dict, list)):
        return _same_structure(expected, extracted)
    return _same_scalar(expected, extracted)


def similar(expected: str, extracted: str) -> bool:
    """Whether two texts have a normalised edit similarity of at least 0.8, trimmed, case folded.

    Similarity is 1 - Levenshtein distance / length of the longer text; here in whole numbers.
    """
    from rapidfuzz.distance import Levenshtein

    one, other = _folded(expected), _folded(extracted)
    longest = max(len(one), len(other))
    if longest > _FUZZY_CHARACTERS:
        return one == other
    limit = longest // _FUZZY_PARTS
    return Levenshtein.distance(one, other, score_cutoff=limit) <= limit


def match_matrix(
    leaf: Leaf, extracted: Sequence[Any], expected: Sequence[Any]
) -> NDArray[np.bool_]:
    """``matches`` for all pairs: one line per extracted value, one column per expected value."""
    import numpy as np

    if leaf.whole:
        table = [[matches(right, left, leaf) for right in expected] for left in extracted]
        return np.array(table, dtype=bool).reshape(len(extracted), len(expected))
    book: dict[Hashable, int] = {}
    left = np.array([_code(value, leaf, book, _ONLY_EXTRACTED) for value in extracted])
    right = np.array([_code(value, leaf, book, _ONLY_EXPECTED) for value in expected])
    equal: NDArray[np.bool_] = left[:, None] == right[None, :]
    a = np.array([_finite(value) for value in extracted])
    b = np.array([_finite(value) for value in expected])
    if not (np.isnan(a).all() or np.isnan(b).all()):
        with np.errstate(over="ignore", invalid="ignore"):
            larger = np.maximum(np.abs(a)[:, None], np.abs(b)[None, :])
            equal |= np.abs(a[:, None] - b[None, :]) <= _NUMBER_TOLERANCE * larger
    if leaf.fuzzy:
        _add_similar(equal, extracted, expected)
    return equal


def row_key(value: Any) -> Hashable:
    """A key that only values which match each other share; no key is shared in doubt."""
    if isinstance(value, str):
        return value
    number = _finite(value)
    if not math.isnan(number):
        return (float, number)
    return (type(value), value) if value is None or isinstance(value, bool) else object()


def _same_scalar(expected: Any, extracted: Any) -> bool:
    if isinstance(expected, bool) or isinstance(extracted, bool):
        return expected is extracted
    if isinstance(expected, (int, float)) and isinstance(extracted, (int, float)):
        try:
            return math.isclose(expected, extracted, rel_tol=_NUMBER_TOLERANCE)
        except OverflowError:  # An integer beyond the range of floats.
            return expected == extracted
    return isinstance(expected, str) and isinstance(extracted, str) and expected == extracted


def _same_structure(expected: Any, extracted: Any) -> bool:
    """Deep equality with a stack of its own: values may nest deeper than Python can recurse."""
    pairs = [(expected, extracted)]
    while pairs:
        left, right = pairs.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            pairs.extend((left[key], right[key]) for key in left)
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pairs.extend(zip(left, right, strict=True))
        elif not (left is right is None or _same_scalar(left, right)):
            return False
    return True


def _code(value: Any, leaf: Leaf, book: dict[Hashable, int], nothing: int) -> int:
    """A number that two values share if and only if they are identical."""
    if value is MISSHAPEN or value != value:  # NaN is the one value that is unlike itself.
        return nothing
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        key: Hashable = ("number", value)
    elif isinstance(value, str):
        key = _folded(value) if leaf.fuzzy else value
    else:
        key = (type(value), value)
    return book.setdefault(key, len(book))


def _finite(value: Any) -> float:
    """The value as a float, NaN if it is none or too large to be one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    try:
        number = float(value)
    except OverflowError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _add_similar(
    equal: NDArray[np.bool_], extracted: Sequence[Any], expected: Sequence[Any]
) -> None:
    """Mark the pairs of similar texts in ``equal``."""
    import numpy as np
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    lines, left = _texts(extracted)
    columns, right = _texts(expected)
    if not left or not right:
        return
    distance = cdist(left, right, scorer=Levenshtein.distance, dtype=np.int32)
    longest = np.maximum.outer([len(text) for text in left], [len(text) for text in right])
    equal[np.ix_(lines, columns)] |= distance * _FUZZY_PARTS <= longest


def _texts(values: Sequence[Any]) -> tuple[list[int], list[str]]:
    """The places and the folded texts of the strings short enough to be compared fuzzily."""
    places, texts = [], []
    for place, value in enumerate(values):
        if isinstance(value, str) and len(folded := _folded(value)) <= _FUZZY_CHARACTERS:
            places.append(place)
            texts.append(folded)
    return places, texts


def _folded(text: str) -> str:
    return text.strip().casefold()
