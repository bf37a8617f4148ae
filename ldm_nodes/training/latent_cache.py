"""Latents on disk, so that a picture passes through the autoencoder once and not in every epoch.

What is stored are the autoencoder's moments, so that every visit can still draw its own sample. An entry is found by
what it was made of: the bytes of the picture's file, the view, the background. A folder belongs to one encoder. So new
pictures are added to a cache, renamed ones are found again, and nothing stale is ever used.

Entries lie in files of some hundred, each complete or absent, and each with a checksum that is tested when the cache is
opened; a damaged file is removed and its entries are made again.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ..imaging.errors import UnreadablePictureError
from .batches import prefetch, to_values
from .data import stream
from .errors import CacheError, DataError
from .latent_diffusion import encode_moments
from .reader import Item, PictureReader

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from pathlib import Path

    from ..models.autoencoder import AutoencoderKL, VQModelInterface
    from .data import Sample
    from .pictures import Levels, View

    FirstStage = AutoencoderKL | VQModelInterface
    Work = tuple[tuple[str, ...], Tensor]

LAYOUT = 1
"""Changes whenever entries would have to be made again."""

MOMENTS = "moments"
ENCODES = ("encoder.", "quant_conv.")
PER_FILE = 512


class LatentCache:
    """The entries of one encoder.

    Attributes:
        folder: where its files are.
        discarded: the names of damaged files that were found and removed.
    """

    def __init__(self, root: Path, first_stage: FirstStage, dtype: torch.dtype = torch.float32) -> None:
        """Open the entries of an encoder below `root`, and test them.

        Args:
            root: the folder of all caches.
            first_stage: the autoencoder; other weights have another cache.
            dtype: how numbers are stored; float16 halves the files.

        Raises:
            CacheError: if the folder cannot be used.
        """
        self.folder = root / _digest(str(LAYOUT), str(dtype), fingerprint(first_stage))[:32]
        self.discarded: list[str] = []
        self._dtype = dtype
        self._files: dict[Path, Any] = {}
        self._places: dict[str, tuple[Path, int]] = {}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(self.folder.glob("*.safetensors")):
                self._index(path)
        except OSError as error:
            raise CacheError(f"The latent cache {root} cannot be used: {error.strerror}.") from error

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def moments(self, key: str) -> Tensor:
        """Return one entry, (C, h, w) float32."""
        path, row = self._places[key]
        if path not in self._files:
            self._files[path] = safe_open(path, framework="pt")
        moments: Tensor = self._files[path].get_slice(MOMENTS)[row]
        return moments.float()

    def add(self, keys: Sequence[str], moments: Tensor) -> None:
        """Store entries (N, C, h, w) in a file of their own.

        Raises:
            CacheError: if it cannot be written; nothing of it is left behind.
        """
        stored = moments.detach().to("cpu", self._dtype).contiguous()
        path = self.folder / f"{_digest(*keys)[:32]}.safetensors"
        temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp")
        about = {"keys": json.dumps(list(keys)), "sha256": _digest(_bytes(stored))}
        try:
            save_file({MOMENTS: stored}, temporary, about)
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
        except (OSError, SafetensorError) as error:
            raise CacheError(f"Latents cannot be written to {self.folder}: {error}. Free some space.") from error
        finally:
            temporary.unlink(missing_ok=True)
        self._remember(path, keys)

    def _index(self, path: Path) -> None:
        keys = _sound(path)
        if keys is None:
            self.discarded.append(path.name)
            path.unlink(missing_ok=True)
        else:
            self._remember(path, keys)

    def _remember(self, path: Path, keys: Sequence[str]) -> None:
        self._places.update({key: (path, row) for row, key in enumerate(keys)})


@dataclass(frozen=True)
class LatentReader:
    """Reads cached latents where `PictureReader` reads pictures, with the same choices of view and caption.

    Attributes:
        pictures: the reader that it stands in for.
        cache: the latents.
        keys: for each sample the entries of its views, none if its picture cannot be read.
    """

    pictures: PictureReader
    cache: LatentCache
    keys: tuple[tuple[str, ...], ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.keys)

    def read(self, epoch: int, index: int) -> Item:
        """Return sample `index`, or the next that has a latent, as it is seen in `epoch`."""
        places = ((index + offset) % len(self) for offset in range(len(self)))
        place = next(place for place in places if self.keys[place])
        rng = stream("view", self.pictures.seed, epoch, place)
        view = self.pictures.framing.draw(rng)
        caption = self.pictures.wording.choose(self.pictures.dataset.samples[place].captions, rng)
        moments = self.cache.moments(self.keys[place][int(view.mirrored)])
        return Item(caption, self.pictures.dataset.label(place), moments=moments)


def cached(
    pictures: PictureReader,
    cache: LatentCache,
    first_stage: FirstStage,
    *,
    batch_size: int = 16,
    progress: Callable[[int, int], None] | None = None,
) -> LatentReader:
    """Make what the cache lacks, and return a reader of it. Stopped in between, it keeps what it has made.

    Args:
        pictures: what to read; its crops must be in the middle.
        cache: where entries are and go.
        first_stage: the autoencoder of that cache.
        batch_size: pictures to encode at a time.
        progress: is told how many entries are made, and of how many.

    Raises:
        DataError: if no picture can be read.
        CacheError: if an entry cannot be written.
    """
    views = pictures.framing.fixed()
    keys = tuple(_keys(pictures, sample, views) for sample in pictures.dataset.samples)
    wanted = {
        key: (sample, view)
        for sample, entries in zip(pictures.dataset.samples, keys, strict=True)
        for key, view in zip(entries, views if entries else (), strict=True)
        if key not in cache
    }
    device = next(first_stage.parameters()).device
    made = 0
    for batch_keys, moments in _files_of(_encoded(first_stage, _squares(pictures, wanted, batch_size), device)):
        cache.add(batch_keys, moments)
        made += len(batch_keys)
        if progress:
            progress(made, len(wanted))
    found = tuple(entries if all(key in cache for key in entries) else () for entries in keys)
    if not any(found):
        raise DataError(f"None of the {len(pictures)} pictures can be read. {next(iter(pictures.skipped.values()))}")
    return LatentReader(pictures, cache, found)


def fingerprint(first_stage: FirstStage) -> str:
    """Return a digest of an encoder: its sizes and weights. The decoder has no part in latents."""
    weights = {name: value for name, value in first_stage.state_dict().items() if name.startswith(ENCODES)}
    parts = [part for name in sorted(weights) for part in (name, str(weights[name].dtype), _bytes(weights[name]))]
    return _digest(repr(first_stage.config), *parts)


def _keys(pictures: PictureReader, sample: Sample, views: Sequence[View]) -> tuple[str, ...]:
    """Return the keys of a sample's views, none if its file is known to be unreadable."""
    if sample.path in pictures.skipped:
        return ()
    try:
        with sample.path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        pictures.skipped[sample.path] = f"The picture {sample.path.name!r} cannot be opened: {error.strerror}."
        return ()
    look = (str(pictures.framing.size), str(sample.background))
    return tuple(_digest(content, *look, repr(view)) for view in views)


def _squares(pictures: PictureReader, wanted: dict[str, tuple[Sample, View]], size: int) -> Generator[Work, None, None]:
    """Yield batches of pictures as the encoder takes them; unreadable ones are noted and left out."""
    keys: list[str] = []
    squares: list[Levels] = []
    for key, (sample, view) in wanted.items():
        try:
            squares.append(pictures.square(sample, view))
        except UnreadablePictureError as error:
            pictures.skipped[sample.path] = str(error)
            continue
        keys.append(key)
        if len(keys) == size:
            yield tuple(keys), to_values(squares)
            keys, squares = [], []
    if keys:
        yield tuple(keys), to_values(squares)


@torch.no_grad()
def _encoded(
    first_stage: FirstStage, squares: Generator[Work, None, None], device: torch.device
) -> Generator[Work, None, None]:
    for keys, values in prefetch(squares, 2):
        yield keys, encode_moments(first_stage, values.to(device)).cpu()


def _files_of(encoded: Iterable[Work]) -> Generator[Work, None, None]:
    """Join batches until there are enough for a file."""
    keys: list[str] = []
    parts: list[Tensor] = []
    for batch_keys, moments in encoded:
        keys += batch_keys
        parts.append(moments)
        if len(keys) >= PER_FILE:
            yield tuple(keys), torch.cat(parts)
            keys, parts = [], []
    if keys:
        yield tuple(keys), torch.cat(parts)


def _sound(path: Path) -> list[str] | None:
    """Return the keys of a file whose checksum is right, else None."""
    try:
        with safe_open(path, framework="pt") as file:
            about, moments = file.metadata() or {}, file.get_tensor(MOMENTS)
        keys = json.loads(about["keys"])
    except (SafetensorError, KeyError, ValueError):
        return None
    whole = isinstance(keys, list) and len(keys) == len(moments) and about.get("sha256") == _digest(_bytes(moments))
    return keys if whole else None


def _bytes(tensor: Tensor) -> bytes:
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
