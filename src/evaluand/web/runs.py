"""The list of runs, and one run."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from evaluand.domain.ids import from_base62, to_base62
from evaluand.domain.model import Outcome, Purpose, Role
from evaluand.domain.paging import PageRequest, decode_cursor, encode_cursor
from evaluand.services.results import star_metric
from evaluand.web import figures
from evaluand.web.breakdown import breakdown
from evaluand.web.forms import check_origin
from evaluand.web.parts import base_of, parts_of, session_of, whole
from evaluand.web.run_view import name_of, view_of
from evaluand.web.templating import page

# Two screens of runs; a screen or two of items.
_RUNS, _ITEMS = 50, 50
# Progress is seen to move, and a page left open all day costs next to nothing.
_REFRESH_S = 5
_EVALUATIONS = frozenset({Purpose.EVALUATION})
_DOCUMENTS = frozenset({Purpose.BATCH, Purpose.SINGLE})
_SEE_OTHER = 303


def listing(request: Request) -> Response:
    """The newest runs, page by page."""
    parts, session = parts_of(request), session_of(request)
    documents = request.query_params.get("show") == "documents"
    wanted = PageRequest(size=_RUNS, sort="created_at", after=_after(request))
    purposes = _DOCUMENTS if documents else _EVALUATIONS
    found = parts.services.runs.page(session.principal, wanted, purposes=purposes)
    now = parts.now()
    views = [view_of(run, now) for run in found.rows]
    return page(
        request,
        "runs.html",
        session=session,
        views=views,
        documents=documents,
        first=wanted.after is None,
        next=_following(request, found.next),
        **_refreshing(request, any(view.is_open for view in views)),
    )


def show(request: Request) -> Response:
    """One run; with ``?item=`` the item at that place."""
    parts, session = parts_of(request), session_of(request)
    run = parts.services.runs.get(session.principal, from_base62(request.path_params["run"]))
    item = whole(request.query_params.get("item", ""))
    if item is not None:
        address = f"{base_of(request)}/runs/{to_base62(run.id)}/items/{item}"
        return RedirectResponse(address, _SEE_OTHER)
    outcome = _outcome(request.query_params.get("outcome"))
    after = _after(request)
    found = parts.results.worst(session.principal, run, outcome=outcome, size=_ITEMS, after=after)
    view = view_of(run, parts.now())
    return page(
        request,
        "run.html",
        session=session,
        view=view,
        run=run,
        star=star_metric(run),
        beside=figures.beside(run),
        tables=breakdown(figures.star_figures(run)),
        latency=(run.summary or {}).get("latency"),
        outcomes=list(Outcome),
        outcome=outcome,
        results=found.rows,
        name_of=name_of,
        first=after is None,
        next=_following(request, found.next),
        may_cancel=view.is_open and session.principal.role is not Role.VIEWER,
        **_refreshing(request, view.is_open),
    )


def cancel(request: Request) -> Response:
    """Stops a run and shows it."""
    check_origin(request)
    session = session_of(request)
    run = parts_of(request).services.runs.cancel(
        session.principal, from_base62(request.path_params["run"])
    )
    return RedirectResponse(f"{base_of(request)}/runs/{to_base62(run.id)}", _SEE_OTHER)


def _outcome(text: str | None) -> Outcome | None:
    return Outcome(text) if text in set(Outcome) else None


def _after(request: Request) -> tuple[int, ...] | None:
    text = request.query_params.get("after")
    return decode_cursor(text) if text else None


def _following(request: Request, after: tuple[int, ...] | None) -> str | None:
    """The query of the next page, all else unchanged."""
    if after is None:
        return None
    return urlencode({**request.query_params, "after": encode_cursor(after)})


def _refreshing(request: Request, is_open: bool) -> dict[str, Any]:
    """Whether the page loads itself again, and the query that turns this off or on."""
    query = {name: text for name, text in request.query_params.items() if name != "refresh"}
    off = request.query_params.get("refresh") == "off"
    turned = query if off else {**query, "refresh": "off"}
    return {
        "is_open": is_open,
        "refresh_s": _REFRESH_S if is_open and not off else None,
        "turned": urlencode(turned),
    }
