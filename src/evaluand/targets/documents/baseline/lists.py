"""Arrays of scalars: what stands behind or below one label, part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evaluand.targets.documents.baseline.answers import Answer, from_proposal
from evaluand.targets.documents.baseline.candidates import Page, Proposal
from evaluand.targets.documents.baseline.conventions import Conventions
from evaluand.targets.documents.baseline.fields import query
from evaluand.targets.documents.baseline.labels import Lexicon, occurrences
from evaluand.targets.documents.baseline.layout import Sheet
from evaluand.targets.documents.baseline.matching import ACCEPTED
from evaluand.targets.documents.baseline.readings import readings
from evaluand.targets.documents.baseline.schema import Leaf
from evaluand.targets.documents.baseline.vocabulary import vocabulary

_SEPARATOR = re.compile(r"\s*[;•·|]\s*|,\s+(?!\d{4}\b)")


def found_list(leaf: Leaf, sheets: Sequence[Sheet], habits: Conventions) -> list[Answer]:
    """The elements of the list ``leaf`` asks for, each with its own place, in printed order."""
    asked = query(leaf, vocabulary().concepts)
    lexicon = Lexicon.of([asked], vocabulary().concepts)
    proposals = [
        proposal
        for sheet in sheets
        for proposal in Page(sheet, list(occurrences(sheet, lexicon)), habits).proposals([asked])
        if proposal.score >= ACCEPTED
    ]
    if not proposals:
        return []
    best = max(proposals, key=lambda proposal: proposal.score)
    answers: list[Answer] = []
    for start, end in _parts(best):
        text = best.cell.text[start:end]
        for reading in readings(asked, text, habits)[:1]:
            part = Proposal(
                query=0,
                score=best.score,
                value=reading.value,
                sheet=best.sheet,
                cell=best.cell,
                start=start + reading.start,
                end=start + reading.end,
                line=best.line,
            )
            answers.append(from_proposal(part))
    return answers


def _parts(proposal: Proposal) -> Iterator[tuple[int, int]]:
    """The spans between separators, from the proposal's start to the end of its cell."""
    text = proposal.cell.text
    start = proposal.start
    for match in _SEPARATOR.finditer(text, start):
        yield start, match.start()
        start = match.end()
    yield start, len(text)
