"""The words in the header of a safetensors file, read without the library and within limits."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..engine.errors import PromptRejected
from ..engine.json_text import read_json

LARGEST = 1 << 20


def header_metadata(path: Path) -> Mapping[str, Any] | None:
    """Return the `__metadata__` of a file, or None where there is none, or no header of at most 1 MiB."""
    with path.open("rb") as file:
        length = file.read(8)
        size = struct.unpack("<Q", length)[0] if len(length) == 8 else 0
        text = file.read(size) if 0 < size <= LARGEST else b""
    try:
        header = read_json(text)
    except PromptRejected:
        return None
    found = header.get("__metadata__") if isinstance(header, dict) else None
    return found if isinstance(found, dict) else None
