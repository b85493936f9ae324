"""Lines below a table's head gathered into rows: wrapped descriptions, totals, page breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from evaluand.targets.documents.baseline.alignment import Piece, aligned, in_order
from evaluand.targets.documents.baseline.conventions import Conventions
from evaluand.targets.documents.baseline.fields import Query
from evaluand.targets.documents.baseline.headers import Column, Header
from evaluand.targets.documents.baseline.labels import Lexicon, in_text
from evaluand.targets.documents.baseline.layout import Line, Sheet, part_of, union
from evaluand.targets.documents.baseline.totals import is_summary, sums_up
from evaluand.targets.documents.baseline.values import numbers_in
from evaluand.targets.documents.baseline.vocabulary import Kind

# The table ends where the paper leaves more than this many usual distances between its rows.
_ENDING_GAP = 2.2
# A continuation starts where its column's text starts, or is indented by at most this much (in
# heights of type).
_INDENT = 2.0
# A text that runs below this many further heads is no continuation.
_ACROSS = 2
# Sums are exact to the cent.
_EXACT = 0.005
_ANCHORS = frozenset({"money", "number", "percent", "date"})


@dataclass(slots=True, kw_only=True)
class Row:
    """Pieces by column position, in printed order, and the cells (line, position) they fill."""

    sheet: Sheet
    pieces: dict[int, list[Piece]] = field(default_factory=dict)
    cells: list[tuple[int, int]] = field(default_factory=list)

    def take(self, cut: Cut) -> None:
        """Add the pieces of a further line."""
        for position, piece in cut.pieces.items():
            self.pieces.setdefault(position, []).append(piece)
        self.cells += [(cut.number, position) for position in cut.positions]

    def text(self, position: int) -> str:
        """All that stands in a column, lines joined by blanks."""
        return " ".join(piece.text for piece in self.pieces.get(position, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A line of a table cut into columns; ``anchored`` if it states numbers of its own."""

    number: int
    line: Line
    positions: tuple[int, ...]
    pieces: dict[int, Piece]
    anchored: bool


def table_rows(sheet: Sheet, header: Header, queries: Sequence[Query]) -> tuple[list[Row], bool]:
    """The rows below ``header`` from top to bottom, and whether a sum ended the table."""
    kinds: list[Kind | None] = [
        None if column.query is None else queries[column.query].kind for column in header.columns
    ]
    cuts, ended = _cuts(sheet, header, kinds)
    rows: list[Row] = []
    waiting: list[Cut] = []
    for index, cut in enumerate(cuts):
        if cut.anchored and not (rows and _completes(rows[-1], cut, kinds)):
            rows.append(Row(sheet=sheet))
            for earlier in waiting:
                rows[-1].take(earlier)
            waiting.clear()
            rows[-1].take(cut)
        elif cut.anchored or (rows and not waiting and _nearer_above(cuts, index)):
            rows[-1].take(cut)
        elif not _heads_group(cut, kinds):
            waiting.append(cut)
    return rows, ended


def _heads_group(cut: Cut, kinds: Sequence[Kind | None]) -> bool:
    """Whether a line between items names a group: words where only codes belong."""
    digits = any(char.isdigit() for char in cut.line.text)
    return not digits and all(kinds[position] == "code" for position in cut.pieces)


def _cuts(sheet: Sheet, header: Header, kinds: Sequence[Kind | None]) -> tuple[list[Cut], bool]:
    """The table's lines, cut into columns, up to its end; whether a sum was that end."""
    cuts: list[Cut] = []
    started = False
    for number in range(header.below, len(sheet.lines)):
        whole = sheet.lines[number]
        # Plain text may be ragged; a full count of cells then says more than their places.
        ragged = not sheet.placed and len(whole.cells) == len(header.columns)
        positions = tuple(range(len(whole.cells))) if ragged else header.own_cells(whole)
        line = part_of(whole, positions)
        if line is None or _drawn(line):
            continue
        pieces = in_order(line) if ragged else aligned(line, header.columns, kinds)
        if is_summary(line, len(pieces)) or (len(pieces) == 1 and sums_up(whole)):
            if started and not _goes_on(sheet, header, kinds, number, cuts):
                return cuts, True
            continue
        if cuts and line.box.top - cuts[-1].line.box.top > _ENDING_GAP * _pitch(cuts):
            break
        anchored = _anchored(pieces, kinds)
        if anchored or _continues(pieces, header, kinds, line):
            cuts.append(
                Cut(number=number, line=line, positions=positions, pieces=pieces, anchored=anchored)
            )
            started = started or anchored
        elif started:
            break
    return cuts, False


def _goes_on(
    sheet: Sheet, header: Header, kinds: Sequence[Kind | None], number: int, cuts: Sequence[Cut]
) -> bool:
    """Whether items follow a sum, as behind the subtotal of a group: lines as full as the first."""
    full = next(set(cut.pieces) for cut in cuts if cut.anchored)
    for below in sheet.lines[number + 1 :]:
        line = part_of(below, header.own_cells(below))
        if line is None or len(full) <= 2:
            continue
        if full <= set(aligned(line, header.columns, kinds)):
            return True
    return False


def _drawn(line: Line) -> bool:
    """Whether a line is drawn with characters, such as dashes."""
    return not any(char.isalnum() for char in line.text)


def _anchored(pieces: dict[int, Piece], kinds: Sequence[Kind | None]) -> bool:
    """Whether the line states a number or date of its own, so that it belongs to one row."""
    if not any(kind in _ANCHORS for kind in kinds):
        return 0 in pieces
    filled = [
        position
        for position, piece in pieces.items()
        if kinds[position] in _ANCHORS and any(char.isdigit() for char in piece.text)
    ]
    return bool(filled)


def _continues(
    pieces: dict[int, Piece], header: Header, kinds: Sequence[Kind | None], line: Line
) -> bool:
    """Whether a line without numbers carries on the text of one column."""
    if len(pieces) > 2 or not pieces:
        return False
    height = line.box.bottom - line.box.top
    for position, piece in pieces.items():
        if kinds[position] not in (None, "text", "code"):
            return False
        indent = piece.box.x0 - header.columns[position].box.x0
        if not -0.5 * height <= indent <= _INDENT * height:
            return False
        # A wrapped text stays in its column; a remark runs across the page.
        crossed = [c for c in header.columns if piece.box.x0 < c.box.x0 and c.box.x1 < piece.box.x1]
        if len(crossed) >= _ACROSS:
            return False
    return True


def _pitch(cuts: Sequence[Cut]) -> float:
    """The usual distance from one row to the next."""
    tops = [cut.line.box.top for cut in cuts if cut.anchored]
    steps = [lower - upper for upper, lower in pairwise(tops)]
    box = union(cut.line.box for cut in cuts[:1])
    # With a single row all that is known is the size of its type: double spacing is common.
    return float(median(steps)) if steps else 2.0 * (box.bottom - box.top)


def _completes(row: Row, cut: Cut, kinds: Sequence[Kind | None]) -> bool:
    """Whether an anchored line only adds numbers to columns its predecessor left empty."""
    words = [p for p in cut.pieces if kinds[p] in ("text", "code")]
    return not words and not any(position in row.pieces for position in cut.pieces)


def _nearer_above(cuts: Sequence[Cut], index: int) -> bool:
    """Whether a line of text stands closer to the row above it than to the one below."""
    if index + 1 >= len(cuts):
        return True
    here = cuts[index].line.box.top
    return here - cuts[index - 1].line.box.top <= cuts[index + 1].line.box.top - here + 0.5


def part_codes(
    row: Row, columns: Sequence[Column], queries: Sequence[Query], lexicon: Lexicon
) -> dict[int, Piece]:
    """Codes by query that stand with their label below an item's name, as "Art. no. 4711".

    They are taken out of the name. Tables with a column for the code keep it there.
    """
    named = {column.query for column in columns}
    wanted = {n for n, query in enumerate(queries) if query.kind == "code" and n not in named}
    codes: dict[int, Piece] = {}
    for position, pieces in row.pieces.items():
        asked = columns[position].query
        if asked is None or queries[asked].kind != "text" or len(pieces) < 2:
            continue
        for piece in list(pieces):
            span = next(in_text(piece.text, lexicon), None)
            numbers = wanted & set(span.worth if span and span.start == 0 else ())
            code = piece.text[span.end :].strip(" .:#") if span else ""
            if numbers and len(code.split()) == 1 and any(char.isdigit() for char in code):
                codes[min(numbers)] = replace(piece, text=code)
                pieces.remove(piece)
    return codes


def before_sum(
    rows: Sequence[Row], columns: Sequence[Column], queries: Sequence[Query], habits: Conventions
) -> Sequence[Row]:
    """``rows`` up to one that states the sum of those above it, whatever it is called.

    Such a row fills fewer columns than an item does.
    """
    amounts = [
        at
        for at, column in enumerate(columns)
        if column.query is not None and queries[column.query].concept_id == "line_amount"
    ]
    total = 0.0
    for count, row in enumerate(rows):
        text = row.text(amounts[0]) if amounts else ""
        number = next(numbers_in(text, habits.decimal), None)
        if number is None:
            return rows
        fewer = len(row.pieces) < len(rows[0].pieces)
        if count and fewer and abs(number.value - total) < _EXACT:
            return rows[:count]
        total += number.value
    return rows
