"""What is asked for, as plain text that a queue can keep, and beside it what no file may hold: tokens in addresses."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields, replace

from yarl import URL

from .errors import Refused
from .source import parse_source

LONGEST = 4096
HARMLESS = frozenset({"download", "format", "fp", "name", "size", "type", "version"})
"""What addresses of models ask for; anything else in a query may be a token or a signature."""
HUB_TOKEN = re.compile(r"hf_[A-Za-z0-9]{16,}")


@dataclass(frozen=True)
class DownloadRequest:
    """One file to fetch.

    Attributes:
        source: a URL, or `org/repo`, `org/repo:file` or `org/repo@revision:file` on the hub.
        to: the kind of model, which is the folder below `models/`.
        name: what to call the file, with `/` for sub-folders; empty for the name that it has there.
        sha256: what the file must hash to, in hexadecimal; empty if that is not known.
        max_bytes: the most bytes to take; 0 for what the settings allow, which it can only lower.
        withheld: the address had a query, which may hold a token and was not written down.
    """

    source: str
    to: str = "checkpoints"
    name: str = ""
    sha256: str = ""
    max_bytes: int = 0
    withheld: bool = False

    def __post_init__(self) -> None:
        for name in ("source", "to", "name", "sha256"):
            text = getattr(self, name)
            if not isinstance(text, str) or len(text) > LONGEST:
                raise Refused(f"The {name} of a download must be a text of at most {LONGEST} characters.")
        if self.sha256 and not re.fullmatch(r"[0-9a-fA-F]{64}", self.sha256):
            raise Refused(f"A sha256 has 64 hexadecimal digits; received {self.sha256[:80]!r}.")
        if type(self.max_bytes) is not int or self.max_bytes < 0:
            raise Refused(f"The most bytes to take must be a whole number of at least 0; received {self.max_bytes!r}.")
        if type(self.withheld) is not bool:
            raise Refused(f"'withheld' is true or false; received {self.withheld!r}.")

    @classmethod
    def parse(cls, text: str) -> DownloadRequest:
        """Read what `text` wrote.

        Raises:
            Refused: when it is no such request; the message says why.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Refused(f"A download is asked for in JSON; this is none ({error}).") from error
        if not isinstance(values, dict) or "source" not in values:
            raise Refused('A download is a JSON table with a "source".')
        known = [field.name for field in fields(cls)]
        if unknown := sorted(values.keys() - set(known)):
            raise Refused(f"A download has no {unknown[0][:80]!r}; it has {', '.join(known)}.")
        return cls(**values)

    def without_secrets(self) -> DownloadRequest:
        """Return what may be written down: an address without a query that may hold a token.

        Raises:
            Refused: the source is none, or holds a password or a token where none may be.
        """
        if HUB_TOKEN.search(self.source) or HUB_TOKEN.search(self.name):
            raise Refused("This holds a token of the hub. Sign in where the server runs (HF_TOKEN), and leave it out.")
        url = parse_source(self.source)
        if not isinstance(url, URL):
            return self
        if url.user is not None or url.password is not None:
            raise Refused("Addresses with a user or a password in front of the host are refused.")
        if HARMLESS.issuperset(url.query) and not url.fragment:
            return self
        return replace(self, source=str(url.with_query(None).with_fragment(None)), withheld=True)

    def complete(self, source: str | None) -> DownloadRequest:
        """Return the request with the address as it was given.

        Args:
            source: the address, or None where nobody remembers it: nothing but memory ever held it.

        Raises:
            Refused: it is needed and gone.
        """
        if not self.withheld:
            return self
        if source is None:
            raise Refused(
                "The address had a query, which may hold a token; it was kept in memory only and went with a restart. "
                "Ask for the download again, with the whole address; it goes on where it was."
            )
        return replace(self, source=source, withheld=False)

    def text(self) -> str:
        """Return the request as JSON text."""
        return json.dumps(asdict(self))
