"""Which network addresses an outgoing request may reach.

Users name addresses the server then calls. Without a guard they could reach what only the server
can: its own loopback, the private network, the metadata service of a cloud. The guard looks at
addresses, never at names: what a name means may change between a look and a connection.
"""

from __future__ import annotations

import errno
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

# Services that hand credentials to whoever asks from inside: AWS, Azure, Google and most others
# (169.254.169.254), AWS over IPv6, Azure's platform address, Alibaba. No target ever lies there.
_METADATA = frozenset(
    ip_address(text)
    for text in ("169.254.169.254", "fd00:ec2::254", "168.63.129.16", "100.100.100.200")
)
# Other spellings of an IPv4 address, in their last 32 bits: mapped ones, and those by which hosts
# without IPv4 reach it through a translator (RFC 6052).
_SPELLINGS = (ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96"))
# Translation prefix for use inside one network (RFC 8215); what lies behind it is not public.
_LOCAL_TRANSLATION = ip_network("64:ff9b:1::/48")
_LAST_32_BITS = 0xFFFFFFFF


METADATA_SERVICE = "the metadata service of a cloud"


class AddressRefused(OSError):
    """The address may not be reached. An OSError, so that connecting code gives up on it."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EACCES, why)
        self.why = why


def refusal(address: Address, *, allow_private: bool) -> str | None:
    """Why ``address`` may not be reached, or None when it may.

    With ``allow_private`` only metadata services are refused.
    """
    carried = _carried(address)
    if carried is not None and (why := _refusal(carried, allow_private)):
        return why
    if any(address in network for network in _SPELLINGS):
        return None
    return _refusal(address, allow_private)


def _refusal(address: Address, allow_private: bool) -> str | None:
    if address in _METADATA:
        return METADATA_SERVICE
    if allow_private:
        return None
    if address.is_unspecified or address.is_loopback:
        return "an address of the server itself"
    if address.is_link_local or address.is_multicast:
        return "a link-local or multicast address"
    if _public(address):
        return None
    return "an address of a private or reserved range"


def _public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (
        address.is_site_local or address in _LOCAL_TRANSLATION
    ):
        return False
    return address.is_global and not address.is_reserved


def _carried(address: Address) -> IPv4Address | None:
    """The IPv4 address that packets to an IPv6 one end up at, if it carries one."""
    if isinstance(address, IPv4Address):
        return None
    if any(address in network for network in _SPELLINGS):
        return IPv4Address(int(address) & _LAST_32_BITS)
    teredo = address.teredo
    return address.sixtofour or (teredo[1] if teredo else None)


def literal_address(host: str) -> Address | None:
    """The address that ``host`` spells, or None when it is a name.

    The forms C libraries still take are understood as well: ``127.1``, ``0x7f000001``,
    ``017700000001``.
    """
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError, ValueError):
        return None


class GuardedSockets:
    """Makes the socket for every connection, after a look at the very address it will go to.

    Between this look and the connection nothing is resolved again, so a name that changes its
    address in between (DNS rebinding) gains nothing.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    def __call__(
        self,
        address_info: tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]],
    ) -> socket.socket:
        """A new socket. Raises AddressRefused."""
        family, kind, protocol, _, place = address_info
        address = literal_address(place[0])
        if address is None:
            raise AddressRefused("no numeric address")
        if why := refusal(address, allow_private=self._allow_private):
            raise AddressRefused(why)
        return socket.socket(family, kind, protocol)
