"""Absolute addresses of this server, as the client reaches it: mounts and proxies included."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request

from evaluand.dialects import DialectSettings
from evaluand.dialects.extend.words import FILE, PREFIX, read, shown
from evaluand.domain.ids import PublicId, to_base62
from evaluand.errors import Unauthorized
from evaluand.services.files import Link


class Links:
    """Makes addresses under the base the request came in by, or under the public address."""

    def __init__(self, request: Request) -> None:
        settings: DialectSettings = request.app.state.settings
        root: str = request.scope.get("root_path", "").rstrip("/")
        server = root.removesuffix(PREFIX)
        origin = f"{request.url.scheme}://{request.url.netloc}"
        self._server = settings.public_url.rstrip("/") or origin + server
        self._dialect = self._server + root.removeprefix(server)

    def page(self, run: PublicId, position: int | None = None) -> str:
        """The page that shows a run, or one document of it."""
        item = "" if position is None else f"?item={position}"
        return f"{self._server}/runs/{to_base62(run)}{item}"

    def file(self, link: Link) -> str:
        """The address of a file's bytes, with the proof that it may be read."""
        query = urlencode(
            {"w": link.workspace, "expires": link.expires, "signature": link.signature}
        )
        return f"{self._dialect}/files/{shown(FILE, link.file)}/content?{query}"


def link_of(file_id: str, workspace: int, expires: int, signature: str) -> Link:
    """The link behind an address. Raises Unauthorized when it names no file at all."""
    public_id = read(FILE, file_id)
    if public_id is None:
        raise Unauthorized("The link was altered. Ask for the file again.")
    return Link(workspace, public_id, expires, signature)
