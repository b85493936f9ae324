"""Schemas proposed from samples: what was found, in the types it was printed in."""

from __future__ import annotations

import pytest
from tests.unit.targets.printed import document, page

from evaluand.domain.model import TargetKind
from evaluand.errors import Unprocessable
from evaluand.targets.documents.checks import check_config, check_ready
from evaluand.targets.documents.generate import propose

INVOICE = document(
    page(
        "Acme Corp",
        "Invoice number: INV-7",
        "Invoice date: 2026-03-01",
        "Machine hours: 12.5",
        "Warehouse: North 4",
        "Description   Quantity   Amount",
        "Gadget   1   40.00",
        "Widget   2   20.00",
        "Total: 60.00",
    )
)


def test_known_labels_get_their_usual_names_and_types() -> None:
    properties = propose([INVOICE])["properties"]
    assert properties["invoice_number"]["type"] == ["string", "null"]
    assert properties["issue_date"]["extend:type"] == "date"
    assert properties["total"]["type"] == ["number", "null"]
    columns = properties["line_items"]["items"]["properties"]
    assert {"description", "quantity"} <= set(columns)


def test_unknown_labels_name_their_fields() -> None:
    properties = propose([INVOICE])["properties"]
    assert properties["machine_hours"] == {
        "type": ["number", "null"],
        "description": "Machine hours",
    }
    assert properties["warehouse"]["type"] == ["string", "null"]


def test_a_field_of_any_sample_is_proposed() -> None:
    other = document(page("Fahrgestellnummer: WVW 12", "Übergabe am: 2026-05-01"))
    properties = propose([INVOICE, other])["properties"]
    assert {"invoice_number", "fahrgestellnummer"} <= set(properties)
    assert properties["ubergabe_am"]["extend:type"] == "date"


def test_the_proposal_can_run_as_it_is() -> None:
    config = {"schema": propose([INVOICE])}
    check_config(TargetKind.EXTRACTOR, config)
    check_ready(TargetKind.EXTRACTOR, config)


def test_prose_proposes_nothing() -> None:
    with pytest.raises(Unprocessable):
        propose([document(page("one two three"))])
