"""Nodes that load one part of a model from a file of its own: the denoising network, or the text encoder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Choice
from ..engine.spec import node
from ..models.kinds import Origin
from ..settings import Folders
from .fingerprints import state
from .headers import diffusion_model_kind, text_files_kind
from .runtime import Runtime
from .sockets import Clip, Model

if TYPE_CHECKING:
    from ..models.devices import Compute
    from ..models.kinds import ClipKind, ModelKind

WEIGHT_TYPES = {
    "default": None,
    "fp8_e4m3fn": "float8_e4m3fn",
    "fp8_e4m3fn_fast": "float8_e4m3fn",
    "fp8_e5m2": "float8_e5m2",
}
ONE_TOWER = (
    "stable_diffusion", "stable_cascade", "sd3", "stable_audio", "mochi", "ltxv", "pixart", "cosmos", "lumina2", "wan",
    "hidream", "chroma", "ace", "omnigen2", "qwen_image", "hunyuan_image",
)  # fmt: skip
TWO_TOWERS = ("sdxl", "sd3", "flux", "hunyuan_video", "hidream", "hunyuan_image")
DEVICES = ("default", "cpu")
Tower = Annotated[str, Choice(lambda folders: folders.names("text_encoders"))]
Place = Annotated[str, Choice(DEVICES, optional=True)]


def _unet_state(unet_name: str, folders: Folders) -> list[tuple[str, int, int]]:
    return state(folders.find("diffusion_models", unet_name))


def _unet_ahead(unet_name: str | None, folders: Folders) -> ModelKind | None:
    """Foresee a denoising network from the header of its file."""
    return diffusion_model_kind(folders.find("diffusion_models", unet_name), unet_name) if unet_name else None


@node(
    "UNETLoader",
    category="advanced/loaders",
    display_name="Load Diffusion Model",
    fingerprint=_unet_state,
    foresee=_unet_ahead,
)
def unet_loader(
    unet_name: Annotated[str, Choice(lambda folders: folders.names("diffusion_models"))],
    weight_dtype: Annotated[str, Choice(tuple(WEIGHT_TYPES))] = "default",
    *,
    context: Context[Runtime],
) -> Model:
    """Load a denoising network from a file of its own.

    Args:
        unet_name: a file below `models/diffusion_models` or `models/unet`, under the original names or diffusers'.
        weight_dtype: `fp8_…` rounds the weights as if they had been stored in eight bits; they take no less memory.
    """
    import torch

    runtime = context.runtime
    path = runtime.folders.find("diffusion_models", unet_name)
    runtime.pool.start_sha256(path)
    name = WEIGHT_TYPES[weight_dtype]
    stored = None if name is None else getattr(torch, name)
    model = runtime.pool.diffusion_model(path, runtime.compute, stored=stored, notice=context.notice)
    about = {"family": model.family, "compute": str(runtime.compute), "weight_dtype": weight_dtype}
    context.record(unet=unet_name, file=str(path), state=state(path), **about)
    return replace(model, file=unet_name)


def _clip_state(clip_name: str, folders: Folders) -> list[tuple[str, int, int]]:
    return state(folders.find("text_encoders", clip_name))


def _clip_ahead(clip_name: str | None, type: str | None, folders: Folders) -> ClipKind | None:  # noqa: A002
    """Foresee a text encoder from the header of its file."""
    if type is not None:
        _known(type, "stable_diffusion")
    if clip_name is None:
        return None
    return text_files_kind({"clip_name": (folders.find("text_encoders", clip_name), clip_name)})


@node(
    "CLIPLoader",
    category="advanced/loaders",
    display_name="Load CLIP",
    fingerprint=_clip_state,
    foresee=_clip_ahead,
)
def clip_loader(
    clip_name: Tower,
    type: Annotated[str, Choice(ONE_TOWER)] = "stable_diffusion",  # noqa: A002 - ComfyUI's name
    *,
    device: Place = "default",
    context: Context[Runtime],
) -> Clip:
    """Load a text encoder with one tower: that of SD 1, of SD 2, or of SDXL's refiner; the file tells which.

    Args:
        clip_name: a file below `models/text_encoders` or `models/clip`.
        type: the family; only `stable_diffusion` is known here.
        device: `cpu` keeps it on the processor.
    """
    _known(type, "stable_diffusion")
    return _loaded(context, (clip_name,), device)


def _dual_state(clip_name1: str, clip_name2: str, folders: Folders) -> list[tuple[str, int, int]]:
    return [*_clip_state(clip_name1, folders), *_clip_state(clip_name2, folders)]


def _dual_ahead(
    clip_name1: str | None,
    clip_name2: str | None,
    type: str | None,  # noqa: A002
    folders: Folders,
) -> ClipKind | None:
    """Foresee a text encoder from the headers of its two files."""
    if type is not None:
        _known(type, "sdxl")
    if clip_name1 is None or clip_name2 is None:
        return None
    names = {"clip_name1": clip_name1, "clip_name2": clip_name2}
    return text_files_kind({key: (folders.find("text_encoders", name), name) for key, name in names.items()})


@node("DualCLIPLoader", category="advanced/loaders", fingerprint=_dual_state, foresee=_dual_ahead)
def dual_clip_loader(
    clip_name1: Tower,
    clip_name2: Tower,
    type: Annotated[str, Choice(TWO_TOWERS)] = "sdxl",  # noqa: A002 - ComfyUI's name
    *,
    device: Place = "default",
    context: Context[Runtime],
) -> Clip:
    """Load SDXL's text encoder from two files, CLIP-L and OpenCLIP-bigG, in any order.

    Args:
        clip_name1: a file below `models/text_encoders` or `models/clip`.
        clip_name2: the other one.
        type: the family; only `sdxl` is known here.
        device: `cpu` keeps it on the processor.
    """
    _known(type, "sdxl")
    return _loaded(context, (clip_name1, clip_name2), device)


def _known(kind: str, only: str) -> None:
    if kind != only:
        raise InputError(
            "type",
            received=repr(kind),
            expected=only,
            remedy="Models of that family do not run here; see the README for those that do.",
        )


def _loaded(context: Context[Runtime], names: tuple[str, ...], device: str) -> Clip:
    runtime = context.runtime
    paths = [runtime.folders.find("text_encoders", name) for name in names]
    for path, name in zip(paths, names, strict=True):
        runtime.pool.start_sha256(path)
        context.record(clip=name, file=str(path), state=state(path))
    encoder = runtime.pool.text_encoder(paths, _on_processor() if device == "cpu" else runtime.compute)
    return replace(encoder, origin=Origin(encoder.origin.family, " and ".join(names)))


def _on_processor() -> Compute:
    from ..models.devices import pick_compute

    return pick_compute("cpu")
