"""What every endpoint needs of a request, as dependencies; and how its answer is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from fastapi import Depends, Query, Request, Response

from evaluand.dialects.extend.links import Links
from evaluand.dialects.extend.views import View
from evaluand.domain.model import Principal
from evaluand.domain.paging import PageRequest, decode_cursor
from evaluand.services import Services

# No file's name is longer, and databases refuse to look for very long texts.
LONGEST_NAME = 255

_ENCODER = msgspec.json.Encoder()
_TIMES: dict[str, Literal["created_at", "updated_at"]] = {
    "createdAt": "created_at",
    "updatedAt": "updated_at",
}


@dataclass(frozen=True, slots=True)
class Call:
    """An admitted request: who asks, what there is to ask for, and where the client is."""

    services: Services
    principal: Principal
    links: Links


async def _call(request: Request) -> Call:
    services: Services = request.app.state.services
    return Call(services, request.state.principal, Links(request))


Here = Annotated[Call, Depends(_call)]

Size = Annotated[int, Query(alias="maxPageSize", ge=1, le=1000, description="Rows in a page.")]
Token = Annotated[
    str | None,
    Query(alias="nextPageToken", description="The cursor that the previous page gave."),
]
SortBy = Annotated[Literal["updatedAt", "createdAt"], Query(alias="sortBy")]
SortDir = Annotated[Literal["asc", "desc"], Query(alias="sortDir", description="asc: oldest first")]


async def _sorted_page(
    size: Size = 10,
    token: Token = None,
    sort_by: SortBy = "updatedAt",
    sort_dir: SortDir = "desc",
) -> PageRequest:
    return PageRequest(
        size=size,
        sort=_TIMES[sort_by],
        descending=sort_dir == "desc",
        after=None if token is None else decode_cursor(token),
    )


async def _created_page(
    size: Size = 10, token: Token = None, sort_dir: SortDir = "desc"
) -> PageRequest:
    return await _sorted_page(size, token, "createdAt", sort_dir)


Listing = Annotated[PageRequest, Depends(_sorted_page)]
# Files and versions do not change after their creation, so there is nothing else to sort by.
ListingByCreation = Annotated[PageRequest, Depends(_created_page)]


def reply(view: View) -> Response:
    """A view as the response's bytes."""
    return Response(_ENCODER.encode(view), media_type="application/json")
