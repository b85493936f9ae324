"""Links to stored bytes for the targets a run calls: signed, expiring, without a key.

Unlike a file's own link it needs no workspace: what is signed is the content itself.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

from evaluand.domain.model import File
from evaluand.errors import Unauthorized
from evaluand.ports import Blobs, Clock

# A target may queue a document before it fetches it; an hour is longer than any call may take.
LIFETIME = timedelta(hours=1)
PATH = "blobs"


class BlobLinks:
    """Makes and follows links under ``base_url``."""

    def __init__(self, *, blobs: Blobs, clock: Clock, secret: bytes, base_url: str) -> None:
        self._blobs = blobs
        self._clock = clock
        self._secret = secret
        self._base_url = base_url.rstrip("/")

    def link(self, file: File) -> str:
        """An absolute address of the file's bytes."""
        expires = str(int((self._clock.now() + LIFETIME).timestamp()))
        query = urlencode({"expires": expires, "signature": self._sign(file.sha256, expires)})
        return f"{self._base_url}/{PATH}/{file.sha256}?{query}"

    def follow(self, digest: str, expires: str, signature: str) -> Path:
        """Where the bytes lie. Raises Unauthorized for a link that is expired or altered."""
        expected = self._sign(digest, expires).encode()
        genuine = hmac.compare_digest(expected, signature.encode("utf-8", "surrogatepass"))
        if not genuine or int(expires) < self._clock.now().timestamp():
            raise Unauthorized("The link has expired or was altered.")
        return self._blobs.path(digest)

    def _sign(self, digest: str, expires: str) -> str:
        message = f"blob:{digest}:{expires}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, message, sha256).hexdigest()
