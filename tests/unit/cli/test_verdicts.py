"""``evaluand gate``: what a comparison means for shipping."""

from __future__ import annotations

import pytest

from evaluand.cli.comparing import gate_code
from evaluand.domain.comparison import Earned, Share, compare


def _code(before: list[float], after: list[float], margin: float = 0.0) -> int:
    first, second = (
        {place: Earned(share=Share(value, 1)) for place, value in enumerate(values)}
        for values in (before, after)
    )
    return gate_code(compare(first, second), margin)


def test_a_clear_gain_passes() -> None:
    assert _code([0.0] * 12, [1.0] * 12) == 0


def test_a_clear_loss_fails() -> None:
    assert _code([1.0] * 12, [0.0] * 12) == 3


def test_a_loss_within_the_margin_does_not_fail() -> None:
    assert _code([1.0] * 200, [0.0] * 10 + [1.0] * 190, margin=0.0) == 3
    assert _code([1.0] * 200, [0.0] * 10 + [1.0] * 190, margin=0.2) == 0


def test_few_items_cannot_tell() -> None:
    assert _code([1.0, 0.0, 1.0], [0.0, 1.0, 1.0]) == 4


def test_nothing_changed_passes_however_few_items_there_are() -> None:
    assert _code([1.0, 0.0], [1.0, 0.0]) == 0


@pytest.mark.parametrize(("before", "after"), [([], []), ([], [1.0])])
def test_nothing_to_compare_cannot_tell(before: list[float], after: list[float]) -> None:
    assert _code(before, after) == 4
