"""Which hosts and addresses may be reached: every address of a name is checked, and only a checked one is connected to.

A name that is asked for twice may have two answers (DNS rebinding). So the check sits in the resolver: what it returns
is what the connection is made to, and nothing asks again.
"""

from __future__ import annotations

import asyncio
import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from .errors import Refused
from .rules import Rules

Address = IPv4Address | IPv6Address

_HOST = re.compile(r"[A-Za-z0-9._:-]+", re.ASCII)
_UNICAST = IPv6Network("2000::/3")
_SPECIAL = IPv4Network("192.0.0.0/24")  # of protocols; versions of Python differ about it
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet; one that stands for an IPv4 address is judged by that."""
    if isinstance(address, IPv6Address):
        embedded = _embedded(address)
        if embedded is not None:
            return is_public(embedded)
        if address not in _UNICAST or address.teredo is not None:
            return False
    return address not in _SPECIAL and address.is_global and not (address.is_multicast or address.is_reserved)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that packets to this address end up at: mapped, 6to4 or translated."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class Gate:
    """Decides over addresses.

    Args:
        rules: which hosts, whether without encryption, and which networks beside the public one.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._networks = tuple(ip_network(text) for text in rules.networks)

    def check(self, url: URL) -> None:
        """Check an address before anything is asked of it.

        Raises:
            Refused: with the reason.
        """
        if url.scheme != "https" and not (url.scheme == "http" and self._rules.http):
            hint = "; allow it if you must" if url.scheme == "http" else ""
            raise Refused(f"Files are fetched by https:// only; this address starts with {url.scheme}:{hint}.")
        host = url.raw_host or ""  # as the connection is made to it
        if not _HOST.fullmatch(host):
            raise Refused(f"This address names no host that there can be: {host[:80]!r}.")
        if url.user is not None or url.password is not None:
            raise Refused(f"Addresses with a user or a password in front of the host are refused ({host}).")
        if not self._allows(url):
            raise Refused(
                f"{host_of(url)} is not among the hosts that files may come from: {', '.join(self._rules.hosts)}."
            )
        try:
            address = ip_address(host)
        except ValueError:
            return  # a name: its addresses are checked when it is resolved
        self.check_address(host, address)

    def check_address(self, host: str, address: Address) -> None:
        """Check what a host's name stands for.

        Raises:
            Refused: when it is not on the public internet, nor in a network that is allowed.
        """
        if not is_public(address) and not any(address in network for network in self._networks):
            raise Refused(f"{host} is at an address that is not public; files are fetched from the internet only.")

    def resolve(self, url: URL) -> None:
        """Check every address of a host that somebody else will connect to.

        Raises:
            Refused: when one of them is not public, or there is none.
        """
        try:
            found = socket.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise Refused(f"The name {url.host} is not known here; is this machine connected?") from error
        for *_, place in found:
            self.check_address(str(url.host), ip_address(place[0]))

    def _allows(self, url: URL) -> bool:
        """Tell whether a host is on the list; other ports than the usual ones must be named there."""
        host = host_of(url)
        return any(
            host == entry.lower() or (entry.startswith(".") and host.endswith(entry.lower()))
            for entry in self._rules.hosts
        )


def host_of(url: URL) -> str:
    """Return the host as the list of hosts has it: `name`, or `name:port` where the port is not the usual one."""
    host = (url.raw_host or "").lower()
    host = f"[{host}]" if ":" in host else host
    return host if url.is_default_port() else f"{host}:{url.port}"


class CheckedResolver(AbstractResolver):
    """Resolves names to addresses that the gate has let pass; one that has not refuses the whole name."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._names = ThreadedResolver(asyncio.get_running_loop())

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a host; see `AbstractResolver`.

        Raises:
            Refused: when one of them is not public.
            OSError: when there are none.
        """
        found = await self._names.resolve(host, port, family)
        for result in found:
            self._gate.check_address(host, ip_address(result["host"]))
        return found

    async def close(self) -> None:
        """Nothing is held."""
