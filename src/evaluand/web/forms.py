"""Posted forms: small, and sent by this server's own pages."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from evaluand.errors import BodyTooLarge, Forbidden, InvalidRequest
from evaluand.web.parts import parts_of

# A key, an id and an address to go on to; anything longer is no form of ours.
_MOST_BYTES = 16_384


def check_origin(request: Request) -> None:
    """Raises Forbidden unless the form was on a page of this server.

    Browsers name a form's origin with every POST, and no page can make them lie. Together with a
    session cookie that is never sent from elsewhere (SameSite=Strict), forged requests fail twice.
    """
    origin = _host(request.headers.get("origin", ""))
    own = {request.headers.get("host", ""), urlsplit(parts_of(request).public_url).netloc}
    if not origin or origin not in own:
        raise Forbidden(
            "The form did not come from a page of this server. Open the page here and send it "
            "again; behind a proxy, set EVALUAND_PUBLIC_URL."
        )


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises Forbidden, BodyTooLarge and InvalidRequest."""
    check_origin(request)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise BodyTooLarge(f"The form is longer than {_MOST_BYTES} bytes.")
    try:
        return dict(parse_qsl(body.decode()))
    except ValueError as error:
        raise InvalidRequest("The form cannot be read. Send it from the page again.") from error
