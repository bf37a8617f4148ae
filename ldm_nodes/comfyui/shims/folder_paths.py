"""`folder_paths`: where files are. Packs may add folders and kinds of their own; they change their tables only."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...imaging.naming import start_series
from ...settings import MARKERS, MODEL_SUFFIXES, Folders
from ..executing import executing
from .host import host

supported_pt_extensions: set[str] = {*MODEL_SUFFIXES, ".pt2", ".pkl"}
base_path = str(host().base)
models_dir = str(host().base / "models")
__file__ = str(host().base / "folder_paths.py")
"""Packs take the folder of this file for the root of the installation."""

KINDS = (
    "checkpoints", "configs", "loras", "vae", "text_encoders", "diffusion_models", "clip_vision", "style_models",
    "embeddings", "diffusers", "vae_approx", "controlnet", "gligen", "upscale_models", "custom_nodes", "hypernetworks",
    "photomaker", "classifiers", "model_patches", "audio_encoders",
)  # fmt: skip
MARKS = {"controlnet": ("controlnet", "t2i_adapter")}
EXTENSIONS = {"configs": {".yaml"}, "diffusers": {"folder"}, "custom_nodes": set(), "classifiers": {""}}
LEGACY = {"unet": "diffusion_models", "clip": "text_encoders"}
DIRECTORIES = ("output", "input", "temp")


def _kind(kind: str) -> tuple[list[str], set[str]]:
    folders = host().folders
    if kind == "custom_nodes":
        places = [host().base / "custom_nodes"]
    elif kind in MARKS:
        places = [path for name in MARKS[kind] for path in folders.of(name)]
    else:
        places = list(folders.of(kind))
    return [str(path) for path in places], set(EXTENSIONS.get(kind, supported_pt_extensions))


folder_names_and_paths: dict[str, tuple[list[str], set[str]]] = {kind: _kind(kind) for kind in KINDS}
filename_list_cache: dict[str, Any] = {}
"""Nothing is kept here: folders are looked through when they are asked for."""
_chosen: dict[str, str] = {}


def __getattr__(name: str) -> Any:
    """Return the directories that packs read as variables."""
    kind = name.removesuffix("_directory")
    if name.endswith("_directory") and kind in (*DIRECTORIES, "user"):
        return get_user_directory() if kind == "user" else get_directory_by_type(kind)
    raise AttributeError(f"module 'folder_paths' has no attribute {name!r}")


def map_legacy(folder_name: str) -> str:
    """Return the name that a kind of folder has today."""
    return LEGACY.get(folder_name, folder_name)


def _folders() -> Folders:
    """Return the folders of whose graph runs, or those of the program."""
    context = executing()
    found = getattr(context.runtime, "folders", None) if context is not None else None
    return found if isinstance(found, Folders) else host().folders


def get_directory_by_type(type_name: str) -> str | None:
    """Return the directory called `output`, `input` or `temp`."""
    if type_name not in DIRECTORIES:
        return None
    return _chosen.get(type_name) or str(getattr(_folders(), type_name))


def get_output_directory() -> str:
    """Return where results are written."""
    return str(get_directory_by_type("output"))


def get_input_directory() -> str:
    """Return where uploads are."""
    return str(get_directory_by_type("input"))


def get_temp_directory() -> str:
    """Return where files for a look are written."""
    return str(get_directory_by_type("temp"))


def get_user_directory() -> str:
    """Return where settings and documents of users are."""
    return _chosen.get("user") or str(host().base / "user")


def get_system_user_directory(name: str = "system") -> str:
    """Return where a pack keeps what belongs to no user."""
    return os.path.join(get_user_directory(), f"__{name}")


def set_output_directory(output_dir: str) -> None:
    """Let packs see another directory for results."""
    _chosen["output"] = output_dir


def set_input_directory(input_dir: str) -> None:
    """Let packs see another directory for uploads."""
    _chosen["input"] = input_dir


def set_temp_directory(temp_dir: str) -> None:
    """Let packs see another directory for files for a look."""
    _chosen["temp"] = temp_dir


def set_user_directory(user_dir: str) -> None:
    """Let packs see another directory for users."""
    _chosen["user"] = user_dir


def get_folder_paths(folder_name: str) -> list[str]:
    """Return the directories of a kind.

    Raises:
        KeyError: when there is no such kind.
    """
    return folder_names_and_paths[map_legacy(folder_name)][0][:]


def add_model_folder_path(folder_name: str, full_folder_path: str, is_default: bool = False) -> None:
    """Add a directory to a kind, which need not exist yet; a new kind takes every file."""
    paths, _ = folder_names_and_paths.setdefault(map_legacy(folder_name), ([], set()))
    if full_folder_path in paths:
        if not is_default or paths[0] == full_folder_path:
            return
        paths.remove(full_folder_path)
    paths.insert(0 if is_default else len(paths), full_folder_path)


def recursive_search(
    directory: str, excluded_dir_names: Iterable[str] | None = None
) -> tuple[list[str], dict[str, float]]:
    """Return the files below a directory, relative to it, and the directories with their times of change."""
    left_out = set(excluded_dir_names or ())
    if not os.path.isdir(directory):
        return [], {}
    files: list[str] = []
    times = {directory: os.path.getmtime(directory)}
    for root, directories, names in os.walk(directory, followlinks=True):
        directories[:] = [name for name in directories if name not in left_out]
        files += [os.path.relpath(os.path.join(root, name), directory) for name in names]
        times.update((path, os.path.getmtime(path)) for path in (os.path.join(root, name) for name in directories))
    return files, times


def filter_files_extensions(files: Iterable[str], extensions: Iterable[str]) -> list[str]:
    """Return the files that end in one of the extensions, sorted; all of them where none is given."""
    wanted = set(extensions)
    return sorted(name for name in files if not wanted or os.path.splitext(name)[-1].lower() in wanted)


def filter_files_content_types(files: Iterable[str], content_types: Iterable[str]) -> list[str]:
    """Return the files whose names tell one of the types `image`, `video`, `audio` or `model`."""
    wanted = set(content_types)
    return [name for name in files if _content_type(name) in wanted]


def _content_type(name: str) -> str:
    guessed, _ = mimetypes.guess_type(name, strict=False)
    if guessed is None:
        return "image" if name.lower().endswith(".webp") else ""
    return "model" if guessed.startswith("model/") else guessed.partition("/")[0]


def get_filename_list(folder_name: str) -> list[str]:
    """Return the names of a kind's files, relative to its directories, sorted, each once.

    Raises:
        KeyError: when there is no such kind.
    """
    paths, extensions = folder_names_and_paths[map_legacy(folder_name)]
    found = {name for path in paths for name in recursive_search(path, [".git"])[0]}
    return filter_files_extensions(found, extensions)


def get_full_path(folder_name: str, filename: str) -> str | None:
    """Return where a kind's file is, or None; a name cannot lead out of the kind's directories."""
    paths, _ = folder_names_and_paths.get(map_legacy(folder_name), ([], set()))
    inside = _inside(filename)
    return next((path for path in (os.path.join(folder, inside) for folder in paths) if os.path.isfile(path)), None)


def get_full_path_or_raise(folder_name: str, filename: str) -> str:
    """Return where a kind's file is.

    Raises:
        FileNotFoundError: when it is nowhere.
    """
    found = get_full_path(folder_name, filename)
    if found is None:
        raise FileNotFoundError(f"Model in folder '{folder_name}' with filename '{filename}' not found.")
    return found


def _inside(name: str) -> str:
    """Return a name without whatever leads upwards."""
    return os.path.normpath("/" + name.replace("\\", "/")).lstrip("/")


def annotated_filepath(name: str) -> tuple[str, str | None]:
    """Split `name [output]` into the name and its directory, None where no directory is named."""
    for marker, kind in MARKERS.items():
        if name.endswith(marker.strip()):
            return name[: -len(marker)], get_directory_by_type(kind)
    return name, None


def get_annotated_filepath(name: str, default_dir: str | None = None) -> str:
    """Return the path of an annotated name; without annotation it is an input."""
    plain, directory = annotated_filepath(name)
    places = [directory or default_dir] if directory or default_dir else [str(path) for path in _folders().of("input")]
    candidates = [os.path.join(str(place), _inside(plain)) for place in places]
    return next(filter(os.path.exists, candidates), candidates[0])


def exists_annotated_filepath(name: str) -> bool:
    """Say whether an annotated name leads to a file or folder."""
    return os.path.exists(get_annotated_filepath(name))


def get_input_subfolders() -> list[str]:
    """Return the folders below the directory of uploads, relative to it, sorted."""
    root = Path(get_input_directory())
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_dir())


def get_save_image_path(
    filename_prefix: str, output_dir: str, image_width: int = 0, image_height: int = 0
) -> tuple[str, str, int, str, str]:
    """Return folder, file name, counter, folder below `output_dir`, and the prefix with its tokens filled in.

    Raises:
        NameRefusedError: when the prefix leads out of `output_dir`.
    """
    series = start_series(Path(output_dir), filename_prefix, width=image_width, height=image_height)
    filled = f"{series.subfolder}/{series.stem}" if series.subfolder else series.stem
    return str(series.folder), series.stem, series.counter, series.subfolder, filled
