"""Whether a new document begins between two pages, as a sum of clues for and against.

Each clue adds log odds: 2 is about seven to one, 3 about twenty to one. They are set by how often
the clue is wrong, not by fitting: page numbers are printed by the software that made the document
and hardly ever lie; the shape of a page often does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaluand.targets.documents.splits.clues import PageClues

SURE, STRONG, CLEAR, WEAK = 4.0, 2.5, 1.5, 0.7

_LARGE = 1.4
"""A headline is this much larger than the text: below are bold labels and table heads."""

_NAMED = 0.35
"""Less is a word in a longer line, or a title far down the page."""

_NEARLY_EMPTY, _FULL = 0.6, 0.85
"""A page whose text ends in the upper 60 % was ended on purpose; beyond 85 % it ran out of room."""

_SAME_FORM, _FORM_LINES = 0.6, 4
"""Share of lines, and lines at the least, that two pages printed from one form have in common."""

_SAME_SIZE = 3.0
"""Points by which page sizes of one scanned document differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """One reason for (positive) or against (negative) a break, in words for the user."""

    odds: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassView:
    """What the classifier makes of a page alone: how well a title names a class (0 to 1), and the
    class if it is sure."""

    title: float
    sure_class: str | None


def clues_between(
    before: PageClues, after: PageClues, view_before: ClassView, view_after: ClassView
) -> tuple[Clue, ...]:
    """The clues about a break between two neighbouring pages, strongest first."""
    clues = [
        *_numbering(before, after),
        *_identity(before, after),
        *_beginning(before, after, view_after),
        *_continuity(before, after),
        *_looks(before, after),
        *_classes(view_before, view_after),
    ]
    return tuple(sorted(clues, key=lambda clue: -abs(clue.odds)))


def _numbering(before: PageClues, after: PageClues) -> Iterable[Clue]:
    if after.number == 1:
        yield Clue(odds=STRONG, reason="page numbers start again")
    elif after.number is not None and before.number is not None:
        follows = after.number == before.number + 1 and after.total == before.total
        yield (
            Clue(odds=-SURE, reason="page numbers go on")
            if follows
            else Clue(odds=CLEAR, reason="page numbers do not go on")
        )
    elif after.number is not None:
        yield Clue(odds=-CLEAR, reason="the page number is not the first")
    if before.number is not None and before.total is not None:
        ended = before.number >= before.total
        if ended:
            yield Clue(odds=STRONG, reason="the page before was the last by its number")
        elif after.number is None:
            yield Clue(odds=-CLEAR, reason="the page before announces more pages")


def _identity(before: PageClues, after: PageClues) -> Iterable[Clue]:
    # Two slips of one shop share its telephone number, for it belongs to the form.
    again = _is_form_again(before, after)
    if again:
        yield Clue(odds=STRONG, reason="the same form begins again")
    shared = before.identifiers & after.identifiers
    if not again and after.edge_identifiers & shared:
        # Letters of one sender share bank and tax numbers, but not all that is printed there.
        part = len(after.edge_identifiers & shared) / len(after.edge_identifiers)
        yield Clue(odds=-STRONG * part, reason="the same number is printed on both pages")
    if before.labelled and after.labelled and not before.labelled & after.labelled:
        yield Clue(odds=STRONG, reason="another document number is printed")
    elif before.identifiers and after.identifiers and not shared:
        yield Clue(odds=WEAK, reason="the document number changes")
    if not again and before.running & after.running:
        yield Clue(odds=-CLEAR, reason="header or footer are the same")


def _beginning(before: PageClues, after: PageClues, view: ClassView) -> Iterable[Clue]:
    if view.title >= _NAMED:
        yield Clue(odds=2 * STRONG * view.title, reason="a title stands at the top")
    # A headline that the page before also has is the letterhead of one document.
    if after.headline >= _LARGE and not before.running & after.running:
        yield Clue(odds=CLEAR, reason="a large headline stands at the top")
    if after.salutation:
        yield Clue(odds=SURE, reason="a salutation opens a letter")


def _is_form_again(before: PageClues, after: PageClues) -> bool:
    """Whether both pages are one form filled in twice: the same lines with other figures.

    Pages of one document share their letterhead, figures included, and little else. A page that
    is the same to the last figure is a copy, which is a document, too.
    """
    shapes = [{shape for shape, _ in page.form} for page in (before, after)]
    shared = shapes[0] & shapes[1]
    if len(shared) < max(_FORM_LINES, _SAME_FORM * max(map(len, shapes))):
        return False
    refilled = {shape for shape, _ in before.form ^ after.form} & shared
    return bool(refilled) or before.form == after.form


def _continuity(before: PageClues, after: PageClues) -> Iterable[Clue]:
    if after.continued_above or before.continued_below:
        yield Clue(odds=-STRONG, reason="the text says that it is continued")
    if before.last_clause is not None and after.first_clause == before.last_clause + 1:
        yield Clue(odds=-STRONG, reason="the numbered clauses go on")
    if before.column_heads & after.column_heads:
        yield Clue(odds=-CLEAR, reason="the table goes on under the same heads")
    if before.ends_midway and after.starts_midway:
        yield Clue(odds=-STRONG, reason="a sentence runs over the page")


def _looks(before: PageClues, after: PageClues) -> Iterable[Clue]:
    if any(abs(a - b) > _SAME_SIZE for a, b in zip(before.size, after.size, strict=True)):
        yield Clue(odds=CLEAR, reason="the page size changes")
    if before.scanned != after.scanned:
        yield Clue(odds=CLEAR, reason="scanned and digital pages meet")
    if before.filled < _NEARLY_EMPTY:
        yield Clue(odds=CLEAR, reason="the page before ends early")
    elif before.filled > _FULL:
        yield Clue(odds=-WEAK, reason="the page before is full")


def _classes(before: ClassView, after: ClassView) -> Iterable[Clue]:
    if before.sure_class is None or after.sure_class is None:
        return
    if before.sure_class != after.sure_class:
        yield Clue(odds=CLEAR, reason="the kind of document changes")
    else:
        yield Clue(odds=-WEAK, reason="the kind of document stays")
