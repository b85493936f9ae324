"""Which addresses may be called: every spelling of a private one is still a private one."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluand.models.address_guard import (
    METADATA_SERVICE,
    AddressRefused,
    GuardedSockets,
    literal_address,
    refusal,
)

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
]
PUBLIC = ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
METADATA = ["169.254.169.254", "fd00:ec2::254", "168.63.129.16", "::ffff:169.254.169.254"]


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses_are_refused_unless_allowed(text: str) -> None:
    assert refusal(ip_address(text), allow_private=False)
    assert refusal(ip_address(text), allow_private=True) is None


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_may_be_called(text: str) -> None:
    assert refusal(ip_address(text), allow_private=False) is None


@pytest.mark.parametrize("text", METADATA)
@pytest.mark.parametrize("allow_private", [True, False])
def test_metadata_services_are_never_called(text: str, allow_private: bool) -> None:
    assert refusal(ip_address(text), allow_private=allow_private) == METADATA_SERVICE


@given(st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_translated_spellings_share_the_fate_of_their_address(address: IPv4Address) -> None:
    number = int(address)
    for prefix in ("::ffff:0:0", "64:ff9b::", "::"):
        spelt = ip_address(int(ip_address(prefix)) + number)
        assert refusal(spelt, allow_private=False)


@pytest.mark.parametrize(
    ("host", "meant"),
    [
        ("127.1", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("1.2.3.4", "1.2.3.4"),
    ],
)
def test_numbers_are_addresses_in_every_form_a_resolver_takes(host: str, meant: str) -> None:
    assert literal_address(host) == ip_address(meant)


@pytest.mark.parametrize("host", ["example.com", "localhost", "1.2.3.4.example", "", "bücher.de"])
def test_names_are_no_addresses(host: str) -> None:
    assert literal_address(host) is None


def info(address: str) -> tuple[int, int, int, str, tuple[str, int]]:
    return (socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 80))


def test_a_socket_is_made_for_an_address_that_may_be_called() -> None:
    with GuardedSockets(allow_private=False)(info("1.1.1.1")) as made:
        assert made.family == socket.AF_INET


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost"])
def test_no_socket_is_made_for_another(address: str) -> None:
    with pytest.raises(AddressRefused):
        GuardedSockets(allow_private=False)(info(address))
