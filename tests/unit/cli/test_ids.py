"""Ids that people paste, from whichever face they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.cli.ids import RUN, read_id, shown
from evaluand.domain.ids import PublicId, to_base62, to_uuid
from evaluand.errors import InvalidRequest

IDS = st.integers(0, (1 << 120) - 1).map(PublicId)


@given(IDS, st.sampled_from(["run_", "bpr_", "set_", "target_", ""]))
def test_an_id_is_read_with_any_prefix(public_id: PublicId, prefix: str) -> None:
    assert read_id(prefix + to_base62(public_id), RUN) == public_id


@given(IDS)
def test_an_id_is_read_as_it_is_shown_and_as_a_uuid(public_id: PublicId) -> None:
    assert read_id(shown(RUN, public_id), RUN) == public_id
    assert read_id(to_uuid(public_id), RUN) == public_id


@pytest.mark.parametrize("text", ["", "run_", "run_short", "RUN_" + "0" * 21, "z" * 21, "0" * 22])
def test_other_texts_are_no_ids(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"is not the id of a run\. Take one from"):
        read_id(text, RUN)
