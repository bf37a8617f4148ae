"""Nodes that put LoRAs on a model: small files that change its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Choice, Float
from ..engine.spec import node
from ..models.kinds import ClipKind, ModelKind
from ..settings import Folders
from .fingerprints import state
from .headers import lora_context
from .kinds import Absent
from .runtime import Runtime
from .sockets import Clip, Model

if TYPE_CHECKING:
    from ..models.lora import LoraFile

LoraName = Annotated[str, Choice(lambda folders: folders.names("loras"))]
Strength = Annotated[float, Float(min=-100.0, max=100.0, step=0.01)]


def _lora_state(lora_name: str, folders: Folders) -> list[tuple[str, int, int]]:
    """Fingerprint a LoRA, so that one that was trained on under the same name is read again."""
    return state(folders.find("loras", lora_name))


def _lora_ahead(
    model: ModelKind | None, clip: ClipKind | Absent | None, lora_name: str | None, folders: Folders
) -> tuple[ModelKind | None, ClipKind | Absent | None]:
    _check_fits(model, lora_name, folders)
    return model, clip


def _model_lora_ahead(model: ModelKind | None, lora_name: str | None, folders: Folders) -> ModelKind | None:
    _check_fits(model, lora_name, folders)
    return model


def _check_fits(model: ModelKind | None, lora_name: str | None, folders: Folders) -> None:
    """Refuse a LoRA that was made for models with other text embeddings than the model reads."""
    if model is None or lora_name is None:
        return
    width = lora_context(folders.find("loras", lora_name), lora_name)
    if width is None or model.context is None or width == model.context:
        return
    raise InputError(
        "lora_name",
        received=f"{lora_name!r}, made for models whose text embeddings are {width} wide",
        expected=f"a LoRA for {model.origin}, whose text embeddings are {model.context} wide",
        remedy="Choose a LoRA for this family of models, or load the checkpoint that this one was made for.",
        origin=model.origin.file,
    )


@node(
    "LoraLoader",
    category="loaders",
    display_name="Load LoRA",
    outputs=("MODEL", "CLIP"),
    fingerprint=_lora_state,
    foresee=_lora_ahead,
)
def lora_loader(
    model: Model,
    clip: Clip,
    *,
    lora_name: LoraName,
    strength_model: Strength = 1.0,
    strength_clip: Strength = 1.0,
    context: Context[Runtime],
) -> tuple[Model, Clip]:
    """Change the model and its text encoder by a LoRA; several in a row add up.

    Args:
        model: the diffusion model.
        clip: its text encoder.
        lora_name: a file below `models/loras`, in the form of kohya, diffusers, PEFT or LyCORIS.
        strength_model: how strongly it changes the model; negative values go the other way, 0 leaves it out.
        strength_clip: how strongly it changes the text encoder.
    """
    return _with_lora(context, model, clip, lora_name, strength_model, strength_clip)


@node(
    "LoraLoaderModelOnly",
    category="loaders",
    display_name="LoraLoaderModelOnly",
    fingerprint=_lora_state,
    foresee=_model_lora_ahead,
)
def lora_loader_model_only(
    model: Model, *, lora_name: LoraName, strength_model: Strength = 1.0, context: Context[Runtime]
) -> Model:
    """Change the model alone by a LoRA.

    Args:
        model: the diffusion model.
        lora_name: a file below `models/loras`, in the form of kohya, diffusers, PEFT or LyCORIS.
        strength_model: how strongly it changes the model; negative values go the other way, 0 leaves it out.
    """
    return _with_lora(context, model, None, lora_name, strength_model, 0.0)[0]


def _with_lora(
    context: Context[Runtime], model: Model, clip: Clip, lora_name: str, strength_model: float, strength_clip: float
) -> tuple[Model, Clip]:
    if strength_model == 0 and strength_clip == 0:
        return model, clip
    from ..models.lora import apply_lora, read_lora

    runtime = context.runtime
    path = runtime.folders.find("loras", lora_name)

    def read() -> LoraFile:
        return read_lora(path)

    _check_fits(model.kind, lora_name, runtime.folders)
    lora = runtime.pool.addon("lora", path, runtime.compute, read)
    context.record(lora=lora_name, file=str(path), state=state(path))
    patched, encoder, leftover = apply_lora(lora, model, clip, strength_model, strength_clip)
    for message in leftover.messages:
        context.notice(message)
    return patched, encoder
