"""One public id per object, shown in each dialect's alphabet, and back again.

A public id is 120 random bits: few enough for 21 characters of base 62 and for the free bits of a
UUID, too many to guess. Rows that come by the million (executions, scores) store none: theirs are
derived from run and position by a keyed permutation, so they look random, need no index and can be
turned back. Every text has one reading and every id one text; anything else reads as None.
"""

from __future__ import annotations

import secrets
import string
import uuid
from hashlib import blake2b
from typing import NamedTuple, NewType

PublicId = NewType("PublicId", int)

BITS = 120
_LIMIT = 1 << BITS
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_VALUE = {character: value for value, character in enumerate(_BASE62)}
# 62**20 < 2**120 <= 62**21, so every id fits 21 characters, the length of a nanoid.
_WIDTH = 21

# A derived id holds run key, position and zeros: the zeros tell it from a guess (1 in 2**44).
_RUN_BITS, _POSITION_BITS = 44, 32
_CHECK_BITS = BITS - _RUN_BITS - _POSITION_BITS
_HALF = BITS // 2
_HALF_MASK = (1 << _HALF) - 1
# Luby-Rackoff: four rounds of a keyed hash make a strong pseudo-random permutation.
_ROUNDS = 4


class Position(NamedTuple):
    """Where an execution stands: its run's key and its place in the run."""

    run: int
    place: int


def new_public_id() -> PublicId:
    """A fresh random id."""
    return PublicId(secrets.randbits(BITS))


def to_base62(public_id: PublicId) -> str:
    """The 21-character text of an id."""
    digits = []
    rest = int(public_id)
    for _ in range(_WIDTH):
        rest, digit = divmod(rest, 62)
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))


def from_base62(text: str) -> PublicId | None:
    """The id behind a 21-character text, or None if there is none."""
    if len(text) != _WIDTH:
        return None
    value = 0
    for character in text:
        digit = _VALUE.get(character)
        if digit is None:
            return None
        value = value * 62 + digit
    return PublicId(value) if value < _LIMIT else None


def to_prefixed(prefix: str, public_id: PublicId) -> str:
    """``prefix_`` and the base 62 text, as in ``ev_0bQ…``."""
    return f"{prefix}_{to_base62(public_id)}"


def from_prefixed(prefix: str, text: str) -> PublicId | None:
    """The id behind a prefixed text; None when the prefix is another kind's."""
    head, separator, tail = text.partition("_")
    return from_base62(tail) if separator and head == prefix else None


def to_uuid(public_id: PublicId) -> str:
    """The id in the free bits of a version 4 UUID; the two bits left over are zero."""
    value = int(public_id)
    high, middle, low = value >> 72, (value >> 60) & 0xFFF, value & ((1 << 60) - 1)
    return str(uuid.UUID(int=high << 80 | 0x4 << 76 | middle << 64 | 0b10 << 62 | low))


def from_uuid(text: str) -> PublicId | None:
    """The id behind a UUID made by :func:`to_uuid`, in any case; None for any other."""
    try:
        value = uuid.UUID(text).int
    except ValueError:
        return None
    public_id = PublicId(
        (value >> 80) << 72 | ((value >> 64) & 0xFFF) << 60 | value & (1 << 60) - 1
    )
    return public_id if to_uuid(public_id) == text.lower() else None


def derive(key: bytes, kind: str, position: Position) -> PublicId:
    """The id of the ``kind`` of row that stands at ``position``; ``key`` is the installation's.

    Raises ValueError when run key or position is outside the range an id can hold.
    """
    if not (0 <= position.run < 1 << _RUN_BITS and 0 <= position.place < 1 << _POSITION_BITS):
        raise ValueError(f"position {position} does not fit an id")
    plain = (position.run << _POSITION_BITS | position.place) << _CHECK_BITS
    left, right = plain >> _HALF, plain & _HALF_MASK
    for turn in range(_ROUNDS):
        left, right = right, left ^ _round(key, kind, turn, right)
    return PublicId(left << _HALF | right)


def underive(key: bytes, kind: str, public_id: PublicId) -> Position | None:
    """The position behind a derived id; None for an id of another kind or installation."""
    left, right = int(public_id) >> _HALF, int(public_id) & _HALF_MASK
    for turn in reversed(range(_ROUNDS)):
        left, right = right ^ _round(key, kind, turn, left), left
    plain = left << _HALF | right
    if plain & (1 << _CHECK_BITS) - 1:
        return None
    joined = plain >> _CHECK_BITS
    return Position(joined >> _POSITION_BITS, joined & (1 << _POSITION_BITS) - 1)


def _round(key: bytes, kind: str, turn: int, half: int) -> int:
    message = kind.encode() + bytes([turn]) + half.to_bytes(8, "big")
    return int.from_bytes(blake2b(message, key=key, digest_size=8).digest(), "big") & _HALF_MASK
