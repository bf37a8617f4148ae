"""Nodes that write pictures and latents to files, and read latents back.

A file is complete or absent, lies in the folder it belongs to whatever its prefix says, and tells how it was made as
far as the metadata level allows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

from .. import __version__
from ..engine.context import Context, Fact
from ..engine.sockets import Boolean, Choice, Int, String
from ..engine.spec import NodeOutput, node
from ..settings import Folders, MetadataLevel
from .fingerprints import contents
from .runtime import Runtime
from .sockets import Image, Latent

if TYPE_CHECKING:
    from ..imaging.saving import Encoding, Saved

Prefix = Annotated[str, String()]
LEVELS = ("as set", "none", "params", "workflow")


@node("SaveImage", category="image", display_name="Save Image", output=True)
def save_image(images: Image, *, filename_prefix: Prefix = "ComfyUI", context: Context[Runtime]) -> NodeOutput[None]:
    """Save pictures as PNG files in the output folder.

    Args:
        images: the pictures.
        filename_prefix: the name before the number; may hold folders and `%year% %month% %day% %width% %height%`.
    """
    from ..imaging.saving import Encoding

    return _saved(context, images, filename_prefix, Encoding("png", compress_level=4))


@node("SaveImageAs", category="image", display_name="Save Image As", output=True)
def save_image_as(
    images: Image,
    *,
    filename_prefix: Prefix = "ComfyUI",
    format: Annotated[str, Choice(("png", "webp", "jpeg"))] = "webp",  # noqa: A002 - the word people look for
    quality: Annotated[int, Int(min=0, max=100)] = 90,
    lossless: Annotated[bool, Boolean()] = False,
    metadata: Annotated[str, Choice(LEVELS)] = "as set",
    context: Context[Runtime],
) -> NodeOutput[None]:
    """Save pictures as PNG, WebP or JPEG files in the output folder.

    Args:
        images: the pictures.
        filename_prefix: the name before the number.
        format: the kind of file.
        quality: how much WebP and JPEG keep, 0 to 100.
        lossless: WebP only: keep everything.
        metadata: what the files tell of their making: nothing, the graph and its parameters, or the workflow too.
    """
    from ..imaging.saving import Encoding, Kind

    encoding = Encoding(cast("Kind", format), quality=quality, lossless=lossless)
    level = None if metadata == "as set" else cast("MetadataLevel", metadata)
    return _saved(context, images, filename_prefix, encoding, level)


@node("PreviewImage", category="image", display_name="Preview Image", output=True, not_idempotent=True)
def preview_image(images: Image, *, context: Context[Runtime]) -> NodeOutput[None]:
    """Show pictures without keeping them: they are written to the temporary folder."""
    return shown_only(context, images)


def shown_only(context: Context[Runtime], images: Image) -> NodeOutput[None]:
    """Write pictures to the temporary folder, and show them."""
    from ..imaging.saving import Encoding

    return _saved(
        context, images, f"ldm_nodes_temp_{context.node_id}", Encoding("png", compress_level=1), folder="temp"
    )


@node("SaveLatent", category="_for_testing", output=True)
def save_latent(
    samples: Latent, *, filename_prefix: Prefix = "latents/ComfyUI", context: Context[Runtime]
) -> NodeOutput[None]:
    """Save a latent as a `.latent` file in the output folder."""
    from ..imaging import latent_file, naming

    series = naming.start_series(context.runtime.folders.output, filename_prefix)
    saved = latent_file.save_latent(samples["samples"].numpy(), series, made_by(context))
    return NodeOutput(None, {"latents": [shown(saved, "output")]})


def _contents(latent: str, folders: Folders) -> str:
    """Fingerprint a latent by its bytes, so that a file that was saved anew is read again."""
    return contents(folders.find("latents", latent))


@node("LoadLatent", category="_for_testing", fingerprint=_contents)
def load_latent(
    latent: Annotated[str, Choice(lambda folders: folders.names("latents"))], *, context: Context[Runtime]
) -> Latent:
    """Read a `.latent` file of the input folder."""
    import torch

    from ..imaging.latent_file import load_latent as read

    return {"samples": torch.from_numpy(read(context.runtime.folders.find("latents", latent)))}


def _saved(
    context: Context[Runtime],
    images: Image,
    prefix: str,
    encoding: Encoding,
    level: MetadataLevel | None = None,
    folder: str = "output",
) -> NodeOutput[None]:
    from ..imaging import naming, saving

    root: Path = getattr(context.runtime.folders, folder)
    height, width = images.shape[1:3]
    series = naming.start_series(root, prefix, width=width, height=height)
    files = saving.save_pictures((image.numpy() for image in images), series, made_by(context, level), encoding)
    for file in files:
        if file.notice:
            context.notice(file.notice)
    return NodeOutput(None, {"images": [shown(file, folder) for file in files]})


def shown(file: Saved, folder: str) -> dict[str, str]:
    """Return what clients are told of a file in `folder` (`output` or `temp`)."""
    return {"filename": file.path.name, "subfolder": file.subfolder, "type": folder}


def _with_hash(fact: Fact, runtime: Runtime) -> Fact:
    """Replace the path and the state of a model file, which are nobody's business, by the hash of its contents."""
    if "file" not in fact:
        return fact
    rest = {name: value for name, value in fact.items() if name not in ("file", "state")}
    return {**rest, "sha256": runtime.pool.sha256(Path(fact["file"]))}


def made_by(context: Context[Runtime], level: MetadataLevel | None = None) -> dict[str, str]:
    """Return what a file tells of its making, at the metadata level that is set unless another is given."""
    from ..imaging import metadata

    steps = [_with_hash(fact, context.runtime) for fact in context.heard]
    provenance: dict[str, Any] = {"engine": f"ldm_nodes {__version__}", "steps": steps}
    extra = dict(context.extra_pnginfo or {})
    return metadata.describe(level or context.runtime.settings.metadata, context.prompt, extra, provenance)
