"""Addresses that users give: looked at, resolved and pinned before anything is sent there."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from cowise.core.errors import ForbiddenError, InputError, MissingError

Resolve = Callable[[str, int], Sequence[str]]
PORTS = {"http": 80, "https": 443}
MOST = 2000


@dataclass(frozen=True, slots=True)
class Address:
    """A web address in its parts; `path` has no slash at its end. `private`: the operator says that it may lie inside."""

    scheme: str
    host: str
    port: int
    path: str
    private: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def address(url: str, *, private: bool = False) -> Address:
    """The parts of an address. InputError for what is no plain http or https address, or carries a name or password.

    >>> str(address("https://api.example.com/v1/"))
    'https://api.example.com:443/v1'
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        raise InputError(f"address: {url[:80]!r} cannot be read; give one such as https://api.example.com/v1") from None
    if parts.scheme not in PORTS or not host or len(url) > MOST or any(c.isspace() or ord(c) < 33 for c in url):
        raise InputError(f"address: {url[:80]!r} is none of the web; give one such as https://api.example.com/v1")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise InputError(
            "address: a name, password, query or fragment stands in it; keys belong in the environment or the keys folder"
        )
    return Address(parts.scheme, host, port or PORTS[parts.scheme], parts.path.rstrip("/"), private)


def resolved(host: str, port: int) -> list[str]:
    """Every address that a name stands for now; MissingError where it stands for none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise MissingError(f"address: {host} is not found; check the name and the network") from None
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def pin(to: Address, resolve: Resolve = resolved) -> str:
    """The numeric address to connect to, resolved now: connect to this and nothing else.

    ForbiddenError where the name stands, among others even, for a place inside that the operator did not open, or
    where an open network would carry the text unencrypted.
    """
    found = [_plain(ip_address(each.partition("%")[0])) for each in resolve(to.host, to.port)]
    for each in found:
        named = to.host if to.host == str(each) else f"{to.host} ({each})"
        if (
            each.is_link_local
            or each.is_multicast
            or each.is_unspecified
            or (each.is_reserved and not each.is_loopback)
        ):
            raise ForbiddenError(f"address: {named} lies where no model is asked; give another address")
        if not (each.is_global or to.private):
            raise ForbiddenError(
                f"address: {named} lies on this machine or a private network; who runs cowise opens it by "
                "--private on the command line, or private=True in Python"
            )
        if each.is_global and to.scheme != "https":
            raise ForbiddenError(f"address: {to.host} would be asked over an open network in the clear; give https")
    return str(found[0])


def _plain(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An address of version 4 that is wrapped in one of version 6 is judged as what it is.

    >>> _plain(ip_address("::ffff:127.0.0.1")), _plain(ip_address("64:ff9b::a00:1"))
    (IPv4Address('127.0.0.1'), IPv4Address('10.0.0.1'))
    """
    if isinstance(ip, IPv4Address):
        return ip
    if ip.packed[:12] == bytes.fromhex("0064ff9b") + bytes(8):  # RFC 6052
        return IPv4Address(ip.packed[12:])
    return ip.ipv4_mapped or ip.sixtofour or ip
