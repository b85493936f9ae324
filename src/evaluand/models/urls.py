"""Addresses of outgoing requests: which are understood, and how they are shown."""

from __future__ import annotations

from yarl import URL

from evaluand.ports import CallFailed

_SCHEMES = frozenset({"http", "https"})


def checked_url(text: str) -> URL:
    """The URL ``text`` spells. Raises CallFailed (``bad_request``) for what cannot be called."""
    try:
        url = URL(text)
        host, _ = url.host, url.port
    except (ValueError, TypeError) as error:
        raise _bad(f"'{_shown(text)}' is no URL: {error}") from error
    if url.scheme not in _SCHEMES or not host:
        raise _bad(f"'{_shown(text)}' cannot be called: give an http:// or https:// address")
    if url.user or url.password:
        raise _bad(
            f"the address of {place(url)} carries a user name or password: declare a provider with"
            " the key instead"
        )
    return url


def place(url: URL) -> str:
    """Host and port for messages: never path or query, which may carry secrets."""
    host = url.host or ""
    host = f"[{host}]" if ":" in host else host
    return host if url.is_default_port() else f"{host}:{url.port}"


def is_within(base: URL, url: URL) -> bool:
    """Whether ``url`` lies below ``base``: same origin, and a path that begins with its path."""
    if base.origin() != url.origin() or ".." in url.path.split("/"):
        return False
    stem = base.path.rstrip("/")
    return url.path == stem or url.path.startswith(f"{stem}/")


def _shown(text: str) -> str:
    """Scheme, host and no more: the rest may carry secrets."""
    return str(text).partition("?")[0].rpartition("@")[2][:80]


def _bad(message: str) -> CallFailed:
    return CallFailed("bad_request", message, retryable=False)
