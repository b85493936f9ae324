"""Arrays of objects: found by their heads, page after page, or as a slip's list of items."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evaluand.targets.documents.baseline.alignment import Piece
from evaluand.targets.documents.baseline.answers import Answer
from evaluand.targets.documents.baseline.columns import completed
from evaluand.targets.documents.baseline.conventions import Conventions
from evaluand.targets.documents.baseline.fields import Query, query
from evaluand.targets.documents.baseline.headers import Header, best_header
from evaluand.targets.documents.baseline.labels import Lexicon
from evaluand.targets.documents.baseline.layout import Sheet, union
from evaluand.targets.documents.baseline.readings import readings
from evaluand.targets.documents.baseline.rows import Row, before_sum, part_codes, table_rows
from evaluand.targets.documents.baseline.schema import Leaf
from evaluand.targets.documents.baseline.slips import Item, slip_items
from evaluand.targets.documents.baseline.vocabulary import vocabulary

# A later page's head belongs to the same table when it is nearly as good as the best one.
_SAME_TABLE = 0.7
# Without a head above it, a line is a row only if it fills this part of the columns.
_FILLED = 0.7
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
    """An extracted row: entries by column path, and the sheet it stands on."""

    sheet: Sheet
    entries: dict[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A table's records, and every cell (file, page, line, position) that belongs to it.

    ``total`` is the sum of its amounts, None when a row or the table has none.
    """

    records: tuple[Record, ...]
    cells: frozenset[tuple[int, int, int, int]]
    total: float | None = None


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
    records: list[Record] = []
    cells: set[tuple[int, int, int, int]] = set()
    for sheet, named, body in _bodies(heads, queries):
        rows = before_sum(body, named.columns, queries, conventions)
        head = replace(named, columns=completed(named.columns, rows, queries, conventions))
        for row in rows:
            codes = part_codes(row, head.columns, queries, lexicon)
            if record := _record(row, head, queries, conventions, codes):
                records.append(record)
        own = [cell for row in rows for cell in row.cells]
        for number in range(head.first, head.below):
            own += [(number, at) for at in head.own_cells(sheet.lines[number])]
        cells |= {(sheet.file, sheet.number, *cell) for cell in own}
    if not records:
        for item in _slips(pages, queries, labelled):
            records.append(_slip_record(item, queries, conventions))
            for number in item.lines:
                count = len(item.sheet.lines[number].cells)
                cells |= {(item.sheet.file, item.sheet.number, number, at) for at in range(count)}
    return Found(records=tuple(records), cells=frozenset(cells), total=_total(records, queries))


def _total(records: Sequence[Record], queries: Sequence[Query]) -> float | None:
    path = next((q.leaf.path for q in queries if q.concept_id == "line_amount"), None)
    entries = [record.entries.get(path) for record in records] if path else []
    amounts = [e.value for e in entries if e and isinstance(e.value, int | float)]
    return math.fsum(amounts) if entries and len(amounts) == len(entries) else None


def _bodies(
    heads: Sequence[tuple[Sheet, Header | None]], queries: Sequence[Query]
) -> Iterator[tuple[Sheet, Header, list[Row]]]:
    """The parts of one table: below each of its heads, and on pages that carry on without one."""
    best = max((head.score for _, head in heads if head), default=0.0)
    current: Header | None = None
    for sheet, head in heads:
        if head and head.score >= _SAME_TABLE * best:
            current = head
            rows, ended = table_rows(sheet, head, queries)
            yield sheet, head, rows
        elif current is not None:
            bare = Header(columns=current.columns, first=0, below=0, score=current.score)
            rows, ended = table_rows(sheet, bare, queries)
            needed = _FILLED * len({column.query for column in current.columns} - {None})
            yield sheet, bare, [row for row in rows if len(row.pieces) >= needed]
        else:
            continue
        if ended:
            current = None


def _record(
    row: Row,
    head: Header,
    queries: Sequence[Query],
    conventions: Conventions,
    codes: Mapping[int, Piece],
) -> Record | None:
    entries: dict[str, Answer] = {}
    for position, column in enumerate(head.columns):
        if column.query is None:
            continue
        asked = queries[column.query]
        if answer := _answer(asked, row.pieces.get(position, ()), row.sheet, conventions):
            entries[asked.leaf.path] = answer
    for number, piece in codes.items():
        asked = queries[number]
        if answer := _answer(asked, [piece], row.sheet, conventions):
            entries[asked.leaf.path] = answer
    if not entries:
        return None
    return Record(sheet=row.sheet, entries=entries)


def _answer(
    asked: Query, pieces: Sequence[Piece], sheet: Sheet, conventions: Conventions
) -> Answer | None:
    text = " ".join(piece.text for piece in pieces)
    found = readings(asked, text, conventions, whole=True)
    if not found:
        return None
    return Answer(
        value=found[0].value,
        sheet=sheet,
        text=text,
        box=union(piece.box for piece in pieces),
        confidence=_HEADED * found[0].fit,
    )


def _slips(
    pages: Sequence[Sheet],
    queries: Sequence[Query],
    labelled: frozenset[tuple[int, int, int]],
) -> Iterator[Item]:
    """Items by shape, if the table asks for what such items have: a name and an amount."""
    concepts = {asked.concept_id for asked in queries}
    if "line_description" not in concepts or not concepts & {"line_amount", "line_unit_price"}:
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
        if part is None and asked.concept_id == "line_unit_price" and "quantity" not in item.parts:
            # One of something: its price is the amount.
            part = item.parts["amount"]
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
    return Record(sheet=item.sheet, entries=entries)
