"""Nodes that read, resize, mark and save pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from ..engine.context import Context
from ..engine.sockets import Choice, Float, Int
from ..engine.spec import node
from ..settings import FileNotInFolder, Folders
from .fingerprints import contents
from .runtime import Runtime
from .sockets import Image, Mask

if TYPE_CHECKING:
    from torch import Tensor

    from ..imaging.reading import Channel

MAX = 16384
METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "lanczos")


@node("EmptyImage", category="image", display_name="Empty Image")
def empty_image(
    *,
    width: Annotated[int, Int(min=1, max=MAX)] = 512,
    height: Annotated[int, Int(min=1, max=MAX)] = 512,
    batch_size: Annotated[int, Int(min=1, max=4096)] = 1,
    color: Annotated[int, Int(min=0, max=0xFFFFFF, display="color")] = 0,
) -> Image:
    """Make pictures of one colour, given as 0xRRGGBB."""
    import torch

    rgb = torch.tensor([color >> 16 & 255, color >> 8 & 255, color & 255]) / 255
    return rgb.expand(batch_size, height, width, 3).contiguous()


@node("ImageScale", category="image/upscaling", display_name="Upscale Image")
def image_scale(
    image: Image,
    *,
    upscale_method: Annotated[str, Choice(METHODS)] = "nearest-exact",
    width: Annotated[int, Int(min=0, max=MAX)] = 512,
    height: Annotated[int, Int(min=0, max=MAX)] = 512,
    crop: Annotated[str, Choice(("disabled", "center"))] = "disabled",
) -> Image:
    """Resize pictures; a side of 0 follows the other one, two zeros change nothing."""
    if width == height == 0:
        return image
    rows, columns = image.shape[1:3]
    width = width or max(1, round(columns * height / rows))
    height = height or max(1, round(rows * width / columns))
    return _resized(image, width, height, upscale_method, crop)


@node("ImageScaleBy", category="image/upscaling", display_name="Upscale Image By")
def image_scale_by(
    image: Image,
    *,
    upscale_method: Annotated[str, Choice(METHODS)] = "nearest-exact",
    scale_by: Annotated[float, Float(min=0.01, max=8.0, step=0.01)] = 1.0,
) -> Image:
    """Resize pictures by a factor."""
    rows, columns = image.shape[1:3]
    return _resized(image, round(columns * scale_by), round(rows * scale_by), upscale_method, "disabled")


def _resized(image: Tensor, width: int, height: int, method: str, crop: str) -> Tensor:
    from ..imaging.resize import resize

    return resize(image.movedim(-1, 1), width, height, method, crop).movedim(1, -1)


@node("ImageInvert", category="image", display_name="Invert Image")
def image_invert(image: Image) -> Image:
    """Turn every colour into its opposite."""
    return 1.0 - image


@node("ImagePadForOutpaint", category="image", display_name="Pad Image for Outpainting", outputs=("IMAGE", "MASK"))
def image_pad_for_outpaint(
    image: Image,
    *,
    left: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
    top: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
    right: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
    bottom: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
    feathering: Annotated[int, Int(min=0, max=MAX)] = 40,
) -> tuple[Image, Mask]:
    """Surround a picture with grey to be painted, and give the mask of what is new, its edge softened."""
    from torch.nn.functional import pad

    from ..imaging.mask import feathered_border

    rows, columns = image.shape[1:3]
    sides = (left, right, top, bottom)
    padded = pad(image.movedim(-1, 1), sides, value=0.5).movedim(1, -1)
    inside = feathered_border(rows, columns, sides, feathering)
    mask = pad(inside, sides, value=1.0)
    return padded, mask.unsqueeze(0)


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
    import torch

    from ..imaging.reading import read_picture

    picture = read_picture(context.runtime.folders.annotated(image))
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
