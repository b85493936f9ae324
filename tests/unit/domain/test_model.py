"""What holds of every entity and value."""

from __future__ import annotations

import dataclasses
import inspect
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand import errors
from evaluand.domain import documents, model
from evaluand.domain.model import Answer, Counters, ItemContent, Outcome, RunStatus, Suite
from evaluand.errors import EvaluandError, MissingExtra

VALUES = [
    value
    for module in (model, documents)
    for _, value in inspect.getmembers(module, dataclasses.is_dataclass)
    if value.__module__ == module.__name__
]
ERRORS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, EvaluandError)
]
counts = st.integers(0, 10_000)


def test_there_are_values_to_look_at() -> None:
    assert len(VALUES) > 20


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_values_are_frozen_slotted_and_named(kind: type) -> None:
    parameters = kind.__dataclass_params__  # type: ignore[attr-defined]

    assert parameters.frozen
    assert "__slots__" in vars(kind)
    assert all(field.kw_only for field in dataclasses.fields(kind))


def test_values_cannot_be_changed() -> None:
    answer = Answer(output={})

    with pytest.raises(dataclasses.FrozenInstanceError):
        answer.output = None  # type: ignore[misc]


def test_defaults_are_not_shared() -> None:
    one, other = ItemContent(expected=None), ItemContent(expected=None)

    assert one == other
    assert one.metadata is not other.metadata
    assert one.inputs is not other.inputs


@given(counts, counts, counts, counts)
def test_done_counts_each_outcome_once(passed: int, failed: int, error: int, skipped: int) -> None:
    counters = Counters(passed=passed, failed=failed, error=error, skipped=skipped)

    assert counters.done == passed + failed + error + skipped
    assert {str(outcome) for outcome in Outcome} <= {f.name for f in dataclasses.fields(Counters)}


def test_paid_calls_are_no_items() -> None:
    assert Counters(paid_calls=9, reused_answers=9, unknown_calls=9, pages=9).done == 0


def test_a_suite_may_measure_nothing() -> None:
    assert Suite().metrics == ()


def test_the_words_of_a_status_are_stored_as_they_are() -> None:
    assert [str(status) for status in RunStatus] == [
        "pending",
        "running",
        "succeeded",
        "failed",
        "cancelled",
    ]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_errors_cross_process_borders_whole(kind: type[EvaluandError]) -> None:
    error = pickle.loads(pickle.dumps(kind("what was wrong", field="config.engine")))

    assert type(error) is kind
    assert (error.message, error.field) == ("what was wrong", "config.engine")
    assert str(error) == "what was wrong"


def test_error_codes_are_one_per_class() -> None:
    codes = [kind.code for kind in ERRORS]

    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_only_what_may_pass_by_itself_is_worth_repeating(kind: type[EvaluandError]) -> None:
    assert kind.retryable is (kind.status in (429, 503))


def test_a_missing_extra_names_the_command_that_helps() -> None:
    error = MissingExtra.named("documents", "reading PDF files")

    assert "pip install 'evaluand[documents]'" in error.message
    assert error.field == "documents"
