"""Frozen values from the command line and the environment: where files are, which device, which precision.

Nothing here is read at import; `cli.py` builds one `Settings` and passes it down.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal

DeviceName = Literal["auto", "cpu", "cuda", "mps", "xpu"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
NoiseMode = Literal["comfyui", "per_index"]
MetadataLevel = Literal["none", "params", "workflow"]
PreviewMethod = Literal["none", "latent2rgb", "autoencoder"]
CacheMode = Literal["budget", "classic", "lru", "none"]

MODEL_SUFFIXES = frozenset({".ckpt", ".pt", ".pth", ".bin", ".safetensors", ".sft"})
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
SUFFIXES: Mapping[str, frozenset[str]] = {
    "input": IMAGE_SUFFIXES,
    "configs": frozenset({".yaml"}),
    "latents": frozenset({".latent"}),
    "diffusers": frozenset({".json"}),
}
MODEL_KINDS: Mapping[str, tuple[str, ...]] = {
    "checkpoints": ("checkpoints",),
    "configs": ("configs",),
    "loras": ("loras",),
    "vae": ("vae",),
    "text_encoders": ("text_encoders", "clip"),
    "diffusion_models": ("unet", "diffusion_models"),
    "clip_vision": ("clip_vision",),
    "embeddings": ("embeddings",),
    "diffusers": ("diffusers",),
    "controlnet": ("controlnet", "t2i_adapter"),
    "hypernetworks": ("hypernetworks",),
    "upscale_models": ("upscale_models",),
}
PREVIEW_METHODS: Mapping[str, PreviewMethod] = {
    "auto": "latent2rgb",
    "latent2rgb": "latent2rgb",
    "autoencoder": "autoencoder",
    "taesd": "autoencoder",
    "none": "none",
}
"""By ComfyUI's names and our own; where it has an autoencoder made for previews, ours decodes a smaller latent."""
SAVED_KINDS: Mapping[str, str] = {
    "checkpoints": "checkpoints",
    "vae": "vae",
    "diffusion_models": "diffusion_models",
    "text_encoders": "clip",
    "loras": "loras",
}
"""Kinds of models that nodes save, and the folders below the output folder where they lie and are found again."""
USERS = "users"
"""Below the folders of inputs, outputs and temporary files: a folder for each user of a server that has several."""
MARKERS: Mapping[str, str] = {" [input]": "input", " [output]": "output", " [temp]": "temp"}


class FileNotInFolder(LookupError):
    """A name that no file of the asked folder answers to; the message says which names exist."""


@dataclass(frozen=True)
class ExtraFolder:
    """A folder of models that lies elsewhere.

    Attributes:
        kind: of its files.
        path: where it is.
        first: it is searched before the usual ones, not after them.
    """

    kind: str
    path: Path
    first: bool = False


@dataclass(frozen=True)
class Folders:
    """Where models, inputs and outputs live. Every lookup is confined to these folders after symbolic links resolve.

    Attributes:
        base: the folder that `input`, `output`, `temp` and `models` default to.
        bundled: the checkpoints and example pictures that ship inside the package; searched last.
        extra: folders of models that lie elsewhere.
        user: whose inputs, outputs and temporary files these are; empty where there is only one user.
    """

    base: Path
    output: Path
    input: Path
    temp: Path
    bundled: Path = field(default_factory=lambda: Path(__file__).parent / "assets")
    extra: tuple[ExtraFolder, ...] = ()
    user: str = ""

    @classmethod
    def under(cls, base: Path, output: Path | None = None) -> Folders:
        """Lay the usual folders out below `base`; nothing is created."""
        return cls(base, output or base / "output", base / "input", base / "temp")

    def of_user(self, user: str) -> Folders:
        """Return the folders as a user of a server sees them: the same models, and pictures of his own.

        Args:
            user: his name, which is that of a folder; empty for who sees everything.
        """
        if user == self.user:
            return self
        own = {kind: getattr(self, kind) / USERS / user for kind in ("output", "input", "temp")}
        return replace(self, **own, user=user)

    def of(self, kind: str) -> tuple[Path, ...]:
        """List the directories that hold files of `kind`: a model kind, `input`, `latents`, `output` or `temp`.

        Models that were saved here, below the output folder, are found as in ComfyUI.
        """
        if kind in ("input", "latents"):
            return (self.input, self.bundled / "input")
        if kind in ("output", "temp"):
            return (Path(getattr(self, kind)),)
        names = MODEL_KINDS.get(kind, (kind,))
        saved = (self.output / SAVED_KINDS[kind],) if kind in SAVED_KINDS else ()
        extra = [one for one in self.extra if one.kind == kind]
        before, after = ([one.path for one in extra if one.first is first] for first in (True, False))
        usual = (self.base / "models" / name for name in names)
        return (*before, *usual, *saved, *after, self.bundled / kind)

    def names(self, kind: str) -> tuple[str, ...]:
        """List the files of `kind`, relative with `/`, sorted, each name once."""
        suffixes = SUFFIXES.get(kind, MODEL_SUFFIXES)
        found = {name for folder in self.of(kind) for name in _files(folder) if _suffix(name) in suffixes}
        return tuple(sorted(found))

    def find(self, kind: str, name: str) -> Path:
        r"""Return the path of the file `name` of `kind`; the first directory that has it wins.

        `\` in a name counts as `/`, so that graphs from every system work. Names that leave the folder and names that
        do not exist get the same answer, so that nothing can be probed.

        Raises:
            FileNotInFolder: with the asked name and what is there instead.
        """
        for folder in self.of(kind):
            if path := _inside(folder, name):
                return path
        raise FileNotInFolder(_missing(kind, name, self))

    def find_folder(self, kind: str, name: str) -> Path:
        """Return the path of the folder `name` of `kind`; see `find`.

        Raises:
            FileNotInFolder: with the asked name and what is there instead.
        """
        for folder in self.of(kind):
            if (path := _inside(folder, name, Path.is_dir)) and path != folder.resolve():
                return path
        there = self.folder_names(kind)
        listed = ", ".join(there[:8]) + (f" and {len(there) - 8} more" if len(there) > 8 else "")
        raise FileNotInFolder(
            f"No folder {name!r} with files below {self.of(kind)[0].name}/. Found there: {listed or 'nothing'}."
        )

    def folder_names(self, kind: str) -> tuple[str, ...]:
        """List the folders that hold files of `kind` at any depth, relative with `/`, sorted."""
        found = {parent.as_posix() for name in self.names(kind) for parent in PurePosixPath(name).parents}
        return tuple(sorted(found - {"."}))

    def annotated(self, name: str) -> Path:
        """Return the path of an input file; a trailing ` [output]`, ` [temp]` or ` [input]` picks the folder."""
        for marker, kind in MARKERS.items():
            if name.endswith(marker):
                return self.find(kind, name.removesuffix(marker))
        return self.find("input", name)


@dataclass(frozen=True)
class CacheSettings:
    """What is kept from one run to the next, and where.

    Attributes:
        mode: `budget` keeps what fits; `classic` exactly what the last run used; `lru` what the last runs used, as long
            as it is no more than `results`; `none` nothing.
        results: how many results of nodes `lru` keeps.
        memory_bytes: how much models and results may hold together, in every mode; None is half of what there is.
        folder: where latents, conditioning and pictures outlive the process; None is nowhere.
        folder_bytes: how much they may take there.
    """

    mode: CacheMode = "budget"
    results: int = 0
    memory_bytes: int | None = None
    folder: Path | None = None
    folder_bytes: int = 4 << 30


@dataclass(frozen=True)
class Settings:
    """What a run was asked to be.

    Attributes:
        folders: where files are.
        device: the compute device; `auto` takes the best that works.
        precision: the numbers that networks compute in; `auto` asks the device.
        noise: whose random draws to make: ComfyUI's, or one stream per (seed, batch index, step).
        cache: what is kept from one run to the next.
        metadata: what saved pictures tell about their making.
        preview: how unfinished latents are drawn, for whoever watches.
    """

    folders: Folders
    device: DeviceName = "auto"
    precision: Precision = "auto"
    noise: NoiseMode = "comfyui"
    cache: CacheSettings = CacheSettings()
    metadata: MetadataLevel = "workflow"
    preview: PreviewMethod = "latent2rgb"


def _files(folder: Path) -> Iterator[str]:
    """Yield the files below `folder`, relative with `/`; hidden folders and links that lead outside are left out."""
    for root, directories, files in os.walk(folder):
        directories[:] = sorted(name for name in directories if not name.startswith("."))
        for path in (Path(root, name) for name in files):
            if not path.is_symlink() or path.resolve().is_relative_to(folder.resolve()):
                yield path.relative_to(folder).as_posix()


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _inside(folder: Path, name: str, exists: Callable[[Path], bool] = Path.is_file) -> Path | None:
    """Return the file `name` below `folder` if it exists and really lies there."""
    if not name or "\0" in name:
        return None
    try:
        path = (folder / name.replace("\\", "/")).resolve()
        return path if path.is_relative_to(folder.resolve()) and exists(path) else None
    except (OSError, UnicodeError):  # what no file system accepts: names that are too long, lone surrogates
        return None


def _missing(kind: str, name: str, folders: Folders) -> str:
    there = folders.names(kind)
    listed = ", ".join(there[:8]) + (f" and {len(there) - 8} more" if len(there) > 8 else "")
    return f"No file {name!r} among {kind}. Found there: {listed or 'nothing'}. Looked in: {folders.of(kind)[0].name}/."
