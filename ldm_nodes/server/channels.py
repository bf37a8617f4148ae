"""How `/view` can show a picture other than as it is: smaller in bytes, without alpha, or the alpha alone."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

QUALITY = 90


@dataclass(frozen=True)
class Look:
    """One way to show a picture.

    Attributes:
        format: `webp`, `jpeg` or `png`.
        channel: `rgb`, `a` or empty.
        quality: of `webp` and `jpeg`.
    """

    format: str
    channel: str = ""
    quality: int = QUALITY

    @classmethod
    def parse(cls, preview: str | None, channel: str | None) -> Look | None:
        """Read ComfyUI's parameters; None shows the file itself."""
        if preview is not None:
            kind, *rest = preview.split(";")
            quality = int(rest[-1]) if rest and rest[-1].isdecimal() and len(rest[-1]) < 4 else QUALITY
            jpeg = kind == "jpeg" and "a" not in (channel or "")
            return cls("jpeg" if jpeg else "webp", channel or "", min(max(quality, 1), 100))
        return cls("png", channel) if channel in ("rgb", "a") else None

    @property
    def content_type(self) -> str:
        """The type of what comes out."""
        return f"image/{self.format}"


def shown(path: Path, look: Look) -> bytes | None:
    """Return a picture in the way asked for, or None for a file that is none that can be read."""
    from ..imaging.errors import UnreadablePictureError
    from ..imaging.reading import open_picture

    buffer = io.BytesIO()
    try:
        with open_picture(path) as picture:
            _convert(picture, look).save(buffer, look.format, **_options(look))
    except UnreadablePictureError:
        return None
    return buffer.getvalue()


def _convert(picture: Image.Image, look: Look) -> Image.Image:
    if look.format == "png" and look.channel == "a":
        return _alpha_only(picture)
    flat = look.format == "jpeg" or look.channel == "rgb"
    return picture.convert("RGB") if flat else picture


def _alpha_only(picture: Image.Image) -> Image.Image:
    """Return black with the alpha of the picture; opaque where it has none."""
    from PIL import Image

    alpha = picture.convert("RGBA").getchannel("A")
    black = Image.new("RGBA", picture.size)
    black.putalpha(alpha)
    return black


def _options(look: Look) -> dict[str, Any]:
    return {} if look.format == "png" else {"quality": look.quality}
