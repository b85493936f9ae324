"""The items of one run by how bad they are, page by page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, and_, case, cast, func, literal

from evaluand.domain.model import Outcome, RunItem
from evaluand.domain.paging import Page, PageRequest
from evaluand.ports import RankFilter
from evaluand.store.executions import SqlExecutions
from evaluand.store.scope import Scope, key_set
from evaluand.store.tables import executions, run_items, scores

# Ranks are whole numbers, as cursors are: a value counts in billionths, finer than any metric.
_STEPS = 10**9
# Beyond any value a metric can have.
_FIRST, _LAST = -(1 << 62), 1 << 62


class SqlRanking(SqlExecutions):
    """The part of :class:`evaluand.ports.RunStore` that ranks."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._rows = scope

    def worst(self, run_key: int, wanted: RankFilter, request: PageRequest) -> Page[RunItem]:
        rank = _rank(wanted.metric)
        ranked = key_set(
            self._measured(run_key, wanted, rank), request, rank, executions.c.position
        )
        with self._rows.database.read() as connection:
            found = list(connection.execute(ranked))
            shown = found[: request.size]
            # Contents are large: only those of the page are read, not those that were ranked.
            places = self._places().where(
                run_items.c.run_id == run_key,
                run_items.c.position.in_([row.position for row in shown]),
            )
            rows = {row.place: row for row in connection.execute(places)}
            items = self._items(connection, [rows[row.position] for row in shown])
        following = _cursor(shown[-1]) if len(found) > request.size else None
        return Page(rows=tuple(items), next=following)

    def _measured(self, run_key: int, wanted: RankFilter, rank: ColumnElement[int]) -> Select[Any]:
        same = executions.c.run_id == run_items.c.run_id
        place = executions.c.position == run_items.c.position
        mine = scores.c.run_id == executions.c.run_id, scores.c.position == executions.c.position
        statement = (
            self._rows.rows(executions, executions.c.position, rank.label("rank"))
            .join(run_items, and_(same, place))
            .outerjoin(scores, and_(*mine, scores.c.metric == wanted.metric))
            .where(executions.c.run_id == run_key, run_items.c.deleted_at.is_(None))
        )
        if wanted.outcome is not None:
            statement = statement.where(executions.c.outcome == wanted.outcome)
        return statement


def _rank(metric: str | None) -> ColumnElement[int]:
    if metric is None:
        return literal(0)
    return case(
        (executions.c.outcome == Outcome.ERROR, _FIRST),
        (scores.c.value.is_(None), _LAST),
        else_=cast(func.round(scores.c.value * _STEPS), BigInteger),
    )


def _cursor(row: Row[Any]) -> tuple[int, ...]:
    return row.rank, row.position
