"""The offline engines on designs unlike the examples, read from PDF and scored as a run is.

The floors are below what the engines reach, above what breaking one of their means leaves.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.drawn import INVOICES, pdf

from evaluand.documents.limits import ReadingLimits
from evaluand.evaluators.documents import EXTRACTOR, SPLITTER
from evaluand.targets.documents.local import process

EXAMPLES = Path(__file__).parents[2] / "examples"
ENGINES = "evaluand.targets.documents"
FLOOR = 0.95

UTILITY = """
Northmere Energy                                   Your electricity bill

Account number   4410029931                        Bill date   2 April 2025
Energy used 812 kWh at 22.4p                                          181.89
Standing charge 90 days at 24.7p                                       22.23
VAT at 5%                                                              10.24
Total to pay                                                         £214.36
Please pay by 20 April 2025
"""
REFERENCE = """
9 May 2025

To whom it may concern

Bram worked with us for three years as a joiner. He was punctual and careful.
We would gladly employ him again.

Kind regards

Petra Halvorsen
"""
SLIP = """
QuayPark
Harbour Street Multi-storey
Entry  {day}.05.2025 09:12
Exit   14:47
Fee          EUR 11.50
Paid by Mastercard ****9921
Approved 0045{day}
Ticket 883100{day}
Please retain this ticket
"""
STATEMENT = """
Tarn & Fell Savings Bank
Account number 20031177    Sort code 20-11-09

Date         Description                     Amount      Balance
{rows}
"""


@pytest.mark.parametrize("design", INVOICES)
def test_invoices_of_any_design_are_read(design: str, tmp_path: Path) -> None:
    config = {"schema": json.loads((EXAMPLES / "invoices" / "schema.json").read_text())}
    data, truth = INVOICES[design]
    output = _output("baseline.extractor:extract", data, config, tmp_path)
    score = EXTRACTOR.score(config, {}, {"value": truth}, output)
    assert score.value is not None
    assert score.value >= FLOOR, score.explanation


@pytest.mark.parametrize(
    ("drawing", "expected"),
    [(UTILITY, "invoice"), (REFERENCE, "letter"), (SLIP.format(day=14), "receipt")],
    ids=["bill of a utility", "letter without a salutation", "slip without a title"],
)
def test_documents_without_the_name_of_their_class_are_known(
    drawing: str, expected: str, tmp_path: Path
) -> None:
    config = {"classifications": _classes()}
    output = _output("classes.classifier:classify", pdf(drawing), config, tmp_path)
    assert output["id"] == expected


def test_slips_of_one_form_are_parted_and_pages_of_one_statement_are_not(tmp_path: Path) -> None:
    rows = [
        "\n".join(
            f"{day:02d} May       CARD PAYMENT {day:02d}    -{day}.10   1,{day:02d}4.55"
            for day in days
        )
        for days in (range(1, 28), range(28, 31))
    ]
    pages = (
        *(SLIP.format(day=day) for day in (14, 21)),
        *(STATEMENT.format(rows=part) for part in rows),
        REFERENCE,
    )
    config = {"splitClassifications": _classes()}
    output = _output("splits.splitter:split", pdf(*pages), config, tmp_path)
    expected = [("receipt", 1, 1), ("receipt", 2, 2), ("bank_statement", 3, 4), ("letter", 5, 5)]
    splits = [
        {"classificationId": name, "type": name, "startPage": first, "endPage": last}
        for name, first, last in expected
    ]
    score = SPLITTER.score(config, {}, {"splits": splits}, output)
    assert score.value == 1.0, score.explanation


def _classes() -> Any:
    return json.loads((EXAMPLES / "mixed" / "classes.json").read_text())


def _output(function: str, data: bytes, config: dict[str, Any], folder: Path) -> dict[str, Any]:
    path = folder / "document.pdf"
    path.write_bytes(data)
    file = (path, path.name)
    return process(f"{ENGINES}.{function}", [file], config, ReadingLimits()).output
