"""Results: a run item by item with its scores, and two runs side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from evaluand.domain.comparison import Comparison, Earned, compare, earned
from evaluand.domain.ids import PublicId
from evaluand.domain.lifecycle import FINAL
from evaluand.domain.model import Outcome, Principal, Run, RunItem, Score
from evaluand.domain.paging import Page, PageRequest
from evaluand.errors import NotFound, Unprocessable
from evaluand.ports import ExecutionFilter, RankFilter
from evaluand.services.runs import Runs

# Items read at once: a statement's worth of parameters, a few megabytes of outputs.
_PAGE = 200


class ItemResult(NamedTuple):
    """One place of a run and what was measured there; no scores while it is open."""

    place: RunItem
    scores: tuple[Score, ...]

    def score(self, metric: str) -> Score | None:
        """The score of this metric, if there is one."""
        return next((score for score in self.scores if score.metric == metric), None)


ItemKey = PublicId | int
"""What pairs the items of two runs: the item of the set, or the place of a loose document."""


class Results:
    """Use cases that read what runs have measured."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def items(self, principal: Principal, run: Run, *, after: int = -1) -> Iterator[ItemResult]:
        """The places of the run in their order, from ``after`` on, read page by page."""
        wanted = ExecutionFilter(kind=run.snapshot.kind, run=run.id)
        cursor: tuple[int, ...] | None = (run.key, after)
        while cursor is not None:
            request = PageRequest(size=_PAGE, sort="created_at", descending=False, after=cursor)
            page = self._runs.executions(principal, request, wanted)
            scores = self._runs.scores(principal, run, [row.position for row in page.rows])
            for row in page.rows:
                yield ItemResult(row, tuple(scores[row.position]))
            cursor = page.next

    def item(self, principal: Principal, run: Run, position: int) -> ItemResult:
        """What became of the item at a place of the run. Raises NotFound."""
        wanted = ExecutionFilter(kind=run.snapshot.kind, run=run.id)
        before = (run.key, position - 1)
        request = PageRequest(size=1, sort="created_at", descending=False, after=before)
        rows = self._runs.executions(principal, request, wanted).rows
        if not rows or rows[0].position != position:
            raise NotFound("There is no such item in this run.")
        scores = self._runs.scores(principal, run, [position])
        return ItemResult(rows[0], tuple(scores[position]))

    def worst(
        self,
        principal: Principal,
        run: Run,
        *,
        outcome: Outcome | None,
        size: int,
        after: tuple[int, ...] | None,
    ) -> Page[ItemResult]:
        """One page of what has an outcome: errors, then the lowest values of the star metric.

        While the run goes on, its own order: ranks would change under the reader.
        """
        metric = star_metric(run) if run.status in FINAL else None
        request = PageRequest(size=size, descending=False, after=after)
        page = self._runs.worst(principal, run, RankFilter(metric=metric, outcome=outcome), request)
        scores = self._runs.scores(principal, run, [row.position for row in page.rows])
        rows = tuple(ItemResult(row, tuple(scores[row.position])) for row in page.rows)
        return Page(rows=rows, next=page.next)

    def compare(self, principal: Principal, first: Run, second: Run) -> Comparison[ItemKey]:
        """How ``second`` differs from ``first`` in their star metric.

        Raises Unprocessable when the runs measure different things.
        """
        star, other = star_metric(first), star_metric(second)
        if star is None or star != other:
            raise Unprocessable(
                f"The runs cannot be compared: the first measures {star or 'nothing'}, the second "
                f"{other or 'nothing'}."
            )
        return compare(self._earned(principal, first, star), self._earned(principal, second, star))

    def _earned(self, principal: Principal, run: Run, metric: str) -> dict[ItemKey, Earned]:
        found: dict[ItemKey, Earned] = {}
        for result in self.items(principal, run):
            score = result.score(metric)
            contribution = None if score is None else earned(score)
            if contribution is not None:
                found[item_key(result.place)] = contribution
        return found


def star_metric(run: Run) -> str | None:
    """The metric that decides; None for a run that measures nothing."""
    metrics = run.snapshot.suite.metrics
    return metrics[0].evaluator if metrics else None


def item_key(place: RunItem) -> ItemKey:
    """What this item is paired by in another run."""
    return place.position if place.item is None else place.item
