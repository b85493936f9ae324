"""From values to HTML: every value is escaped, and no page may load or run anything foreign."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from evaluand.domain.ids import to_base62
from evaluand.services.sessions import Session
from evaluand.web import formats
from evaluand.web.parts import base_of

STATIC = files("evaluand.web") / "static"


def page(
    request: Request,
    template: str,
    *,
    session: Session | None = None,
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """A template as a page; ``session`` shows who is signed in."""
    rendered = (
        _environment()
        .get_template(template)
        .render(base=base_of(request), session=session, stylesheet=_version(), **values)
    )
    # What a page shows is the tenant's: neither a proxy nor the next user's "back" may have it.
    return HTMLResponse(rendered, status, headers={"cache-control": "no-store"})


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("evaluand.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        name: getattr(formats, name)
        for name in ("count", "share", "money", "duration", "moment", "size", "value", "score")
    }
    environment.filters["public"] = to_base62
    return environment


@cache
def _version() -> str:
    """Part of the stylesheet's address, so that browsers may keep it until it changes."""
    return sha256((STATIC / "style.css").read_bytes()).hexdigest()[:12]
