"""What node packs translate for editors: `locales/<language>/{main,nodeDefs,commands,settings}.json`, put together."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..engine.json_text import not_finite, too_deep
from .web_folders import pack_folders_in

log = logging.getLogger(__name__)

MAIN = "main"
PARTS = (MAIN, "nodeDefs", "commands", "settings")
"""The files; what stands in the first lies at the root of a language, what stands in each other under its name."""
LARGEST = 4 << 20
MOST_LANGUAGES = 100


@dataclass(frozen=True)
class Translations:
    """The translations of all packs in some folders of packs.

    Attributes:
        folders: folders of packs.
    """

    folders: tuple[Path, ...] = ()

    @cached_property
    def by_language(self) -> dict[str, dict[str, Any]]:
        """Language to texts, read once; of two packs that translate one text the later, by name, wins.

        What cannot be read is told in the log and left out.
        """
        found: dict[str, dict[str, Any]] = {}
        for pack in (pack for folder in self.folders for pack in pack_folders_in(folder)):
            for path in _files(pack):
                language, part, texts = path.parent.name, path.stem, _texts(path)
                merge(found.setdefault(language, {}), texts if part == MAIN else {part: texts})
        return {language: texts for language, texts in found.items() if texts}


def merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    """Put texts into others; objects under one key are put together, everything else is replaced."""
    pending = [(into, more)]
    while pending:
        target, source = pending.pop()
        for key, value in source.items():
            if isinstance(value, dict):
                if not isinstance(target.get(key), dict):
                    target[key] = {}
                pending.append((target[key], value))
            else:
                target[key] = value


def _files(pack: Path) -> Iterator[Path]:
    """Yield the files of a pack, none of which lies outside of it."""
    root = pack.resolve()
    languages = sorted((pack / "locales").glob("*/"))[:MOST_LANGUAGES]
    paths: Iterable[Path] = (language / f"{part}.json" for language in languages for part in PARTS)
    yield from (path for path in paths if path.is_file() and path.resolve().is_relative_to(root))


def _texts(path: Path) -> dict[str, Any]:
    """Read a file; what is wrong with it is told, and it stands for nothing then."""
    try:
        return _read(path)
    except (OSError, ValueError, RecursionError) as error:
        log.warning("The translation %s is left out: %s", "/".join(path.parts[-4:]), error)
        return {}


def _read(path: Path) -> dict[str, Any]:
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is longer than {LARGEST >> 20} MiB")
    found = json.loads(path.read_text(encoding="utf-8-sig"))
    if not isinstance(found, dict) or too_deep(found) or not_finite(found):
        raise ValueError("it is no object of texts")
    return found
