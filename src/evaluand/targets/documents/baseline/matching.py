"""Labels and values given to queries, all at once, so that each goes where it fits best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from evaluand.targets.documents.baseline.candidates import Proposal
from evaluand.targets.documents.baseline.fields import Query

# Weaker proposals are guesses; an empty field is the honest answer.
ACCEPTED = 0.33
# Between equals, totals stand last and everything else first; too small to outweigh a word.
_TIE = 0.02
# A value borrowed from a neighbouring concept is less certain than one with a label of its own.
_SHARED = 0.9


def matched(proposals: Sequence[Proposal], queries: Sequence[Query]) -> dict[int, Proposal]:
    """The best proposal of each query number, no printed value used twice.

    The sum of the scores is maximal among all such choices (linear assignment).
    """
    from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

    good = [proposal for proposal in proposals if proposal.score >= ACCEPTED]
    if not good:
        return {}
    spots = {spot: column for column, spot in enumerate(sorted({p.spot for p in good}))}
    last = max(_order(proposal) for proposal in good) or 1.0
    scores = np.zeros((len(queries), len(spots)))
    best: dict[tuple[int, int], Proposal] = {}
    for proposal in good:
        place = (proposal.query, spots[proposal.spot])
        late = _order(proposal) / last
        tie = late if queries[proposal.query].kind == "money" else 1 - late
        score = proposal.score + _TIE * tie
        if score > scores[place]:
            scores[place] = score
            best[place] = proposal
    rows, columns = linear_sum_assignment(scores, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {row: best[row, column] for row, column in pairs if (row, column) in best}


def shared(
    chosen: Mapping[int, Proposal], queries: Sequence[Query], stated: frozenset[str]
) -> dict[int, Proposal]:
    """``chosen`` with empty queries answered by the concept they share their value with.

    ``stated`` names the concepts the document states, those of no query included.
    """
    by_concept = {query.concept_id: number for number, query in enumerate(queries)}
    full = dict(chosen)
    for number, query in enumerate(queries):
        concept = query.concept
        if number in chosen or concept is None or concept.shares is None:
            continue
        lender = by_concept.get(concept.shares)
        if lender is None or lender not in chosen or stated & set(concept.unless):
            continue
        loan = chosen[lender]
        full[number] = Proposal(
            query=number,
            score=loan.score * _SHARED,
            value=loan.value,
            sheet=loan.sheet,
            cell=loan.cell,
            start=loan.start,
            end=loan.end,
            line=loan.line,
        )
    return full


def _order(proposal: Proposal) -> float:
    sheet = proposal.sheet
    return sheet.file * 1e6 + sheet.number * 1e3 + proposal.line
