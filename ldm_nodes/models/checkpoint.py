"""Model files, whatever their format: the only door through which untrusted weights come in.

The format is told from the contents, never from the name. Opening reads the table of contents and checks it; tensors
stay in the file until they are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .errors import UnreadableFile
from .file_kinds import ZIP_MAGIC, describe_bytes
from .safetensors_file import looks_like_safetensors, read_safetensors
from .stored import MappedFile, StoredTensor, rounded
from .torch_file import Contents, read_stream, read_zip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import torch
    from torch import Tensor

EXPECTED = "a checkpoint (.safetensors, or .ckpt/.pt/.pth as torch saves them)"


@dataclass(frozen=True)
class Checkpoint:
    """A model file that has been opened and checked, not loaded.

    Attributes:
        path: the file.
        format: "safetensors", "torch" or "torch (before 1.6)".
        tensors: every tensor by its name in the file.
        metadata: texts from a safetensors header.
        scalars: plain numbers that a .ckpt keeps beside its weights, such as `global_step`.
    """

    path: Path
    format: str
    tensors: dict[str, StoredTensor]
    metadata: dict[str, str] = field(default_factory=dict)
    scalars: dict[str, int | float | str] = field(default_factory=dict)

    @property
    def global_step(self) -> int | None:
        """How many steps the model was trained for, where the file says so."""
        step = self.scalars.get("global_step", self.metadata.get("global_step"))
        return int(step) if step is not None and str(step).isdigit() else None

    def __contains__(self, key: str) -> bool:
        return key in self.tensors

    def shape(self, key: str) -> tuple[int, ...]:
        """Return the shape of a tensor, or () where there is none: shapes tell families apart."""
        return self.tensors[key].shape if key in self.tensors else ()

    def tensor(self, key: str, dtype: torch.dtype | None = None, device: torch.device | str = "cpu") -> Tensor:
        """Load one tensor; floating-point ones are cast to `dtype`."""
        return self.tensors[key].load(dtype, device)

    def has(self, prefix: str) -> bool:
        """Tell whether any tensor's name starts with `prefix`."""
        return any(key.startswith(prefix) for key in self.tensors)

    def under(self, prefix: str) -> Checkpoint:
        """Return the part whose names start with `prefix`, without it."""
        part = {key[len(prefix) :]: tensor for key, tensor in self.tensors.items() if key.startswith(prefix)}
        return replace(self, tensors=part)

    def through(self, dtype: torch.dtype) -> Checkpoint:
        """Return the checkpoint as if its weights had been stored in a narrower number type."""
        return replace(self, tensors={key: rounded(tensor, dtype) for key, tensor in self.tensors.items()})

    @property
    def has_ema(self) -> bool:
        """Whether the averaged weights of the training are here too (beside the two counters, which mean nothing)."""
        return any(key.startswith("model_ema.diffusion_model") for key in self.tensors)

    def with_ema(self) -> Checkpoint:
        """Return the checkpoint with the averaged weights in place of the diffusion model's last ones.

        The file names an average by its parameter's name without dots, which cannot be parsed back; so the averages
        are looked up from the names of the parameters.

        Raises:
            UnreadableFile: when the file has no averages, or not one for each parameter.
        """
        names = [key for key in self.tensors if key.startswith("model.diffusion_model.")]
        averages = {name: ema_key(name) for name in names}
        missing = [name for name, average in averages.items() if average not in self.tensors]
        if missing or not names:
            raise UnreadableFile(f"{self.path.name} has no averaged (EMA) weights; load it without them.")
        return replace(self, tensors={**self.tensors, **{name: self.tensors[averages[name]] for name in names}})


def ema_key(name: str) -> str:
    """Return the name under which the average of the parameter `name` (`model.…`) is stored."""
    return "model_ema." + name.removeprefix("model.").replace(".", "")


def open_checkpoint(path: Path) -> Checkpoint:
    """Open a model file of any known format.

    Raises:
        UnreadableFile: when the file is missing, foreign or damaged; the message says what it is.
        UnsafeFile: when it wants to run code.
    """
    try:
        file = MappedFile(path)
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be opened: {error.strerror}.") from error
    head = file.bytes(0, 1024)
    for name, matches, read in _FORMATS:
        if matches(head):
            return read(path, name, file)
    raise UnreadableFile(f"{path.name} is {describe_bytes(head)}; expected {EXPECTED}.")


def read_tensors(path: Path, dtype: torch.dtype | None = None) -> dict[str, Tensor]:
    """Load every tensor of a small file (an embedding, a LoRA); names inside nested tables are joined by dots."""
    checkpoint = open_checkpoint(path)
    return {key: tensor.load(dtype) for key, tensor in checkpoint.tensors.items()}


def total(tensors: Iterable[StoredTensor]) -> int:
    """Return how many numbers the tensors hold together."""
    return sum(tensor.numel for tensor in tensors)


def _safetensors(path: Path, name: str, file: MappedFile) -> Checkpoint:
    tensors, metadata = read_safetensors(file)
    if not tensors:
        raise UnreadableFile(f"{path.name} holds no tensors.")
    return Checkpoint(path, name, tensors, metadata)


def _torch(read: Callable[[MappedFile], Contents]) -> Callable[[Path, str, MappedFile], Checkpoint]:
    def make(path: Path, name: str, file: MappedFile) -> Checkpoint:
        contents = read(file)
        return Checkpoint(path, name, contents.tensors, scalars=contents.scalars)

    return make


_FORMATS: tuple[tuple[str, Callable[[bytes], bool], Callable[[Path, str, MappedFile], Checkpoint]], ...] = (
    ("safetensors", looks_like_safetensors, _safetensors),
    ("torch", lambda head: head.startswith(ZIP_MAGIC), _torch(read_zip)),
    ("torch (before 1.6)", lambda head: head.startswith(b"\x80"), _torch(read_stream)),
)
