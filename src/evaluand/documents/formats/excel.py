"""Spreadsheets: known by name and bytes, so that they can be kept, but not read."""

from __future__ import annotations

from evaluand.documents.registry import Format, Source
from evaluand.documents.sample import Sample
from evaluand.domain.documents import Page
from evaluand.errors import UnsupportedFile


def recognises(sample: Sample) -> bool:
    return "xl/workbook.xml" in sample.members or sample.has_ole_stream("Workbook")


def read(source: Source) -> tuple[Page, ...]:
    raise UnsupportedFile(
        f"'{source.name}' is a spreadsheet, which cannot be read as a document:"
        " save the sheet as CSV, or print it to PDF, and upload that"
    )


FORMAT = Format(
    kind="EXCEL",
    extensions=frozenset({"xlsx", "xlsm", "xls"}),
    content_types=frozenset(
        {
            "application/vnd.ms-excel",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    ),
    recognises=recognises,
    probe=lambda source: None,
    read=read,
    paged=False,
    textual=False,
)
