"""Nodes that enlarge pictures by networks that were trained for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from ..engine.context import Context
from ..engine.sockets import Choice
from ..engine.spec import node
from ..settings import Folders
from .fingerprints import state
from .runtime import Runtime
from .sockets import Image, UpscaleModel

if TYPE_CHECKING:
    from ..models.upscaler import Upscaler


def _file_state(model_name: str, folders: Folders) -> list[tuple[str, int, int]]:
    return state(folders.find("upscale_models", model_name))


@node("UpscaleModelLoader", category="loaders", display_name="Load Upscale Model", fingerprint=_file_state)
def upscale_model_loader(
    model_name: Annotated[str, Choice(lambda folders: folders.names("upscale_models"))], *, context: Context[Runtime]
) -> UpscaleModel:
    """Load a network that enlarges pictures: an ESRGAN, or with the package spandrel any that it knows.

    Args:
        model_name: a file below `models/upscale_models`.
    """
    from ..models.upscaler import load_upscaler

    runtime = context.runtime
    path = runtime.folders.find("upscale_models", model_name)
    runtime.pool.start_sha256(path)
    context.record(upscale_model=model_name, file=str(path), state=state(path))

    def load() -> Upscaler:
        return load_upscaler(path, runtime.compute.device)

    return runtime.pool.addon("upscaler", path, runtime.compute, load)


@node("ImageUpscaleWithModel", category="image/upscaling", display_name="Upscale Image (using Model)")
def image_upscale_with_model(upscale_model: UpscaleModel, image: Image, *, context: Context[Runtime]) -> Image:
    """Enlarge pictures by a network, tile by tile.

    Args:
        upscale_model: the network; it says how much larger the pictures become.
        image: the pictures.
    """
    return upscale_model.upscale(image, context.progress, context.notice)
