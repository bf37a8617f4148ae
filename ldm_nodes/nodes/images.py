"""Nodes that read pictures from files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from ..engine.context import Context
from ..engine.sockets import Boolean, Choice, Int, Socket
from ..engine.spec import node
from ..settings import FileNotInFolder, Folders
from .fingerprints import contents
from .runtime import Runtime
from .sockets import Image, Mask

if TYPE_CHECKING:
    from pathlib import Path

    from ..imaging.reading import Channel

MAX = 16384


def _input_names(folders: Folders) -> tuple[str, ...]:
    return folders.names("input")


def _exists(image: str, folders: Folders) -> bool | str:
    """Check a picture's name; a trailing ` [output]` or ` [temp]` names another folder than the list shows."""
    try:
        folders.annotated(image)
    except FileNotInFolder as error:
        return str(error)
    return True


def _contents(image: str, folders: Folders) -> str:
    """Fingerprint a picture by its bytes, so that an edited file is read again."""
    return contents(folders.annotated(image))


Picture = Annotated[str, Choice(_input_names, image_upload=True)]


@node(
    "LoadImage",
    category="image",
    display_name="Load Image",
    outputs=("IMAGE", "MASK"),
    check=_exists,
    fingerprint=_contents,
)
def load_image(
    image: Picture,
    *,
    context: Context[Runtime],
) -> tuple[Image, Mask]:
    """Read a picture of the input folder; the mask is 1 where the picture is transparent."""
    return _read(context.runtime.folders.annotated(image))


def _read(path: Path) -> tuple[Image, Mask]:
    import torch

    from ..imaging.reading import read_picture

    picture = read_picture(path)
    return torch.from_numpy(picture.image), torch.from_numpy(picture.mask)


@node(
    "LoadImageMask",
    category="mask",
    display_name="Load Image (as Mask)",
    check=_exists,
    fingerprint=_contents,
)
def load_image_mask(
    image: Picture,
    *,
    channel: Annotated[str, Choice(("alpha", "red", "green", "blue"))] = "alpha",
    context: Context[Runtime],
) -> Mask:
    """Read one channel of a picture as a mask; alpha is inverted, so that transparent means selected."""
    import torch

    from ..imaging.reading import read_mask

    mask = read_mask(context.runtime.folders.annotated(image), cast("Channel", channel))
    return torch.from_numpy(mask)


def _output_names(folders: Folders) -> tuple[str, ...]:
    return folders.names("output")


def _in_output(image: str) -> str:
    """Return the annotated name of a picture that is looked for in the output folder unless it says otherwise."""
    return image if image.endswith("]") else f"{image} [output]"


def _output_exists(image: str, folders: Folders) -> bool | str:
    return _exists(_in_output(image), folders)


def _output_contents(image: str, folders: Folders) -> str:
    return _contents(_in_output(image), folders)


@node(
    "LoadImageOutput",
    category="image",
    display_name="Load Image (from Outputs)",
    outputs=("IMAGE", "MASK"),
    experimental=True,
    check=_output_exists,
    fingerprint=_output_contents,
)
def load_image_output(
    image: Annotated[str, Choice(_output_names, image_upload=True, image_folder="output")],
    *,
    context: Context[Runtime],
) -> tuple[Image, Mask]:
    """Read a picture that was saved here; the mask is 1 where the picture is transparent."""
    return _read(context.runtime.folders.annotated(_in_output(image)))


@node("WebcamCapture", category="image", display_name="Webcam Capture", check=_exists, fingerprint=_contents)
def webcam_capture(
    image: Annotated[str, Socket("WEBCAM", takes_literal=True)],
    width: Annotated[int, Int(min=0, max=MAX, step=1)] = 0,
    height: Annotated[int, Int(min=0, max=MAX, step=1)] = 0,
    capture_on_queue: Annotated[bool, Boolean()] = True,
    *,
    context: Context[Runtime],
) -> Image:
    """Read the picture that the browser took and uploaded; size and moment are the browser's business."""
    return _read(context.runtime.folders.annotated(image))[0]
