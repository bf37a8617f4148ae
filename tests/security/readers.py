"""Readers of files that strangers send, small files to begin with, and what a reader may do with a damaged one.

`python -m tests.security.readers [SECONDS]` damages files for so long, led by atheris (libFuzzer) where it is
installed: it sees which lines a file reaches and damages on from there. Without it the damage is random.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from PIL import Image
from safetensors.torch import save

from ldm_nodes.imaging.errors import UnreadablePictureError
from ldm_nodes.imaging.metadata import exif, png_info, read
from ldm_nodes.imaging.reading import read_picture
from ldm_nodes.models.checkpoint import read_tensors
from ldm_nodes.models.errors import ModelError
from ldm_nodes.server.headers import header_metadata

TEXTS = {"prompt": json.dumps({"1": {"class_type": "KSampler", "inputs": {}}}), "workflow": '{"nodes": []}'}
LONGEST = 1 << 14
REFUSALS = (ModelError, UnreadablePictureError)
"""How a reader may end beside well: with a sentence for whoever chose the file."""


class Damage(NamedTuple):
    """One thing done to a file: the bytes from `at` on, `length` many, become `new`."""

    at: int
    length: int
    new: bytes


def seeds() -> dict[str, bytes]:
    """Return small sound files by name; the ending tells the kind."""
    tensors = {"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.ones(2, dtype=torch.float16)}
    zipped, legacy = io.BytesIO(), io.BytesIO()
    torch.save({"state_dict": tensors, "step": 3}, zipped)
    torch.save({"state_dict": tensors}, legacy, _use_new_zipfile_serialization=False)
    return {
        "a.safetensors": save(tensors, {"ssmd_cover_images": "[]", "modelspec.title": "x"}),
        "zipped.ckpt": zipped.getvalue(),
        "legacy.ckpt": legacy.getvalue(),
        "a.png": _picture("png", pnginfo=png_info(TEXTS)),
        "a.webp": _picture("webp", exif=exif(TEXTS)[0]),
        "a.jpg": _picture("jpeg", exif=exif(TEXTS)[0]),
        "a.gif": _picture("gif"),
    }


def damaged(data: bytes, damages: Iterable[Damage]) -> bytes:
    """Return a file after all that was done to it."""
    for at, length, new in damages:
        start = at % (len(data) + 1)
        data = data[:start] + new + data[start + length :]
    return data[:LONGEST]


def read_all(path: Path) -> list[str]:
    """Let everyone read a file who would be asked to, whatever its name says, and name those who could.

    Raises:
        Exception: what no reader may raise.
    """
    able = []
    for reader in (_tensors, _header, read, read_picture):
        try:
            reader(path)
            able.append(reader.__name__)
        except REFUSALS as refusal:
            if str(path.parent) in str(refusal):
                raise AssertionError("a refusal tells nothing of the machine") from refusal
    return able


def _tensors(path: Path) -> None:
    assert all(isinstance(tensor, torch.Tensor) for tensor in read_tensors(path).values())


def _header(path: Path) -> None:
    assert isinstance(header_metadata(path), dict | None)


def _picture(kind: str, **more: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (5, 3), (1, 2, 3)).save(buffer, kind, **more)
    return buffer.getvalue()


def _led(corpus: Path, seconds: int) -> None:
    """Let libFuzzer damage files."""
    atheris: Any = importlib.import_module("atheris")  # an optional tool without types
    for module in [name for name in sys.modules if name.startswith("ldm_nodes.")]:
        for function in _functions(module):
            atheris.instrument_func(function)
    path = corpus.with_name("tried.safetensors")

    def try_one(data: bytes) -> None:
        path.write_bytes(data)
        read_all(path)

    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=20", "-rss_limit_mb=4096"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], try_one)
    atheris.Fuzz()


def _functions(module: str) -> list[Callable[..., Any]]:
    return [one for one in vars(sys.modules[module]).values() if getattr(one, "__module__", "") == module
            and isinstance(one, type(_functions))]  # fmt: skip


def _at_random(corpus: Path, seconds: int) -> None:
    dice, end, count = random.Random(0), time.monotonic() + seconds, 0
    path = corpus.with_name("tried.safetensors")
    sound = [seed.read_bytes() for seed in corpus.iterdir()]
    while time.monotonic() < end:
        damages = [Damage(dice.randrange(LONGEST), dice.randrange(5), dice.randbytes(dice.randrange(5)))
                   for _ in range(dice.randint(1, 5))]  # fmt: skip
        path.write_bytes(damaged(dice.choice(sound), damages))
        try:
            read_all(path)
        except BaseException:
            print(f"failed with {path.read_bytes()!r}")
            raise
        count += 1
    print(f"{count} damaged files read or refused")


def main(seconds: int) -> None:
    """Damage files for so long."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for name, data in seeds().items():
            (corpus / name).write_bytes(data)
        (_led if importlib.util.find_spec("atheris") else _at_random)(corpus, seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 60)
