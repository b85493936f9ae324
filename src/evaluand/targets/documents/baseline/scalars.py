"""Everything a schema asks for outside tables: labels matched to values over the whole document."""

from __future__ import annotations

from collections.abc import Sequence

from evaluand.targets.documents.baseline.answers import Answer, from_proposal, unlabelled
from evaluand.targets.documents.baseline.candidates import Page
from evaluand.targets.documents.baseline.conventions import Conventions
from evaluand.targets.documents.baseline.fields import Query, query
from evaluand.targets.documents.baseline.labels import Lexicon, occurrences
from evaluand.targets.documents.baseline.layout import Sheet
from evaluand.targets.documents.baseline.matching import matched, shared
from evaluand.targets.documents.baseline.phrases import foreign_words
from evaluand.targets.documents.baseline.schema import Leaf
from evaluand.targets.documents.baseline.sums import summed
from evaluand.targets.documents.baseline.vocabulary import vocabulary

# File, page, line and position: a cell, or with its first three members a line.
CellId = tuple[int, int, int, int]
LineId = tuple[int, int, int]


def found_scalars(
    leaves: Sequence[Leaf],
    sheets: Sequence[Sheet],
    habits: Conventions,
    tables: frozenset[CellId],
    items: float | None = None,
) -> dict[str, Answer]:
    """Answers by path; cells of ``tables`` are left out, for items may be called anything.

    ``items`` is the sum of the items' amounts, if there are any.
    """
    asked = [query(leaf, vocabulary().concepts) for leaf in leaves]
    queries = [*asked, *_relatives(asked)]
    lexicon = Lexicon.of(queries, vocabulary().concepts)
    pages = [_page(sheet, lexicon, habits, tables) for sheet in sheets]
    proposals = [proposal for page in pages for proposal in page.proposals(queries)]
    chosen = summed(matched(proposals, queries), queries, pages, habits, items)
    stated = frozenset(queries[number].concept_id for number in chosen)
    chosen = shared(chosen, queries, stated)
    answers = {
        asked[number].leaf.path: from_proposal(proposal)
        for number, proposal in sorted(chosen.items())
        if number < len(asked)
    }
    return answers | unlabelled(asked, chosen, pages, habits)


def labelled_lines(sheets: Sequence[Sheet]) -> frozenset[LineId]:
    """Lines that begin with a known label and hold nothing but its value."""
    lexicon = Lexicon.of([], vocabulary().concepts)
    return frozenset(
        (sheet.file, sheet.number, label.line)
        for sheet in sheets
        for label in occurrences(sheet, lexicon)
        if label.cell == 0
        and not foreign_words(label.place.text[: label.start])
        and not foreign_words(label.place.text[label.end :])
    )


def _page(sheet: Sheet, lexicon: Lexicon, habits: Conventions, tables: frozenset[CellId]) -> Page:
    own = frozenset(
        (line, position)
        for file, page, line, position in tables
        if (file, page) == (sheet.file, sheet.number)
    )
    return Page(sheet, list(occurrences(sheet, lexicon, own)), habits, own)


def _relatives(asked: Sequence[Query]) -> list[Query]:
    """Queries nobody asked whose answers settle those of others, as the total the amount due."""
    concepts = vocabulary().concepts
    known = [query.concept for query in asked if query.concept]
    wanted = {name for concept in known for name in (concept.shares, *concept.unless) if name}
    return [
        query(Leaf(path=concepts[name].names[0], shape="scalar", type="number"), concepts)
        for name in sorted(wanted - {concept.id for concept in known})
    ]
