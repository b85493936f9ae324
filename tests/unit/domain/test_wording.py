"""Names and descriptions: any script, nothing that no database can hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.domain.wording import LONGEST_NAME, described, named
from evaluand.errors import InvalidRequest

storable = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@given(storable.filter(lambda text: text.strip()))
def test_a_name_is_kept_but_for_its_outer_blanks(text: str) -> None:
    assert named(f" \t{text}\n") == text.strip()


@given(storable)
def test_a_description_is_kept_as_it_is(text: str) -> None:
    assert described(text) == text


def test_a_name_may_be_as_long_as_it_says() -> None:
    assert named("大" * LONGEST_NAME) == "大" * LONGEST_NAME
    with pytest.raises(InvalidRequest):
        named("大" * (LONGEST_NAME + 1))


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u2003"])
def test_a_name_is_not_blank(blank: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        named(blank)

    assert caught.value.field == "name"


@given(storable, st.sampled_from(["\0", "\ud800", "\udfff"]), storable)
def test_what_no_database_can_hold_is_refused(head: str, bad: str, tail: str) -> None:
    text = f"a{head}{bad}{tail}b"

    with pytest.raises(InvalidRequest):
        named(text)
    with pytest.raises(InvalidRequest) as caught:
        described(text)
    assert caught.value.field == "description"
