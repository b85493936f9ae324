"""What can go wrong on the way to an answer, in words: what happened, where, what to do."""

from __future__ import annotations

import socket

import aiohttp
from yarl import URL

from evaluand.models.address_guard import (
    METADATA_SERVICE,
    AddressRefused,
    literal_address,
    refusal,
)
from evaluand.ports import CallFailed

_ALLOW = "set EVALUAND_ALLOW_PRIVATE_TARGETS=true if this server may call it"


def address_refused(url: URL, *, allow_private: bool) -> CallFailed | None:
    """The refusal of an address given in numbers, or None. Names are judged once resolved."""
    host = url.raw_host or ""
    address = literal_address(host)
    if address is None:
        return None
    why = refusal(address, allow_private=allow_private)
    return _refused(host, why) if why else None


def _refused(host: str, why: str) -> CallFailed:
    # No setting opens the metadata service.
    remedy = "give another address" if why == METADATA_SERVICE else _ALLOW
    return CallFailed(
        "address_refused", f"{host} is {why}, which is not called: {remedy}", retryable=False
    )


def timed_out(host: str, timeout_s: float) -> CallFailed:
    """No complete answer in time."""
    return CallFailed(
        "timeout", f"{host} had not answered completely after {timeout_s:g} s", retryable=True
    )


def too_large(host: str, limit: int) -> CallFailed:
    """The answer passes the bound."""
    return CallFailed(
        "too_large",
        f"{host} answered with more than the {limit / 2**20:,.1f} MB taken: have it answer with"
        " less, or raise EVALUAND_MAX_RESPONSE_BYTES",
        retryable=False,
    )


def redirected(host: str, status: int, where: str = "elsewhere") -> CallFailed:
    """A redirect that is not followed."""
    return CallFailed(
        "redirect",
        f"{host} answered {status} and pointed {where}, which is not followed: configure the final"
        " address",
        retryable=False,
    )


def too_many_redirects(host: str, limit: int) -> CallFailed:
    """A chain of redirects that does not end."""
    return CallFailed(
        "redirect",
        f"{host} still redirected after {limit} redirects: configure the final address",
        retryable=False,
    )


def explained(error: Exception, host: str) -> CallFailed:
    """The failure behind an exception of the client library. Its own words stay out of messages
    where they could repeat what was sent."""
    cause = getattr(error, "os_error", None) or getattr(error, "certificate_error", None)
    match error:
        case aiohttp.ClientConnectorError() if isinstance(cause, AddressRefused):
            return _refused(host, cause.why)
        case aiohttp.ClientConnectorDNSError():
            final = getattr(cause, "errno", None) in (socket.EAI_NONAME, socket.EAI_NODATA)
            return _lost(f"the name {host} does not resolve: check the address", not final)
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return _lost(
                f"no trusted encrypted connection to {host} ({cause}): for a private certificate"
                " authority set SSL_CERT_FILE",
                False,
            )
        case aiohttp.ClientPayloadError():
            return _unreadable(f"{host} broke off in the middle of its answer", True)
        case aiohttp.InvalidURL():
            return CallFailed("bad_request", f"the address of {host} is no URL", retryable=False)
        case aiohttp.ClientResponseError():
            return _unreadable(f"{host} did not answer in HTTP", False)
        case aiohttp.ServerDisconnectedError():
            return _lost(f"{host} hung up before it answered", True)
        case TimeoutError():
            return CallFailed(
                "timeout",
                f"{host} did not accept a connection in time: is it up, and reachable from here?",
                retryable=True,
            )
        case aiohttp.ClientError() | OSError():
            return _lost(f"no connection to {host} ({cause or type(error).__name__})", True)
        case _:
            return CallFailed(
                "bad_request",
                f"the request to {host} cannot be sent: a header holds a line break or a character"
                " that headers cannot carry",
                retryable=False,
            )


def _lost(message: str, retryable: bool) -> CallFailed:
    return CallFailed("connection", message, retryable=retryable)


def _unreadable(message: str, retryable: bool) -> CallFailed:
    return CallFailed("bad_response", message, retryable=retryable)
