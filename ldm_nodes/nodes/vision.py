"""Nodes that show pictures to a model as it is told texts: CLIP vision, and prompts made of what it sees."""

from __future__ import annotations

from typing import Annotated

from ..engine.context import Context
from ..engine.sockets import Choice, Float
from ..engine.spec import node
from ..settings import Folders
from .fingerprints import state
from .foreseeing import same
from .runtime import Runtime
from .sockets import ClipVision, ClipVisionOutput, Cond, Image


def _vision_state(clip_name: str, folders: Folders) -> list[tuple[str, int, int]]:
    """Fingerprint a vision tower, so that one that was changed under the same name is loaded again."""
    return state(folders.find("clip_vision", clip_name))


@node("CLIPVisionLoader", category="loaders", display_name="Load CLIP Vision", fingerprint=_vision_state)
def clip_vision_loader(
    clip_name: Annotated[str, Choice(lambda folders: folders.names("clip_vision"))], *, context: Context[Runtime]
) -> ClipVision:
    """Load a network that sees what is in pictures.

    Args:
        clip_name: a file below `models/clip_vision`, as Hugging Face or open_clip save them.
    """
    from ..models.clip_vision import load_clip_vision

    runtime, path = context.runtime, context.runtime.folders.find("clip_vision", clip_name)
    context.record(clip_vision=clip_name, file=str(path), state=state(path))
    return runtime.pool.addon("clip_vision", path, runtime.compute, lambda: load_clip_vision(path, runtime.compute))


@node("CLIPVisionEncode", category="conditioning", display_name="CLIP Vision Encode")
def clip_vision_encode(
    clip_vision: ClipVision, image: Image, *, crop: Annotated[str, Choice(("center", "none"))]
) -> ClipVisionOutput:
    """Look at pictures.

    Args:
        clip_vision: the network.
        image: the pictures.
        crop: `center` cuts the longer side, `none` squeezes the picture into the square that the network reads.
    """
    return clip_vision.encode_image(image, crop == "center")


@node("unCLIPConditioning", category="conditioning", foresee=same("conditioning"))
def unclip_conditioning(
    conditioning: Cond,
    clip_vision_output: ClipVisionOutput,
    *,
    strength: Annotated[float, Float(min=-10.0, max=10.0, step=0.01)] = 1.0,
    noise_augmentation: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 0.0,
) -> Cond:
    """Add what was seen in a picture to a prompt, for models that read pictures; several add up.

    Args:
        conditioning: the prompt.
        clip_vision_output: what was seen.
        strength: how strongly it counts; 0 leaves it out.
        noise_augmentation: how loosely it is taken, from 0 to 1.
    """
    if strength == 0:
        return conditioning
    seen = {"clip_vision_output": clip_vision_output, "strength": strength, "noise_augmentation": noise_augmentation}
    return [
        [context, {**options, "unclip_conditioning": [*options.get("unclip_conditioning", ()), seen]}]
        for context, options in conditioning
    ]
