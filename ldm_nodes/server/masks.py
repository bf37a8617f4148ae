"""Masks of the editor: the alpha of one picture becomes that of another."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ..settings import Folders
from .files import BadName, NotThere, existing_of_kind
from .incoming import Form, place, put_within
from .quota import Quota

COMPRESS_LEVEL = 4


def with_alpha(folders: Folders, quota: Quota, form: Form, reference: Mapping[str, Any]) -> Mapping[str, str]:
    """Keep the picture that `reference` names with the alpha of the form's picture, as PNG with the texts of the first.

    As in ComfyUI nothing is kept, and the answer is the same, where there is no such picture.

    Raises:
        BadName: a name is none, or a file is no picture.
        NoRoom: the user has filled the folder.
    """
    from PIL import Image

    from ..imaging.errors import UnreadablePictureError
    from ..imaging.metadata import png_info
    from ..imaging.reading import open_picture

    assert form.file is not None
    kind, subfolder, target = place(folders, form)
    try:
        original = existing_of_kind(
            folders,
            str(reference.get("type", "output")),
            str(reference.get("subfolder", "")),
            str(reference["filename"]),
        )
    except NotThere:
        return {"name": target.name, "subfolder": subfolder, "type": kind}
    buffer = io.BytesIO()
    try:
        with open_picture(original) as picture:
            texts = {str(name): text for name, text in picture.info.items() if isinstance(text, str)}
            painted = picture.convert("RGBA")
        form.file.seek(0)
        with Image.open(form.file, formats=("PNG", "WEBP")) as mask:
            if mask.size != painted.size:
                raise BadName(f"The mask is {mask.size} large, the picture {painted.size}.")
            painted.putalpha(mask.convert("RGBA").getchannel("A"))
    except (UnreadablePictureError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadName(f"The picture or its mask cannot be read: {error}") from error
    painted.save(buffer, "png", compress_level=COMPRESS_LEVEL, pnginfo=png_info(texts))
    name = put_within(quota, folders, kind, buffer, target, form.overwrites)
    return {"name": name, "subfolder": subfolder, "type": kind}
