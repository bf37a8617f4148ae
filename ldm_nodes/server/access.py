"""Which requests come in: by their host, their origin and their token. Values in, verdicts out; no web framework.

A website that a user visits can make his browser call `127.0.0.1` (CVE-2025-62593 and kin). Three facts stop it: a name
that a stranger controls is no allowed host, even if it resolves to this machine; browsers say where a request comes
from; and only scripts, which no website can steer, leave that out.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

COOKIE = "ldm_nodes_session"
BROWSER_HEADERS = ("Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Cookie")
PORTS = {"http": ":80", "https": ":443", "ws": ":80", "wss": ":443"}


@dataclass(frozen=True)
class Access:
    """What a server lets in.

    Attributes:
        hosts: names that `Host` may have beside those of this machine's loopback.
        origins: other origins that count as our own, such as `https://pictures.example` of a reverse proxy.
        addresses: whether `Host` may be any address in numbers; those cannot be made to point elsewhere.
        tokens: token to its user; the empty name is a user who sees everything. Without any, no token is asked for.
    """

    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    addresses: bool = False
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)

    def knows_host(self, host: str | None) -> bool:
        """Say whether a request's `Host` names this server."""
        name = _hostname(host or "")
        if name is None:
            return False
        address = _address(name)
        if address is not None:
            return address.is_loopback or self.addresses
        return name == "localhost" or name in self.hosts

    def is_foreign(self, origins: list[str], site: str | None, host: str) -> bool:
        """Say whether a request comes from another website.

        Args:
            origins: every `Origin` header; more than one is nobody's.
            site: `Sec-Fetch-Site`.
            host: `Host`.
        """
        if len(origins) > 1 or any(not self._is_own(origin, host) for origin in origins):
            return True
        return site not in (None, "same-origin", "none")

    def user_of(self, bearer: str | None, cookie: str | None) -> str | None:
        """Return the user whom a token or a session belongs to, or None for a stranger.

        Every comparison takes the same time, whatever is right of it.
        """
        if not self.tokens:
            return ""
        found = None
        for token, user in self.tokens.items():
            by_token = hmac.compare_digest(digest(bearer or ""), digest(token)) and bearer is not None
            by_cookie = hmac.compare_digest((cookie or "").encode(), session_of(token).encode())
            if by_token or by_cookie:
                found = user
        return found

    def _is_own(self, origin: str, host: str) -> bool:
        scheme, _, rest = origin.lower().partition("://")
        if scheme not in PORTS or not rest:
            return False
        port = PORTS[scheme]
        ours = host.lower().removesuffix(port)
        if origin.lower() in self.origins or any(ours == known.partition("://")[2] for known in self.origins):
            return origin.lower() in self.origins  # of a name that is public only its own scheme
        return rest.removesuffix(port) == ours


def session_of(token: str) -> str:
    """Return what a browser's cookie holds in place of a token: the token cannot be told from it."""
    return hmac.new(token.encode(), b"ldm-nodes session", hashlib.sha256).hexdigest()


def digest(text: str) -> bytes:
    """Return a text's digest; equal lengths make comparisons tell nothing."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).digest()


def is_loopback(listen: str) -> bool:
    """Say whether an address to listen on can be reached from this machine only."""
    address = _address(listen.strip("[]"))
    return listen == "localhost" if address is None else address.is_loopback


def origin_of(url: str) -> str:
    """Return the origin of a URL, as browsers write it.

    Raises:
        ValueError: it is no http(s) URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError(f"{url!r} is not a URL such as https://pictures.example/ldm/")
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(PORTS[parts.scheme])}"


def _hostname(host: str) -> str | None:
    """Return the name in a `Host` header, or None for what is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    odd = parts.netloc != host or "@" in host or any(letter in host for letter in "/\\?# \t%")
    return None if odd or not parts.hostname else parts.hostname


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
