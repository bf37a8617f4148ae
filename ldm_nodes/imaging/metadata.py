"""What a saved picture tells about its making, and how that is read back.

PNG files carry `tEXt` chunks as ComfyUI writes them: `prompt` (the API-format graph), then one chunk per key of the
client's extra data (normally `workflow`), JSON with ASCII escapes. WebP and JPEG carry the same as EXIF text: tag
0x0110 is `prompt:<json>`, the tags below it one `<key>:<json>` each. We add one key, `ldm_nodes`: the provenance
(engine version, checkpoint and its sha256, device, precision, sampler times).

Levels: `none` writes nothing; `params` the graph and the provenance, which is all that repeating the picture takes;
`workflow` also the client's extra data, so that the picture can be dropped into an editor.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PIL import Image
from PIL.PngImagePlugin import PngImageFile, PngInfo

from .errors import UnreadablePictureError
from .reading import open_picture

if TYPE_CHECKING:
    from pathlib import Path

    from ..settings import MetadataLevel

Json = Mapping[str, Any]

PROVENANCE = "ldm_nodes"
PROMPT_TAG = 0x0110
EXTRA_TAGS = (0x010F, 0x010E, 0x010D, 0x010C, 0x010B)
PRIVATE_CHUNK = b"comf"
"""In moving PNG pictures: one key and its JSON each, with a zero byte between, behind the frames."""
PNG_SIGNATURE, CHECKSUM = 8, 4
"""Bytes before the first chunk, and behind each (PNG specification, 5.2 and 5.3)."""
MAX_CHARACTERS = 32 << 20


@dataclass(frozen=True)
class Embedded:
    """What a picture says about its making.

    Attributes:
        prompt: the API-format graph, if the file has one.
        workflow: the editor's document, if the file has one.
        provenance: our own block, if the file has one.
        other: all further keys; a text that is not JSON stays text.
    """

    prompt: Any = None
    workflow: Any = None
    provenance: Any = None
    other: Json = field(default_factory=dict)


def describe(
    level: MetadataLevel, prompt: Json | None, extra: Json | None = None, provenance: Json | None = None
) -> dict[str, str]:
    """Return the keys and JSON texts that a file of this level carries, in order.

    Args:
        level: see the top of the file.
        prompt: the API-format graph.
        extra: the client's data, normally `{"workflow": ...}`; it can replace neither the graph nor our provenance.
        provenance: what made the picture.
    """
    if level == "none":
        return {}
    values: dict[str, Any] = {} if prompt is None else {"prompt": prompt}
    if level == "workflow":
        named = {_keyword(key): value for key, value in (extra or {}).items()}
        values |= {key: value for key, value in named.items() if key not in ("prompt", PROVENANCE)}
    if provenance is not None:
        values[PROVENANCE] = provenance
    return {key: json.dumps(value) for key, value in values.items()}


def png_info(texts: Mapping[str, str]) -> PngInfo:
    """Return `texts` as PNG `tEXt` chunks, in order."""
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    return info


def exif(texts: Mapping[str, str], limit: int | None = None) -> tuple[bytes, list[str]]:
    """Return `texts` as an EXIF block, and the keys that had no room.

    Args:
        texts: keys and JSON texts; the prompt has a tag of its own, five others fit.
        limit: the most bytes that the block may take; the last keys are left out until it does.
    """
    tags = iter(EXTRA_TAGS)
    placed = {key: tag for key in texts if (tag := PROMPT_TAG if key == "prompt" else next(tags, None))}
    data = _exif_block(texts, placed)
    while placed and limit is not None and len(data) > limit:
        placed.popitem()
        data = _exif_block(texts, placed)
    return data, [key for key in texts if key not in placed]


def read(path: Path) -> Embedded:
    """Read what a PNG, WebP or JPEG file says about its making.

    Raises:
        UnreadablePictureError: if the file is no picture, is damaged, or its texts are larger than any graph.
    """
    with open_picture(path) as picture:
        picture.load()  # PNG allows texts after the pixels
        texts = dict(_texts(picture))
        if isinstance(picture, PngImageFile) and picture.is_animated:
            texts |= _private_texts(path)
    return embedded(texts)


def embedded(texts: Mapping[str, str]) -> Embedded:
    """Sort what a file says about its making: texts under their keys, as `describe` makes them.

    Raises:
        UnreadablePictureError: if a text is larger than any graph.
    """
    values = {key: _parsed(text) for key, text in texts.items()}
    prompt, workflow, provenance = (values.pop(key, None) for key in ("prompt", "workflow", PROVENANCE))
    return Embedded(prompt, workflow, provenance, values)


def _keyword(key: str) -> str:
    """Make a key that PNG allows: 1 to 79 printable characters, no space at the ends (PNG specification, 11.3.3.2)."""
    return re.sub(r"[^\x20-\x7e]", "_", key)[:79].strip() or "_"


def _exif_block(texts: Mapping[str, str], placed: Mapping[str, int]) -> bytes:
    block = Image.Exif()
    block.update({tag: f"{key}:{texts[key]}" for key, tag in placed.items()})
    return block.tobytes() if placed else b""


def _texts(picture: Image.Image) -> Iterator[tuple[str, str]]:
    if isinstance(picture, PngImageFile):
        yield from picture.text.items()
    tags = picture.getexif()
    for tag in (PROMPT_TAG, *EXTRA_TAGS):
        key, colon, text = str(tags.get(tag, "")).partition(":")
        if colon:
            yield key, text


def _private_texts(path: Path) -> dict[str, str]:
    """Return what stands in the private chunks of a moving PNG picture, which no decoder reads."""
    texts = {}
    with path.open("rb") as file:
        file.seek(PNG_SIGNATURE)
        while len(head := file.read(8)) == 8:
            length, kind = int.from_bytes(head[:4], "big"), head[4:]
            if kind == PRIVATE_CHUNK and length <= MAX_CHARACTERS:
                key, _, text = file.read(length).decode("latin-1").partition("\0")
                texts[key] = text
                length = 0
            file.seek(length + CHECKSUM, os.SEEK_CUR)
    return texts


def _parsed(text: str) -> Any:
    if len(text) > MAX_CHARACTERS:
        raise UnreadablePictureError(
            f"carries a text of {len(text):,} characters; at most {MAX_CHARACTERS:,} are read."
        )
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
