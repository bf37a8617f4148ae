"""Which packs a user has looked through: asked before the first load, and again when the code has changed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .pack import Pack
from .scan import Finding

Ask = Callable[[Pack, tuple[Finding, ...]], bool]


@dataclass(frozen=True)
class Consent:
    """The packs that may be loaded, with the code that they had then.

    Attributes:
        path: a file that keeps the names and digests.
        ask: asks the user; None where nobody can be asked, and putting a pack there has to be enough.
    """

    path: Path
    ask: Ask | None = None
    _answers: dict[str, bool] = field(default_factory=dict)

    def allows(self, pack: Pack, findings: tuple[Finding, ...]) -> bool:
        """Say whether a pack may be loaded; what stands out in nothing is not asked about."""
        if not findings or self._known().get(pack.name) == pack.digest:
            return True
        if self.ask is None:
            return True
        if pack.digest not in self._answers:
            self._answers[pack.digest] = self.ask(pack, findings)
            if self._answers[pack.digest]:
                self.give(pack)
        return self._answers[pack.digest]

    def give(self, pack: Pack) -> None:
        """Remember that a pack may be loaded as it is now."""
        text = json.dumps({**self._known(), pack.name: pack.digest}, indent=1, sort_keys=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".", suffix=".part")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(self.path)

    def _known(self) -> dict[str, str]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return {str(name): str(digest) for name, digest in found.items()} if isinstance(found, dict) else {}
