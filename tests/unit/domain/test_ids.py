"""Ids: every one has one text per alphabet, and only texts made here are read."""

from __future__ import annotations

import string
import uuid
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evaluand.domain.ids import (
    BITS,
    Position,
    PublicId,
    derive,
    from_base62,
    from_prefixed,
    from_uuid,
    new_public_id,
    to_base62,
    to_prefixed,
    to_uuid,
    underive,
)

GREATEST = (1 << BITS) - 1
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
KEY, OTHER_KEY = b"k" * 32, b"o" * 32

ids = st.integers(0, GREATEST).map(PublicId)
# Any text at all: control characters and lone surrogates too.
texts = st.text(st.characters(), max_size=50)
positions = st.builds(Position, st.integers(0, 2**44 - 1), st.integers(0, 2**32 - 1))
kinds = st.sampled_from(["extractor", "classifier", "splitter", "score"])


@pytest.mark.parametrize("edge", [0, 1, 61, 62, GREATEST - 1, GREATEST])
def test_the_edges_survive_each_alphabet(edge: int) -> None:
    assert from_base62(to_base62(PublicId(edge))) == edge
    assert from_prefixed("ev", to_prefixed("ev", PublicId(edge))) == edge
    assert from_uuid(to_uuid(PublicId(edge))) == edge


@given(ids)
def test_base_62_can_be_turned_back(public_id: PublicId) -> None:
    text = to_base62(public_id)

    assert len(text) == 21
    assert set(text) <= set(ALPHABET)
    assert from_base62(text) == public_id


@given(ids, ids)
def test_base_62_keeps_the_order_of_ids(one: PublicId, other: PublicId) -> None:
    assert (one < other) == (to_base62(one) < to_base62(other))


@given(ids, st.sampled_from(["ev", "evi", "bpr", "exr", "file"]))
def test_prefixed_texts_can_be_turned_back(public_id: PublicId, prefix: str) -> None:
    assert from_prefixed(prefix, to_prefixed(prefix, public_id)) == public_id


@given(ids)
def test_another_kinds_prefix_is_not_read(public_id: PublicId) -> None:
    text = to_prefixed("ev", public_id)

    assert from_prefixed("evi", text) is None
    assert from_prefixed("", text) is None
    assert from_prefixed("e", text) is None
    assert from_prefixed("ev", to_base62(public_id)) is None


@given(ids)
def test_uuids_are_of_version_4_and_can_be_turned_back(public_id: PublicId) -> None:
    text = to_uuid(public_id)

    assert uuid.UUID(text).version == 4
    assert uuid.UUID(text).variant == uuid.RFC_4122
    assert from_uuid(text) == public_id
    assert from_uuid(text.upper()) == public_id


@given(ids, ids)
def test_two_ids_never_share_a_text(one: PublicId, other: PublicId) -> None:
    assume(one != other)

    assert to_base62(one) != to_base62(other)
    assert to_uuid(one) != to_uuid(other)


@given(st.text(ALPHABET, min_size=21, max_size=21))
def test_a_base_62_text_that_is_read_is_the_ids_only_one(text: str) -> None:
    found = from_base62(text)

    assert found is None or to_base62(found) == text


def test_the_first_base_62_text_past_the_greatest_id_is_not_read() -> None:
    greatest = to_base62(PublicId(GREATEST))
    place = ALPHABET.index(greatest[-1])
    assert place < len(ALPHABET) - 1

    assert from_base62(greatest[:-1] + ALPHABET[place + 1]) is None
    assert from_base62("z" * 21) is None


@given(texts)
def test_foreign_texts_are_no_ids(text: str) -> None:
    assume(len(text) != 21)

    assert from_base62(text) is None
    assert from_prefixed("ev", text) is None
    assert from_prefixed("ev", f"ev_{text}") is None


@given(texts)
def test_no_text_makes_reading_a_uuid_fail(text: str) -> None:
    found = from_uuid(text)

    assert found is None or to_uuid(found) == text.lower()


@given(st.uuids())
def test_a_uuid_is_read_only_when_its_spare_bits_are_as_made_here(foreign: uuid.UUID) -> None:
    found = from_uuid(str(foreign))

    assert found is None or to_uuid(found) == str(foreign)
    assert foreign.version == 4 or found is None


@pytest.mark.parametrize("form", ["{{{}}}", "urn:uuid:{}", " {}", "{}\n"])
def test_other_spellings_of_a_uuid_are_not_read(form: str) -> None:
    assert from_uuid(form.format(to_uuid(PublicId(7)))) is None


def test_a_uuid_without_hyphens_is_not_read() -> None:
    assert from_uuid(to_uuid(PublicId(7)).replace("-", "")) is None


def test_fresh_ids_differ_and_use_all_their_bits() -> None:
    fresh = [new_public_id() for _ in range(2_000)]

    assert len(set(fresh)) == len(fresh)
    seen = 0
    for public_id in fresh:
        seen |= public_id
    assert seen == GREATEST


# ── Derived ids ──────────────────────────────────────────────────────────────────────────────────


@given(kinds, positions)
def test_derived_ids_can_be_turned_back(kind: str, position: Position) -> None:
    public_id = derive(KEY, kind, position)

    assert 0 <= public_id <= GREATEST
    assert underive(KEY, kind, public_id) == position


@given(positions, kinds, kinds)
def test_a_derived_id_means_nothing_for_another_kind(
    position: Position, kind: str, other: str
) -> None:
    assume(kind != other)

    assert underive(KEY, other, derive(KEY, kind, position)) is None


@given(kinds, positions)
def test_a_derived_id_means_nothing_in_another_installation(kind: str, position: Position) -> None:
    assert underive(OTHER_KEY, kind, derive(KEY, kind, position)) is None


@given(kinds, ids)
def test_a_guess_is_no_derived_id(kind: str, guess: PublicId) -> None:
    found = underive(KEY, kind, guess)

    assert found is None or derive(KEY, kind, found) == guess


def test_neighbours_do_not_collide_and_do_not_look_alike() -> None:
    made = [derive(KEY, "extractor", Position(7, place)) for place in range(5_000)]

    assert len(set(made)) == len(made)
    # Each bit is set about half of the time, whatever the position: 5 standard deviations wide.
    for bit in range(BITS):
        share = sum(public_id >> bit & 1 for public_id in made) / len(made)
        assert 0.46 < share < 0.54
    # Changing one bit of the position changes about half of the id's 120.
    flips = [(a ^ b).bit_count() for a, b in zip(made[::2], made[1::2], strict=True)]
    assert 55 < sum(flips) / len(flips) < 65


def test_the_same_place_of_neighbouring_runs_does_not_look_alike() -> None:
    made = [derive(KEY, "extractor", Position(run, 3)) for run in range(1_000)]

    half = BITS // 2
    changes = [a ^ b for a, b in pairwise(made)]
    for part in ([c >> half for c in changes], [c & ((1 << half) - 1) for c in changes]):
        assert 27 < sum(change.bit_count() for change in part) / len(part) < 33


@pytest.mark.parametrize(
    "position",
    [Position(-1, 0), Position(0, -1), Position(1 << 44, 0), Position(0, 1 << 32)],
)
def test_a_position_that_does_not_fit_is_refused(position: Position) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        derive(KEY, "extractor", position)


def test_the_greatest_position_fits() -> None:
    greatest = Position((1 << 44) - 1, (1 << 32) - 1)

    assert underive(KEY, "score", derive(KEY, "score", greatest)) == greatest
