"""Extractor metrics: the worked example to the digit, and the rules one by one."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.evaluators.documents.invoices import CONFIG, TEXT, invoice, run

from evaluand.domain.statistics import wilson
from evaluand.evaluators.documents import EXTRACTOR


def worked_items() -> list[tuple[Any, Any]]:
    gadget, widget = ("Gadget", 1, 40), ("Widget", 2, 10)
    bolt, nut, saw = ("Bolt", 5, 2.5), ("Nut", 3, 1), ("Saw", 1, 60)
    third = invoice("INV-003", "Gamma", None, None)
    del third["vendor"]["city"], third["total_amount"]
    return [
        (
            invoice("INV-001", "Acme Corp", "Oslo", 60, gadget, widget),
            invoice("INV-001", "Acme Corp", "Oslo", 60, widget, gadget),
        ),
        (
            invoice("INV-002", "Beta LLC", None, 75.5, bolt, nut),
            invoice("INV-002", "Beta LLC", "Lima", 75.5, bolt, nut, saw),
        ),
        (third, invoice("INV-0O3", "Gamma", "Rome", 12)),
    ]


def test_the_worked_example() -> None:
    metrics = run(worked_items())
    wanted = {
        "invoice_number": (3, 3, 3, 2, 0.666667),
        "vendor.name": (3, 3, 3, 3, 1),
        "vendor.city": (3, 3, 2, 1, 0.5),
        "total_amount": (3, 3, 2, 2, 1),
        "line_items.description": (3, 2, 3, 2.666667, 0.888889),
        "line_items.quantity": (3, 2, 3, 2.666667, 0.888889),
        "line_items.amount": (3, 2, 3, 2.666667, 0.888889),
    }
    assert list(metrics["fields"]) == list(wanted)
    for name, figures in wanted.items():
        field = metrics["fields"][name]
        found = (field[key] for key in ("total", "present", "expected", "accurate", "accuracy"))
        assert tuple(round(figure, 6) for figure in found) == figures
    assert metrics["accuracy"] == pytest.approx(16 / 19)
    assert round(metrics["accuracy"], 6) == 0.842105
    low, high = metrics["interval"]
    assert low < 16 / 19 < high


def test_whole_counts_are_integers() -> None:
    accurate = run(worked_items())["fields"]["vendor.name"]["accurate"]
    assert (accurate, type(accurate)) == (3, int)


def test_the_worked_example_with_a_field_excluded() -> None:
    metrics = run(worked_items(), {"excludeFields": ["vendor.city"]})
    assert round(metrics["accuracy"], 6) == 0.882353
    assert "vendor.city" not in metrics["fields"]


def test_kinds_of_mistakes() -> None:
    metrics = run(worked_items())
    faults = {
        name: (field["wrong"], field["invented"], field["missing"])
        for name, field in metrics["fields"].items()
    }
    assert faults["invoice_number"] == (1, 0, 0)
    assert faults["vendor.city"] == (0, 1, 0)
    assert faults["line_items.amount"] == (0, 1, 0)
    assert (metrics["wrong"], metrics["invented"], metrics["missing"]) == (1, 4, 0)


def test_arrays_and_averages_besides() -> None:
    metrics = run(worked_items())
    array = metrics["arrays"]["line_items"]
    assert (array["expected"], array["approximate"]) == (3, 0)
    assert array["accuracy"] == pytest.approx((1 + 2 / 3 + 1) / 3)
    assert metrics["macro_accuracy"] == pytest.approx((2 / 3 + 1 + 1 / 2 + 1 + 3 * 8 / 9) / 7)
    assert metrics["item_accuracy"] == pytest.approx((1 + (3 + 2) / 7 + 4 / 5) / 3)
    assert (metrics["perfect"], metrics["measured"]) == (1, 3)
    assert metrics["perfect_rate_interval"] == pytest.approx(list(wilson(1, 3)))


def test_a_field_of_scalars_has_wilsons_interval() -> None:
    metrics = run(worked_items())
    assert metrics["fields"]["invoice_number"]["interval"] == pytest.approx(list(wilson(2, 3)))


def test_item_values_and_their_explanations() -> None:
    expected, extracted = worked_items()[1]
    score = EXTRACTOR.score(CONFIG, {}, {"value": expected}, {"value": extracted})
    assert score.value == pytest.approx(5 / 7)
    assert score.explanation == (
        "5 of 7 fields right; invented: vendor.city, line_items.description, line_items.quantity, "
        "line_items.amount."
    )
    assert score.detail["arrays"]["line_items"]["pairing"] == [0, 1, None]


def test_a_failed_item_earns_nothing_even_for_nulls() -> None:
    nothing = invoice(None, None, None, None)
    metrics = run([(nothing, None), (nothing, nothing)])
    assert (metrics["items"], metrics["failed"]) == (2, 1)
    assert metrics["accuracy"] == 0.5
    field = metrics["fields"]["total_amount"]
    assert (field["expected"], field["present"], field["accurate"]) == (2, 0, 1)
    assert metrics["arrays"]["line_items"]["accuracy"] == 0.5
    score = EXTRACTOR.score(CONFIG, {}, {"value": nothing}, None)
    assert score.value == 0
    assert score.explanation == "The extractor gave no output; 7 fields were expected."


def test_a_failed_items_values_are_missing() -> None:
    metrics = run([(invoice("1", "A", None, 5, ("x", 1, 2), ("y", 2, 3)), None)])
    missing = [field["missing"] for field in metrics["fields"].values()]
    assert missing == [1, 1, 0, 1, 2, 2, 2]


def test_an_extractor_that_found_nothing_has_not_failed() -> None:
    nothing = {"value": invoice(None, None, None, None)}
    for output in ({"value": {}}, {"value": None}, {}):
        assert EXTRACTOR.score(CONFIG, {}, nothing, output).value == 1


def test_nothing_expected_is_not_measured() -> None:
    for expected in ({}, {"value": {}}, {"other": 1}, None, "text"):
        score = EXTRACTOR.score(CONFIG, {}, expected, {"value": {"invoice_number": "1"}})
        assert score.value is None
        assert score.explanation == "Nothing is expected of this item."
    metrics = run([({}, {"invoice_number": "1"})])
    assert "accuracy" not in metrics
    assert "interval" not in metrics
    field = metrics["fields"]["invoice_number"]
    assert (field["total"], field["present"], field["expected"]) == (1, 1, 0)
    assert "accuracy" not in field


def test_a_run_without_items_names_its_fields() -> None:
    metrics = run([])
    assert len(metrics["fields"]) == 7
    assert metrics["items"] == 0
    assert "accuracy" not in metrics


def test_null_objects_and_arrays_stand_for_nulls_and_no_rows() -> None:
    truth = invoice("1", None, None, 2) | {"vendor": None, "line_items": None}
    assert run([(truth, invoice("1", None, None, 2))])["accuracy"] == 1
    assert run([(truth, {"invoice_number": "1", "total_amount": 2})])["accuracy"] == 1


def test_fuzzy_fields_forgive_what_others_do_not() -> None:
    items = [(invoice("INV-1", "Acme Corp", "Oslo", 1), invoice("inv-1", "ACME Corp.", "oslo", 1))]
    assert run(items)["accuracy"] == pytest.approx(4 / 7)
    assert run(items, {"fuzzyMatchFields": ["vendor"]})["accuracy"] == pytest.approx(6 / 7)


def test_explanations_stay_short() -> None:
    names = [f"field_{n}" for n in range(9)]
    schema = {"type": "object", "properties": dict.fromkeys(names, TEXT)}
    wrong = {"value": dict.fromkeys(names, "x")}
    truth = {"value": dict.fromkeys(names, "y")}
    explanation = EXTRACTOR.score({"schema": schema}, {}, truth, wrong).explanation
    assert explanation is not None
    assert explanation.endswith("field_3, field_4 and 4 more.")


def test_without_a_schema_nothing_is_measured() -> None:
    assert EXTRACTOR.score({}, {}, {"value": {"a": 1}}, {"value": {"a": 1}}).value is None
