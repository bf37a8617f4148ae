"""What is asked for, as plain text that a queue can keep."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields

from .errors import Refused

LONGEST = 4096


@dataclass(frozen=True)
class DownloadRequest:
    """One file to fetch.

    Attributes:
        source: a URL, or `org/repo`, `org/repo:file` or `org/repo@revision:file` on the hub.
        to: the kind of model, which is the folder below `models/`.
        name: what to call the file, with `/` for sub-folders; empty for the name that it has there.
        sha256: what the file must hash to, in hexadecimal; empty if that is not known.
        max_bytes: the most bytes to take; 0 for what the settings allow, which it can only lower.
    """

    source: str
    to: str = "checkpoints"
    name: str = ""
    sha256: str = ""
    max_bytes: int = 0

    def __post_init__(self) -> None:
        for name in ("source", "to", "name", "sha256"):
            text = getattr(self, name)
            if not isinstance(text, str) or len(text) > LONGEST:
                raise Refused(f"The {name} of a download must be a text of at most {LONGEST} characters.")
        if self.sha256 and not re.fullmatch(r"[0-9a-fA-F]{64}", self.sha256):
            raise Refused(f"A sha256 has 64 hexadecimal digits; received {self.sha256[:80]!r}.")
        if type(self.max_bytes) is not int or self.max_bytes < 0:
            raise Refused(f"The most bytes to take must be a whole number of at least 0; received {self.max_bytes!r}.")

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

    def text(self) -> str:
        """Return the request as JSON text."""
        return json.dumps(asdict(self))
