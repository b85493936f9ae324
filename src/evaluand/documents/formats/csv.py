"""CSV: read with the delimiter its lines agree on, shown as a table with aligned columns."""

from __future__ import annotations

import csv
import io

from evaluand.documents import plain
from evaluand.documents.registry import Format, Source
from evaluand.domain.documents import Page
from evaluand.errors import CorruptFile

# Comma first: it wins a tie.
DELIMITERS = ",;\t|"
# Enough lines to see past a title above the table.
LINES_LOOKED_AT = 20


def delimiter_of(text: str) -> str:
    """The delimiter that most lines contain, and of those the one they contain most often."""
    lines = [line for line in text.splitlines()[:LINES_LOOKED_AT] if line.strip()]
    return max(
        DELIMITERS,
        key=lambda mark: (sum(mark in line for line in lines), sum(x.count(mark) for x in lines)),
    )


def read(source: Source) -> tuple[Page, ...]:
    text = plain.load(source)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter_of(text)))
    except csv.Error as error:
        raise CorruptFile(
            f"'{source.name}' cannot be read as CSV ({error}): check its quotes, or export it again"
        ) from error
    return (plain.page(plain.align(rows)),)


FORMAT = Format(
    kind="CSV",
    extensions=frozenset({"csv", "tsv"}),
    content_types=frozenset({"text/csv", "application/csv", "text/tab-separated-values"}),
    recognises=None,
    probe=lambda source: None,
    read=read,
    paged=False,
    textual=True,
)
