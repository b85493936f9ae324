"""Answers to scalar queries: from labels, or, where things have none, from shape and place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluand.domain.documents import Box
from evaluand.targets.documents.baseline.blocks import address_near
from evaluand.targets.documents.baseline.candidates import Page, Proposal
from evaluand.targets.documents.baseline.conventions import Conventions
from evaluand.targets.documents.baseline.fields import Query
from evaluand.targets.documents.baseline.layout import Sheet
from evaluand.targets.documents.baseline.names import has_legal_form
from evaluand.targets.documents.baseline.parties import (
    Party,
    addressee,
    issuer,
)
from evaluand.targets.documents.baseline.readings import readings
from evaluand.targets.documents.baseline.text import key, narrow
from evaluand.targets.documents.baseline.values import currency_in

# A code (EUR) says which currency; a sign ($) leaves a little doubt.
_BY_CODE, _BY_SIGN = 0.9, 0.75
# An option's words anywhere on the page may stand there for another reason.
_MENTIONED = 0.5
# A letter's own date stands above this part of the page.
_LETTER_HEAD = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A value and where it stands."""

    value: Any
    confidence: float
    sheet: Sheet
    box: Box
    text: str


def from_proposal(proposal: Proposal) -> Answer:
    """The answer a label gave."""
    return Answer(
        value=proposal.value,
        # Certainty is for proofs; a label beside a value is strong evidence at best.
        confidence=round(min(proposal.score, 0.99), 4),
        sheet=proposal.sheet,
        box=proposal.cell.part(proposal.start, proposal.end),
        text=proposal.text,
    )


def unlabelled(
    queries: Sequence[Query],
    chosen: Mapping[int, Proposal],
    pages: Sequence[Page],
    habits: Conventions,
) -> dict[str, Answer]:
    """Answers for queries of ``queries`` (by number in ``chosen`` if answered) without a label."""
    answers = _parties(queries, chosen, pages)
    for number, query in enumerate(queries):
        if number in chosen:
            continue
        found: Answer | None = None
        if query.concept_id == "issue_date":
            found = _letter_date(query, chosen, pages, habits)
        elif query.kind == "currency":
            found = _currency(pages, habits)
        elif query.kind == "enum":
            found = _mentioned(query.leaf.options, pages)
        if found:
            answers[query.leaf.path] = found
    return answers


def _parties(
    queries: Sequence[Query], chosen: Mapping[int, Proposal], pages: Sequence[Page]
) -> dict[str, Answer]:
    by_concept = {query.concept_id: number for number, query in enumerate(queries)}
    labelled = {
        concept: _party(chosen[number], pages)
        for concept in ("vendor_name", "customer_name")
        if (number := by_concept.get(concept, -1)) in chosen
    }
    customer = labelled.get("customer_name")
    vendor = labelled.get("vendor_name") or issuer(
        pages, frozenset({customer.cell.text} if customer else ())
    )
    customer = customer or addressee(pages, vendor.name if vendor else None)
    answers: dict[str, Answer] = {}
    for role, party in (("vendor", vendor), ("customer", customer)):
        if party is None:
            continue
        name, place = by_concept.get(f"{role}_name"), by_concept.get(f"{role}_address")
        if name is not None and name not in chosen:
            answers[queries[name].leaf.path] = _named(party)
        block = address_near(party.page, party.name, party.line, party.cell)
        if place is not None and place not in chosen and block:
            answers[queries[place].leaf.path] = Answer(
                value=block.text,
                confidence=round(party.confidence * 0.9, 4),
                sheet=party.page.sheet,
                box=block.box,
                text=block.text,
            )
    return answers


def _party(proposal: Proposal, pages: Sequence[Page]) -> Party:
    page = next(page for page in pages if page.sheet is proposal.sheet)
    return Party(
        page=page, line=proposal.line, cell=proposal.cell, confidence=min(proposal.score, 0.99)
    )


def _named(party: Party) -> Answer:
    text = party.name
    bonus = 0.0 if has_legal_form(text) else -0.1
    return Answer(
        value=text,
        confidence=round(max(0.05, party.confidence + bonus), 4),
        sheet=party.page.sheet,
        box=party.box,
        text=text,
    )


def _currency(pages: Sequence[Page], habits: Conventions) -> Answer | None:
    if habits.currency is None:
        return None
    for page in pages:
        for line in page.sheet.lines:
            for cell in line.cells:
                if currency_in(cell.text) == habits.currency or habits.currency in cell.text:
                    by_code = habits.currency in narrow(cell.text)
                    return Answer(
                        value=habits.currency,
                        confidence=_BY_CODE if by_code else _BY_SIGN,
                        sheet=page.sheet,
                        box=cell.box,
                        text=cell.text,
                    )
    return None


def _letter_date(
    query: Query, chosen: Mapping[int, Proposal], pages: Sequence[Page], habits: Conventions
) -> Answer | None:
    """The first date in the head of the document that nothing else claims, as letters have."""
    taken = {proposal.value for proposal in chosen.values()}
    for sheet in [page.sheet for page in pages[:1]]:
        for line in sheet.lines:
            if line.box.top > sheet.height * _LETTER_HEAD:
                break
            for cell in line.cells:
                for reading in readings(query, cell.text, habits)[:1]:
                    if reading.value not in taken:
                        return Answer(
                            value=reading.value,
                            confidence=_MENTIONED,
                            sheet=sheet,
                            box=cell.part(reading.start, reading.end),
                            text=cell.text[reading.start : reading.end],
                        )
    return None


def _mentioned(options: Sequence[str], pages: Sequence[Page]) -> Answer | None:
    """The option whose words stand first on the pages, the longest of equals."""
    wanted = sorted(((f" {key(o)} ", o) for o in options if key(o)), key=lambda p: -len(p[0]))
    for page in pages:
        for line in page.sheet.lines:
            for cell in line.cells:
                said = f" {key(cell.text)} "
                option = next((o for words, o in wanted if words in said), None)
                if option is not None:
                    return Answer(
                        value=option,
                        confidence=_MENTIONED,
                        sheet=page.sheet,
                        box=cell.box,
                        text=cell.text,
                    )
    return None
