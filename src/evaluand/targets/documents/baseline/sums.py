"""Amounts that no known label names, recognised because the document's sums work out with them.

The identities are those of every invoice: subtotal - discount + shipping + tax = total, and
total - paid = due.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evaluand.targets.documents.baseline.candidates import Page, Proposal
from evaluand.targets.documents.baseline.conventions import Conventions
from evaluand.targets.documents.baseline.fields import Query
from evaluand.targets.documents.baseline.readings import readings

# Printed amounts are exact to the cent; less than a cent is the rounding of binary fractions.
_EXACT = 0.005
# Sums first, then what is added or taken off, for which the sums must be known.
_SOUGHT = ("subtotal", "tax_total", "total", "discount", "shipping", "amount_paid")
# The right amount by its sum, but without a word that says so.
_SUMMED = 0.7


def summed(
    chosen: Mapping[int, Proposal],
    queries: Sequence[Query],
    pages: Sequence[Page],
    conventions: Conventions,
    items: float | None,
) -> dict[int, Proposal]:
    """``chosen`` with the printed amounts the sums call for where no label did.

    ``items`` is the sum of the table's amounts. The tax's rate is the one on the tax's line.
    """
    places = {query.concept_id: number for number, query in enumerate(queries)}
    full = _demoted(chosen, places, items)
    for concept in _SOUGHT:
        number = places.get(concept)
        if number is None or number in full:
            continue
        known = {name: _amount(full[at]) for name, at in places.items() if at in full}
        for expected in _expected(concept, known, items):
            if expected < _EXACT:
                continue
            printed = _printed(expected, number, queries, pages, conventions)
            used = {proposal.spot for proposal in full.values()}
            free = [proposal for proposal in printed if proposal.spot not in used]
            if free:
                # Sums stand below what they sum up.
                full[number] = free[-1]
                break
    rate, tax = places.get("tax_rate"), places.get("tax_total")
    if rate is None or rate in full or tax not in full:
        return full
    share = next(_on_line(full[tax], rate, queries[rate], conventions), None)
    return full | ({rate: share} if share else {})


def _demoted(
    chosen: Mapping[int, Proposal], places: Mapping[str, int], items: float | None
) -> dict[int, Proposal]:
    """``chosen`` with a total that is no more than the items' as the subtotal it is.

    Tax or shipping on top of it show that another total must follow.
    """
    full = dict(chosen)
    known = {name: _amount(full[at]) for name, at in places.items() if at in full}
    total, subtotal = known.get("total"), places.get("subtotal")
    added = (known.get("tax_total") or 0.0) + (known.get("shipping") or 0.0)
    if subtotal is None or subtotal in full or items is None or total is None or added < _EXACT:
        return full
    if abs(total - items) < _EXACT:
        full[subtotal] = replace(full.pop(places["total"]), query=subtotal)
    return full


def _amount(proposal: Proposal) -> float | None:
    value = proposal.value
    if isinstance(value, dict):
        value = value.get("amount")
    return float(value) if isinstance(value, int | float) else None


def _expected(
    concept: str, known: Mapping[str, float | None], items: float | None
) -> Iterator[float]:
    """What an amount must be: by the other amounts, or by the items."""
    subtotal, tax, total = (known.get(name) for name in ("subtotal", "tax_total", "total"))
    extras = (known.get("shipping") or 0.0) - (known.get("discount") or 0.0)
    if concept == "amount_paid":
        yield (total or 0.0) - (known.get("amount_due") or total or 0.0)
    elif concept == "subtotal":
        if total is not None and tax is not None:
            yield total - tax - extras
        # Without tax and extras there is but one sum, which is the total.
        if items is not None and (total is None or abs(items - total) > _EXACT):
            yield items
    elif concept == "total":
        if subtotal is not None and tax is not None:
            yield subtotal + extras + tax
    elif subtotal is not None and total is not None:
        # What the total exceeds the other amounts by; of a discount, what it falls short by.
        missing = total - subtotal - extras - (tax or 0.0)
        yield -missing if concept == "discount" else missing


def _printed(
    expected: float,
    number: int,
    queries: Sequence[Query],
    pages: Sequence[Page],
    conventions: Conventions,
) -> Iterator[Proposal]:
    """Where an amount is printed, tables aside, in reading order."""
    for page in pages:
        for line, cell in page.cells():
            if not page.free(line, cell):
                continue
            for reading in readings(queries[number], cell.text, conventions):
                proposal = Proposal(
                    query=number,
                    score=_SUMMED,
                    value=reading.value,
                    sheet=page.sheet,
                    cell=cell,
                    start=reading.start,
                    end=reading.end,
                    line=line,
                )
                amount = _amount(proposal)
                if amount is not None and abs(amount - expected) < _EXACT:
                    yield proposal


def _on_line(
    tax: Proposal, number: int, query: Query, conventions: Conventions
) -> Iterator[Proposal]:
    for cell in tax.sheet.lines[tax.line].cells:
        for reading in readings(query, cell.text, conventions)[:1]:
            yield Proposal(
                query=number,
                score=_SUMMED,
                value=reading.value,
                sheet=tax.sheet,
                cell=cell,
                start=reading.start,
                end=reading.end,
                line=tax.line,
            )
