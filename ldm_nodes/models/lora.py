"""LoRA files: which layers they change, and how that fits a model.

Reading keeps the tensors as small as the file has them; differences are computed when a network is changed
(`patching.py`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch

from .adapters import Difference, read_change
from .checkpoint import open_checkpoint, read_tensors
from .errors import UnknownFamily
from .lora_names import locate, split_key, text_places, unet_places
from .patching import Patch, parameter_shapes
from .text_encoder import TextEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

    from .adapters import Parts
    from .class_encoder import ClassEncoder, TokenTextEncoder
    from .diffusion_model import DiffusionModel
    from .key_maps import Target
    from .lora_names import Network, Places
    from .patching import Change

    Encoder = TextEncoder | ClassEncoder | TokenTextEncoder

PEFT_METADATA = "lora_adapter_metadata"
_SHOWN = 60  # characters of a foreign name in a message


@dataclass(frozen=True, eq=False)
class LoraFile:
    """A LoRA in memory.

    Attributes:
        name: the file's name, for messages.
        layers: the tensors of each layer, by the layer's name in the file.
        strays: tensors whose names are of no known form.
    """

    name: str
    layers: Mapping[str, Parts]
    strays: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leftover:
    """What of a LoRA file has no place in a model.

    Attributes:
        file: the file's name.
        unknown: layers and tensors whose names the model lacks.
        unfit: layers of another size than the model's.
    """

    file: str
    unknown: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()

    @property
    def messages(self) -> list[str]:
        """What to tell the person who chose the file."""
        told = ((self.unknown, "that this model has no place for"), (self.unfit, "of another size than this model's"))
        return [
            f"{self.file} has {len(names)} layer{'s' * (len(names) > 1)} {what}, such as {names[0][:_SHOWN]!r}; "
            "left out."
            for names, what in told
            if names
        ]


def read_lora(path: Path) -> LoraFile:
    """Read a LoRA file of kohya, diffusers, PEFT or LyCORIS.

    Raises:
        ModelError: when the file is unreadable or unsafe, or nothing in it is a LoRA.
    """
    return lora_of(path.name, _with_alphas(read_tensors(path), open_checkpoint(path).metadata))


def _with_alphas(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> dict[str, Tensor]:
    """Add the alphas that diffusers keeps, for PEFT's layers, in the header: `{"unet.lora_alpha": 8, …}` as JSON."""
    try:
        told = json.loads(metadata.get(PEFT_METADATA, "{}"))
    except (ValueError, RecursionError):
        told = {}
    alphas = {}
    for key in tensors:
        layer, part = split_key(key) or ("", "")
        network, _, name = layer.partition(".")
        alpha = _alpha(told, network, name) if isinstance(told, dict) else None
        if part == "down" and alpha is not None:
            alphas[f"{layer}.alpha"] = torch.tensor(alpha)
    return {**alphas, **tensors}


def _alpha(told: Mapping[str, Any], network: str, name: str) -> float | None:
    """Return the alpha of a layer: its own from the pattern, or that of all."""
    pattern = told.get(f"{network}.alpha_pattern")
    own = pattern.get(name) if isinstance(pattern, dict) else None
    alpha = told.get(f"{network}.lora_alpha") if own is None else own
    return float(alpha) if isinstance(alpha, int | float) else None


def lora_of(name: str, tensors: Mapping[str, Tensor]) -> LoraFile:
    """Return the LoRA that tensors are.

    Raises:
        UnknownFamily: when nothing among them is a LoRA.
    """
    layers: dict[str, dict[str, Tensor]] = defaultdict(dict)
    strays = []
    for key, tensor in tensors.items():
        split = split_key(key)
        if split is None:
            strays.append(key)
        else:
            layers[split[0]][split[1]] = tensor
    if not layers:
        raise UnknownFamily(
            f"{name} holds no LoRA: its tensors have names such as {strays[0][:_SHOWN]!r}; expected the layers of "
            "kohya, diffusers, PEFT or LyCORIS."
        )
    return LoraFile(name, dict(layers), tuple(strays))


def context_width(path: Path) -> int | None:
    """Return the width of the text embeddings that a LoRA was made for, from its header; None where it says nothing."""
    for key, tensor in open_checkpoint(path).tensors.items():
        split = split_key(key)
        if split is not None and split[1] == "down" and locate(split[0])[1].endswith("attn2_to_k"):
            return tensor.shape[1]
    return None


def apply_lora(
    lora: LoraFile,
    model: DiffusionModel,
    encoder: Encoder | None,
    strength_model: float,
    strength_clip: float,
) -> tuple[DiffusionModel, Encoder | None, Leftover]:
    """Return a model and its text encoder with a LoRA on top of what changes them already.

    Args:
        lora: the file.
        model: the diffusion model.
        encoder: the text encoder, or None; encoders other than CLIP's towers stay as they are.
        strength_model: multiplier of the changes of the UNet; 0 leaves it as it is.
        strength_clip: multiplier of the changes of the text towers.

    Returns:
        Copies that share the weights, and what of the file was left out. Layers of a part that is not given do not
        count as left out.
    """
    unet = model.network.diffusion_model
    shapes = parameter_shapes(unet)
    fitted = [_fit(lora, ("unet",), unet_places(unet.config, shapes), shapes, strength_model)]
    model = model.with_patches(replace(patch, name=f"diffusion_model.{patch.name}") for patch in fitted[0].patches)
    if isinstance(encoder, TextEncoder):
        towers = _fit_towers(lora, encoder, strength_clip)
        fitted += towers
        encoder = encoder.with_patches([tower.patches for tower in towers])
    return model, encoder, _leftover(lora, fitted, only_unet=encoder is None)


@dataclass
class _Fitted:
    """What a LoRA changes in one network: the patches, and the layers of the file by how they fared."""

    patches: list[Patch] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    unfit: set[str] = field(default_factory=set)


def _fit_towers(lora: LoraFile, encoder: TextEncoder, strength: float) -> list[_Fitted]:
    """Fit a LoRA to each tower; the names of either of SDXL's towers mean a tower that is alone."""
    networks: tuple[Network, ...] = ("text", "text 2")
    fitted = []
    for number, reader in enumerate(encoder.readers):
        shapes = parameter_shapes(reader.tower)
        mine = networks if len(encoder.readers) == 1 else networks[number : number + 1]
        fitted.append(_fit(lora, mine, text_places(reader.tower.config, shapes), shapes, strength))
    return fitted


def _fit(
    lora: LoraFile, networks: Sequence[Network], places: Places, shapes: Mapping[str, torch.Size], strength: float
) -> _Fitted:
    fitted = _Fitted()
    for layer, parts in lora.layers.items():
        network, name = locate(layer)
        target = places.get(name) if network in networks else None
        if target is None:
            continue
        patches = [
            Patch(found.name, change, strength, found.part, found.transposed)
            for found, change in _changes(target, parts)
        ]
        if patches and all(_fits(patch, shapes) for patch in patches):
            fitted.taken.add(layer)
            fitted.patches += patches if strength else []
        elif patches:
            fitted.unfit.add(layer)
    return fitted


def _changes(target: Target, parts: Parts) -> Iterable[tuple[Target, Change]]:
    """Return what the tensors of one layer do to its weight and to its bias."""
    if (change := read_change(parts)) is not None:
        yield target, change
    if "diff_b" in parts:
        stem = target.name.removesuffix("weight")
        yield replace(target, name=f"{stem}bias", transposed=False), Difference(parts["diff_b"])


def _fits(patch: Patch, shapes: Mapping[str, torch.Size]) -> bool:
    """Tell whether a change has the size of its weight, by computing it without numbers."""
    if patch.name not in shapes:
        return False
    try:
        patch.apply(torch.empty(shapes[patch.name], device="meta"))
    except RuntimeError:
        return False
    return True


def _leftover(lora: LoraFile, fitted: Sequence[_Fitted], only_unet: bool) -> Leftover:
    taken = set[str]().union(*(part.taken for part in fitted))
    unfit = set[str]().union(*(part.unfit for part in fitted)) - taken
    others = [name for name in lora.layers if name not in taken | unfit]
    unknown = [name for name in others if locate(name)[0] == "unet" or not only_unet]
    return Leftover(lora.name, (*unknown, *lora.strays), tuple(sorted(unfit)))
