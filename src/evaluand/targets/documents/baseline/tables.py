"""Arrays of objects: found by their heads, page after page, or as a slip's list of items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluand.targets.documents.baseline.answers import Answer
from evaluand.targets.documents.baseline.conventions import Conventions
from evaluand.targets.documents.baseline.fields import Query, query
from evaluand.targets.documents.baseline.headers import Header, best_header
from evaluand.targets.documents.baseline.labels import Lexicon
from evaluand.targets.documents.baseline.layout import Sheet, union
from evaluand.targets.documents.baseline.readings import readings
from evaluand.targets.documents.baseline.rows import Row, table_rows
from evaluand.targets.documents.baseline.schema import Leaf
from evaluand.targets.documents.baseline.slips import Item, slip_items
from evaluand.targets.documents.baseline.vocabulary import vocabulary

# A later page's head belongs to the same table when it is nearly as good as the best one.
_SAME_TABLE = 0.7
# Confidence: columns under a head that names them; items recognised by their shape alone.
_HEADED, _SHAPED = 0.9, 0.6
_ROLES = {
    "line_description": "description",
    "line_sku": "sku",
    "line_quantity": "quantity",
    "line_unit_price": "unit_price",
    "line_amount": "amount",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An extracted row: entries by column path, and the lines of the sheet it stands on."""

    sheet: Sheet
    entries: dict[str, Answer]
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A table's records, and every line (by file, page, number) that belongs to it."""

    records: tuple[Record, ...]
    lines: frozenset[tuple[int, int, int]]


def found_table(
    leaf: Leaf,
    pages: Sequence[Sheet],
    conventions: Conventions,
    labelled: frozenset[tuple[int, int, int]],
) -> Found:
    """The rows of the table ``leaf`` asks for; ``labelled`` lines state fields, not items."""
    queries = [query(column, vocabulary().columns) for column in leaf.columns]
    lexicon = Lexicon.of(queries, vocabulary().columns)
    heads = [(sheet, best_header(sheet, lexicon, queries)) for sheet in pages]
    best = max((head.score for _, head in heads if head), default=0.0)
    records: list[Record] = []
    lines: set[tuple[int, int, int]] = set()
    if best:
        for sheet, head in _continued(heads, best):
            rows = table_rows(sheet, head, queries)
            records += [r for row in rows if (r := _record(row, head, queries, conventions))]
            numbers = [*range(head.first, head.below), *(n for row in rows for n in row.lines)]
            lines |= {(sheet.file, sheet.number, number) for number in numbers}
    if not records:
        for item in _slips(pages, queries, labelled):
            record = _slip_record(item, queries, conventions)
            records.append(record)
            lines |= {(item.sheet.file, item.sheet.number, number) for number in item.lines}
    return Found(records=tuple(records), lines=frozenset(lines))


def _continued(
    heads: Sequence[tuple[Sheet, Header | None]], best: float
) -> Iterator[tuple[Sheet, Header]]:
    """The heads of one table, and for pages without a head the one of the page before."""
    current: Header | None = None
    for sheet, head in heads:
        if head and head.score >= _SAME_TABLE * best:
            current = head
            yield sheet, head
        elif current is not None:
            yield sheet, Header(columns=current.columns, first=0, below=0, score=current.score)


def _record(
    row: Row, head: Header, queries: Sequence[Query], conventions: Conventions
) -> Record | None:
    entries: dict[str, Answer] = {}
    for position, column in enumerate(head.columns):
        if column.query is None or position not in row.pieces:
            continue
        asked = queries[column.query]
        text = row.text(position)
        found = readings(asked, text, conventions, whole=True)
        if not found:
            continue
        entries[asked.leaf.path] = Answer(
            value=found[0].value,
            sheet=row.sheet,
            text=text,
            box=union(piece.box for piece in row.pieces[position]),
            confidence=_HEADED * found[0].fit,
        )
    if not entries:
        return None
    return Record(sheet=row.sheet, entries=entries, lines=tuple(row.lines))


def _slips(
    pages: Sequence[Sheet],
    queries: Sequence[Query],
    labelled: frozenset[tuple[int, int, int]],
) -> Iterator[Item]:
    """Items by shape, if the table asks for what such items have: a name and an amount."""
    if not {"line_description", "line_amount"} <= {asked.concept_id for asked in queries}:
        return
    for sheet in pages:
        here = frozenset(
            number for file, page, number in labelled if (file, page) == (sheet.file, sheet.number)
        )
        yield from slip_items(sheet, here)


def _slip_record(item: Item, queries: Sequence[Query], conventions: Conventions) -> Record:
    entries: dict[str, Answer] = {}
    for asked in queries:
        part = item.parts.get(_ROLES.get(asked.concept_id, ""))
        if part is None:
            continue
        found = readings(asked, part.text, conventions, whole=True)
        if found:
            entries[asked.leaf.path] = Answer(
                value=found[0].value,
                sheet=item.sheet,
                text=part.text,
                box=part.box,
                confidence=_SHAPED * found[0].fit,
            )
    return Record(sheet=item.sheet, entries=entries, lines=tuple(item.lines))
