"""The models that are loaded, so that the next graph finds them."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from .checkpoint import open_checkpoint
from .diffusers_folder import is_folder, load_folder, load_folder_first_stage
from .loader import LoadedCheckpoint, companions, load_checkpoint, load_diffusion_model, load_first_stage
from .text_file import load_text_encoder

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from pathlib import Path

    import torch

    from .devices import Compute
    from .diffusion_model import DiffusionModel
    from .first_stage import FirstStage
    from .text_encoder import TextEncoder

T = TypeVar("T")
Notice = Callable[[str], None]
AVERAGES = "model_ema."


class Shelf(Protocol):
    """Where models are kept. Whose budget decides how long is not the pool's business."""

    def get(self, key: Hashable) -> Any | None:
        """Return what is kept under `key`, or None."""
        ...

    def put(self, key: Hashable, value: Any, *, seconds: float = 0.0, label: str = "") -> None:
        """Keep a value that took `seconds` to make."""
        ...

    def reserve(self, nbytes: int) -> None:
        """Make room for a value of this size."""
        ...


class EndlessShelf:
    """Keeps everything: for programs that use a few models and end."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Any] = {}

    def get(self, key: Hashable) -> Any | None:
        """Return what is kept under `key`, or None."""
        return self._kept.get(key)

    def put(self, key: Hashable, value: Any, *, seconds: float = 0.0, label: str = "") -> None:
        """Keep a value."""
        self._kept[key] = value

    def reserve(self, nbytes: int) -> None:
        """Do nothing: there is always room."""


def _ignore(_: str) -> None:
    """Take a notice that nobody asked for."""


@dataclass
class ModelPool:
    """Loaded models by file, its time of change, and how they were loaded. Safe to share between threads.

    Attributes:
        shelf: where they are kept.
        embeddings: folders of learned embeddings, for the prompts of the models.
    """

    shelf: Shelf = field(default_factory=EndlessShelf)
    embeddings: Sequence[Path] = ()
    _hashes: dict[tuple[Any, ...], Future[str]] = field(default_factory=dict, repr=False)
    _hasher: Executor = field(default_factory=lambda: ThreadPoolExecutor(1, "sha256"), repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def checkpoint(
        self, path: Path, compute: Compute, *, ema: bool | None = None, notice: Notice = _ignore
    ) -> LoadedCheckpoint:
        """Return the complete model in a file, or in a folder of diffusers; see `load_checkpoint`."""

        def load() -> LoadedCheckpoint:
            if is_folder(path):
                return load_folder(path, compute, embeddings=self.embeddings)
            return load_checkpoint(path, compute, ema=ema, embeddings=self.embeddings, notice=notice)

        return cast("LoadedCheckpoint", self._get(("checkpoint", *_state(path), compute, ema), path, compute, load))

    def first_stage(self, path: Path, compute: Compute, *, notice: Notice = _ignore) -> FirstStage:
        """Return the autoencoder in a file; see `load_first_stage`."""

        def load() -> FirstStage:
            if is_folder(path):
                return load_folder_first_stage(path, compute)
            return load_first_stage(path, compute, notice=notice)

        return cast("FirstStage", self._get(("first_stage", *_state(path), compute), path, compute, load))

    def addon(self, kind: str, path: Path, compute: Compute, load: Callable[[], T]) -> T:
        """Return what `load` makes of a file that goes with models: a LoRA, a control network.

        Args:
            kind: what it is, so that one file can be read in several ways.
            path: the file.
            compute: where and in which type it computes.
            load: reads it; called when it is not here yet.
        """
        return cast("T", self._get((kind, *_state(path), compute), path, compute, load))

    def diffusion_model(
        self, path: Path, compute: Compute, *, stored: torch.dtype | None = None, notice: Notice = _ignore
    ) -> DiffusionModel:
        """Return the denoising network in a file; see `load_diffusion_model`."""

        def load() -> DiffusionModel:
            return load_diffusion_model(path, compute, stored=stored, notice=notice)

        key = ("diffusion_model", *_state(path), compute, stored)
        return cast("DiffusionModel", self._get(key, path, compute, load))

    def text_encoder(self, paths: Sequence[Path], compute: Compute) -> TextEncoder:
        """Return the text encoder whose towers lie in these files; see `load_text_encoder`."""

        def load() -> TextEncoder:
            return load_text_encoder(paths, compute, self.embeddings)

        key = ("text_encoder", *(_state(path) for path in paths), compute)
        return cast("TextEncoder", self._get(key, max(paths, key=lambda path: path.stat().st_size), compute, load))

    def sha256(self, path: Path) -> str:
        """Return the SHA-256 of a file in hexadecimal, read once as long as the file does not change.

        That of a folder is the hash of the lines `hash  name` of its files, as the command sha256sum prints them,
        sorted by name; hidden files do not count.
        """
        return self.start_sha256(path).result()

    def start_sha256(self, path: Path) -> Future[str]:
        """Hash a file beside other work: seconds for a large one, which nobody should wait for before sampling."""
        key = _state(path)
        with self._lock:
            if key not in self._hashes:
                self._hashes[key] = self._hasher.submit(_sha256, path)
            return self._hashes[key]

    def _get(self, key: tuple[Any, ...], path: Path, compute: Compute, load: Callable[[], Any]) -> Any:
        with self._lock:
            found = self.shelf.get(key)
            if found is None:
                self.shelf.reserve(_expected_bytes(path, compute))
                began = time.perf_counter()
                found = load()
                self.shelf.put(key, found, seconds=time.perf_counter() - began, label=f"model {path.name}")
            return found


def _state(path: Path) -> tuple[Any, ...]:
    """Return what changes when a file or its companions change; nothing for a file that is not there."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path, *companions(path)]
    stats = [(str(file.resolve()), file.stat()) for file in files if file.exists()]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _expected_bytes(path: Path, compute: Compute) -> int:
    """Return what a model will take in memory, from the tables of contents alone; averaged weights are a choice."""
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*.safetensors"))
    tensors = open_checkpoint(path).tensors
    widths = (
        tensor.numel * (compute.dtype if tensor.dtype.is_floating_point else tensor.dtype).itemsize
        for name, tensor in tensors.items()
        if not name.startswith(AVERAGES)
    )
    return sum(widths)


def _sha256(path: Path) -> str:
    if path.is_dir():
        names = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
        lines = [f"{_sha256(path / name)}  {name}\n" for name in names if "/." not in f"/{name}"]
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
