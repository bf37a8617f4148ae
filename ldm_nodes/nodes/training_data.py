"""The node that says what to train on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Boolean, Choice, Int
from ..engine.spec import NodeOutput, node
from ..settings import Folders
from .fingerprints import folder_state
from .runtime import Runtime
from .sockets import Pictures

if TYPE_CHECKING:
    from pathlib import Path

    from ..training.data import Dataset

CAPTIONS = {"file names": "name", "folder names": "folder", "caption files": "none", "table": ""}
"""What the node calls where captions are, and what a configuration calls it."""

NAMED = 20  # how many classes are listed


def _folder_names(folders: Folders) -> tuple[str, ...]:
    return folders.folder_names("input")


def _folder_contents(folder: str, folders: Folders) -> list[tuple[str, int, int]]:
    """Fingerprint a folder, so that one with new pictures or captions is read again."""
    return folder_state(folders.find_folder("input", folder))


@node("LoadImageFolder", category="training", display_name="Load Image Folder", fingerprint=_folder_contents)
def load_image_folder(
    folder: Annotated[str, Choice(_folder_names)],
    *,
    size: Annotated[int, Int(min=8, max=1024, step=8)] = 64,
    captions: Annotated[str, Choice(tuple(CAPTIONS))] = "file names",
    crop: Annotated[str, Choice(("center", "random"))] = "center",
    mirror: Annotated[bool, Boolean()] = False,
    context: Context[Runtime],
) -> NodeOutput[Pictures]:
    """Take the pictures of a folder to train on. Subfolders are classes; a picture that cannot be read is skipped.

    Args:
        folder: a folder below `input`.
        size: pixels of a side; pictures are cut to a square and resized.
        captions: where they come from: `red_fox.png` is "red fox"; or the first subfolder's name; or only a `.txt` file
            beside each picture, which comes first in any case; or a CSV file with the columns path, caption and class.
        crop: which square of a picture is seen: the middle, or another one at each visit.
        mirror: exchange left and right of every second picture.
    """
    path = context.runtime.folders.find_folder("input", folder)
    source: dict[str, Any] = {"folder": str(path), "caption": CAPTIONS[captions]}
    if captions == "table":
        source = {"csv": str(_table(path))}
    section = {**source, "size": size, "crop": crop, "mirror": 0.5 if mirror else 0.0}
    if crop == "random":
        section["min_side"] = 0.8
    return NodeOutput(section, {"text": [_described(section)]})


def _table(folder: Path) -> Path:
    """Return the one CSV file of a folder."""
    tables = sorted(folder.glob("*.csv"))
    if len(tables) == 1:
        return tables[0]
    raise InputError(
        "captions",
        received=f"a folder with {len(tables)} CSV files",
        expected="one CSV file in it",
        remedy="Put a table with the columns path and caption beside the pictures, or take captions from file names.",
    )


def _described(section: Pictures) -> str:
    from ..training.presets import dataset_of

    data: Dataset = dataset_of(section)
    captioned = sum(bool(sample.captions) for sample in data.samples)
    classes = ", ".join(f"{number} {name}" for number, name in enumerate(data.class_names[:NAMED]))
    more = f" and {len(data.class_names) - NAMED} more" if len(data.class_names) > NAMED else ""
    return f"{len(data)} pictures, {captioned} with captions; classes: {classes or 'none'}{more}"
