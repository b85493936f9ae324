"""Sessions of people at a browser: a signed text that stands for a key without holding it.

Nothing is stored. The text names the key and the workspace and when it ends; the key is looked up
on each request, so that revoking it ends its sessions.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from evaluand.domain.ids import PublicId, from_base62, to_base62
from evaluand.domain.model import Principal, Workspace
from evaluand.errors import Unauthorized
from evaluand.ports import AccessStore, Clock
from evaluand.services.access import Access, digest_of

# A working day: long enough not to be asked twice, short enough for a browser left open.
LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who is signed in, and where."""

    principal: Principal
    workspace: Workspace


class Sessions:
    """Opens sessions and tells who is behind one."""

    def __init__(self, *, store: AccessStore, access: Access, clock: Clock, secret: bytes) -> None:
        self._store = store
        self._access = access
        self._clock = clock
        self._secret = secret

    def open(self, token: str, workspace: PublicId | None, named: bool) -> str:
        """The text of a new session. Raises what ``Access.authenticate`` raises."""
        principal = self._access.authenticate(token, workspace, named)
        record = self._store.key_by_hash(digest_of(token))
        if record is None:
            raise Unauthorized("The key was revoked just now. Sign in with another one.")
        expires = int((self._clock.now() + LIFETIME).timestamp())
        place = self._place(principal)
        body = json.dumps([to_base62(record.id), to_base62(place.id), expires])
        encoded = base64.urlsafe_b64encode(body.encode()).decode()
        return f"{encoded}.{self._sign(encoded)}"

    def read(self, text: str) -> Session:
        """Who is behind a session. Raises Unauthorized when it is over, altered or revoked."""
        key_id, workspace_id = self._parts(text)
        record = None if key_id is None else self._store.key_by_id(key_id)
        if record is None:
            raise Unauthorized("The key you signed in with was revoked. Sign in with another one.")
        principal = self._access.admit(record, workspace_id, named=True)
        return Session(principal=principal, workspace=self._place(principal))

    def _parts(self, text: str) -> tuple[PublicId | None, PublicId | None]:
        encoded, _, signature = text.partition(".")
        if not hmac.compare_digest(self._sign(encoded).encode(), signature.encode()):
            raise Unauthorized("The session was altered. Sign in again.")
        try:
            key, workspace, expires = json.loads(base64.urlsafe_b64decode(encoded))
        except (ValueError, binascii.Error) as error:
            raise Unauthorized("The session cannot be read. Sign in again.") from error
        if expires < self._clock.now().timestamp():
            raise Unauthorized("The session has ended. Sign in again.")
        return from_base62(key), from_base62(workspace)

    def _place(self, principal: Principal) -> Workspace:
        place = self._store.workspace(principal.workspace)
        if place is None:
            raise Unauthorized("The workspace is gone. Sign in to another one.")
        return place

    def _sign(self, encoded: str) -> str:
        # What the message begins with keeps signatures of links from being taken for sessions.
        return hmac.new(self._secret, f"session:{encoded}".encode(), sha256).hexdigest()
