"""Where a file is: an address, or a place on the hub."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from yarl import URL

from .errors import Refused

_HUB = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?(?::(?P<file>[^\s:][^:]*))?", re.ASCII)


@dataclass(frozen=True)
class HubFile:
    """A file of a repository on the hub.

    Attributes:
        repo: `org/name`.
        file: its path there; empty for the only one that there is.
        revision: a branch, tag or commit; empty for the main branch.
    """

    repo: str
    file: str = ""
    revision: str = ""


@dataclass(frozen=True)
class Remote:
    """A file that can be fetched.

    Attributes:
        url: where.
        name: what it is called there; empty if the address does not tell.
        sha256: what it must hash to, in lower-case hexadecimal; empty if nobody knows.
        size: its bytes, or None if nobody knows.
        headers: what to send to that host, and to no other: tokens.
    """

    url: URL
    name: str
    sha256: str = ""
    size: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def expecting(self, sha256: str) -> Remote:
        """Return the same file, which must hash to what a person said too.

        Raises:
            Refused: when it is known that it does not.
        """
        if sha256 and self.sha256 and sha256.lower() != self.sha256:
            raise Refused(f"The hub has {self.name} with the sha256 {self.sha256}; expected {sha256.lower()}.")
        return replace(self, sha256=sha256.lower() or self.sha256)


def parse_source(text: str) -> URL | HubFile:
    """Read what a person wrote.

    Raises:
        Refused: when it is neither an address nor a place on the hub.
    """
    if "://" in text:
        return parse_url(text)
    if match := _HUB.fullmatch(text):
        return HubFile(match["repo"], match["file"] or "", match["revision"] or "")
    raise Refused(f"{text[:80]!r} is neither an https:// address nor a place on the hub; expected org/repo:file.")


def parse_url(text: str) -> URL:
    """Read an address, with the reader that the connection is made by, so that the two cannot disagree.

    Raises:
        Refused: when it is none, or when programs could read it in different ways.
    """
    if re.search(r"[\s\\\x00-\x1f\x7f]", text):
        raise Refused("An address holds no spaces, backslashes or control characters; this one does.")
    try:
        url = URL(text, encoded=text.isascii())  # as it is written: signatures cover every letter of it
        _ = url.raw_host, url.port  # read only when asked for, so wrong ones are told only then
    except (ValueError, UnicodeError) as error:
        raise Refused(f"This is no address of a file: {error}.") from error
    return url


def remote_of(url: URL) -> Remote:
    """Return the file at an address; it is called as the address ends, sub-folders excluded."""
    return Remote(url, url.name.replace("\\", "/").rpartition("/")[2])
