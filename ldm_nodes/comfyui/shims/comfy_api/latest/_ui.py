"""`comfy_api.latest.ui`: what a node shows, and helpers that save it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .....imaging.metadata import describe
from .....imaging.naming import start_series
from .....imaging.saving import Encoding, save_pictures
from ... import folder_paths
from ...comfy.cli_args import args
from ._io_types import FolderType


class SavedResult(dict[str, str]):
    """A file that a node shows."""

    def __init__(self, filename: str, subfolder: str, type: FolderType | str) -> None:  # noqa: A002 - packs' word
        super().__init__(filename=filename, subfolder=subfolder, type=str(type))

    @property
    def filename(self) -> str:
        """Its name."""
        return self["filename"]

    @property
    def subfolder(self) -> str:
        """Its folder below that of its type."""
        return self["subfolder"]

    @property
    def type(self) -> str:
        """Where it is: `input`, `output` or `temp`."""
        return self["type"]


class _UIOutput:
    """Something to show."""

    def as_dict(self) -> dict[str, Any]:
        """Return it for clients."""
        raise NotImplementedError


class SavedImages(_UIOutput):
    """Pictures that were saved."""

    def __init__(self, results: Sequence[SavedResult], is_animated: bool = False) -> None:
        self.results, self.is_animated = list(results), is_animated

    def as_dict(self) -> dict[str, Any]:
        """Return them for clients."""
        found: dict[str, Any] = {"images": self.results}
        return {**found, "animated": (True,)} if self.is_animated else found


class ImageSaveHelper:
    """Saves pictures (B, H, W, C) as the node SaveImage does."""

    @staticmethod
    def save_images(
        images: Any, filename_prefix: str, folder_type: FolderType, cls: Any = None, compress_level: int = 4
    ) -> list[SavedResult]:
        """Save pictures as PNG files, with the graph of `cls.hidden` in them, and return where they are."""
        root = Path(str(folder_paths.get_directory_by_type(str(folder_type))))
        height, width = images.shape[1:3]
        series = start_series(root, filename_prefix, width=width, height=height)
        pictures = [image.cpu().numpy() for image in images]
        saved = save_pictures(pictures, series, _texts(cls), Encoding("png", compress_level=compress_level))
        return [SavedResult(one.path.name, one.subfolder, folder_type) for one in saved]

    @staticmethod
    def get_save_images_ui(images: Any, filename_prefix: str, cls: Any = None, compress_level: int = 4) -> SavedImages:
        """Save pictures in the output folder and show them."""
        kind = FolderType.output
        return SavedImages(ImageSaveHelper.save_images(images, filename_prefix, kind, cls, compress_level))


def _texts(cls: Any) -> dict[str, str]:
    hidden = getattr(cls, "hidden", None)
    if args.disable_metadata or hidden is None or hidden.prompt is None:
        return {}
    return dict(describe("workflow", hidden.prompt, hidden.extra_pnginfo))


class PreviewImage(_UIOutput):
    """Pictures that are shown and not kept."""

    def __init__(self, image: Any, animated: bool = False, cls: Any = None, **kwargs: Any) -> None:
        self.animated = animated
        self.values = ImageSaveHelper.save_images(image, "ldm_nodes_temp_pack", FolderType.temp, cls, 1)

    def as_dict(self) -> dict[str, Any]:
        """Return them for clients."""
        return {"images": self.values, "animated": (self.animated,)}


class PreviewMask(PreviewImage):
    """Masks (B, H, W) that are shown and not kept."""

    def __init__(self, mask: Any, animated: bool = False, cls: Any = None, **kwargs: Any) -> None:
        planes = mask.reshape(-1, *mask.shape[-2:], 1).expand(-1, -1, -1, 3)
        super().__init__(planes, animated, cls)


class PreviewText(_UIOutput):
    """A text."""

    def __init__(self, value: str, **kwargs: Any) -> None:
        self.value = value

    def as_dict(self) -> dict[str, Any]:
        """Return it for clients."""
        return {"text": (self.value,)}
