"""CLIP's picture towers (arXiv 2103.00020 §2.4): a transformer over the patches of a picture.

Parameter names are those of Hugging Face's `CLIPVisionModelWithProjection`; open_clip's are renamed in `vision_state`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .attention import merge_heads, split_heads
from .checkpoint import open_checkpoint
from .errors import UnknownFamily
from .families import contents
from .text import quick_gelu
from .weights import assign_weights, without_memory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .checkpoint import Checkpoint
    from .devices import Compute

HEADS = 16
"""Of every released tower: L (1024 wide), H (1280) and bigG (1664)."""
QUICK_WIDTH = 768
"""Width of the embeddings of OpenAI's L, whose GELU is an approximation; open_clip's are exact."""
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
OPENCLIP_PREFIXES = ("embedder.model.visual.", "visual.", "model.visual.")
_OPENCLIP = {
    "class_embedding": "vision_model.embeddings.class_embedding",
    "positional_embedding": "vision_model.embeddings.position_embedding.weight",
    "conv1.weight": "vision_model.embeddings.patch_embedding.weight",
    **{
        f"{theirs}.{kind}": f"vision_model.{ours}.{kind}"
        for theirs, ours in (("ln_pre", "pre_layrnorm"), ("ln_post", "post_layernorm"))
        for kind in ("weight", "bias")
    },
}
_OPENCLIP_LAYERS = {
    "ln_1": "layer_norm1", "ln_2": "layer_norm2", "attn.out_proj": "self_attn.out_proj",
    "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2",
}  # fmt: skip


@dataclass(frozen=True)
class VisionConfig:
    """The sizes of a tower; the side of its pictures is in `positions`."""

    width: int
    layers: int
    intermediate: int
    patch: int
    positions: int
    projection: int

    @property
    def side(self) -> int:
        """Pixels of a side of the pictures that it reads."""
        return isqrt(self.positions - 1) * self.patch


@dataclass(frozen=True, eq=False)
class VisionOutput:
    """What a tower sees in pictures; ComfyUI's names.

    Attributes:
        image_embeds: (B, P) in the space shared with texts.
        last_hidden_state: (B, T, D) after the last layer.
        penultimate_hidden_states: (B, T, D) after the last layer but one.
    """

    image_embeds: Tensor
    last_hidden_state: Tensor
    penultimate_hidden_states: Tensor

    def __getitem__(self, name: str) -> Tensor:
        """Return an attribute, as older packs ask for it."""
        value: Tensor = getattr(self, name)
        return value


class _Embeddings(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.class_embedding = nn.Parameter(torch.zeros(config.width))
        self.patch_embedding = nn.Conv2d(3, config.width, config.patch, config.patch, bias=False)
        self.position_embedding = nn.Embedding(config.positions, config.width)

    def forward(self, pixels: Tensor) -> Tensor:
        patches = self.patch_embedding(pixels).flatten(2).transpose(1, 2)
        whole = self.class_embedding.expand(len(pixels), 1, -1)
        return torch.cat([whole, patches], dim=1) + self.position_embedding.weight


class _Attention(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (split_heads(layer(x), HEADS) for layer in (self.q_proj, self.k_proj, self.v_proj))
        attended: Tensor = self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v)))
        return attended


class _Mlp(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.activation = quick_gelu if config.projection == QUICK_WIDTH else F.gelu
        self.fc1 = nn.Linear(config.width, config.intermediate)
        self.fc2 = nn.Linear(config.intermediate, config.width)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.fc2(self.activation(self.fc1(x)))
        return out


class _Layer(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.self_attn = _Attention(config.width)
        self.mlp = _Mlp(config)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        out: Tensor = x + self.mlp(self.layer_norm2(x))
        return out


class _Encoder(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))


class _VisionModel(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.embeddings = _Embeddings(config)
        self.pre_layrnorm = nn.LayerNorm(config.width)  # spelt like that in every file
        self.encoder = _Encoder(config)
        self.post_layernorm = nn.LayerNorm(config.width)


class VisionTower(nn.Module):
    """A picture tower with its projection into the space shared with texts."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.config = config
        self.vision_model = _VisionModel(config)
        self.visual_projection = nn.Linear(config.width, config.projection, bias=False)

    def forward(self, pixels: Tensor) -> VisionOutput:
        """Look at normalised pictures (B, 3, side, side)."""
        model = self.vision_model
        hidden = model.pre_layrnorm(model.embeddings(pixels))
        penultimate = hidden
        for layer in model.encoder.layers:
            penultimate, hidden = hidden, layer(hidden)
        embeds = self.visual_projection(model.post_layernorm(hidden[:, 0]))
        return VisionOutput(embeds.float(), hidden.float(), penultimate.float())


@dataclass(frozen=True, eq=False)
class ClipVision:
    """The value on the CLIP_VISION wire.

    Attributes:
        tower: the network.
        compute: where and in which type it runs.
    """

    tower: VisionTower
    compute: Compute

    @torch.no_grad()
    def encode_image(self, image: Tensor, crop: bool = True) -> VisionOutput:
        """Look at pictures (B, H, W, 3), 0…1; `crop` cuts the longer side, else they are squeezed."""
        pixels = preprocess(image, self.tower.config.side, crop)
        return self.tower(pixels.to(self.compute.device, self.compute.dtype))  # type: ignore[no-any-return]


def preprocess(image: Tensor, side: int, crop: bool) -> Tensor:
    """Resize pictures (B, H, W, C) bicubically to squares, round them to 8 bits, normalise them: (B, 3, side, side)."""
    pixels = image[..., :3].movedim(-1, 1).float()
    if pixels.shape[-2:] != (side, side):
        scale = side / min(pixels.shape[-2:])
        size = [round(scale * n) for n in pixels.shape[-2:]] if crop else [side, side]
        pixels = F.interpolate(pixels, size, mode="bicubic", antialias=True)
        top, left = ((n - side) // 2 for n in pixels.shape[-2:])
        pixels = pixels[..., top : top + side, left : left + side]
    pixels = (pixels * 255).clamp(0, 255).round() / 255
    mean, std = (torch.tensor(values, device=pixels.device).view(1, 3, 1, 1) for values in (MEAN, STD))
    return (pixels - mean) / std


def load_clip_vision(path: Path, compute: Compute) -> ClipVision:
    """Load a picture tower from a file of its own, or from a checkpoint that has one (unCLIP).

    Raises:
        ModelError: when the file is unreadable, unsafe, or has none.
    """
    state = vision_state(open_checkpoint(path), compute)
    with without_memory():
        tower = VisionTower(vision_config(state))
    assign_weights(tower, {name: state[name] for name in tower.state_dict() if name in state}, path.name)
    return ClipVision(tower, compute)


def vision_config(state: Mapping[str, Tensor]) -> VisionConfig:
    """Return the sizes of a tower from its tensors under Hugging Face's names."""
    patches = state["vision_model.embeddings.patch_embedding.weight"]
    layers = {name.split(".")[3] for name in state if name.startswith("vision_model.encoder.layers.")}
    return VisionConfig(
        width=patches.shape[0],
        layers=len(layers),
        intermediate=state["vision_model.encoder.layers.0.mlp.fc1.weight"].shape[0],
        patch=patches.shape[-1],
        positions=state["vision_model.embeddings.position_embedding.weight"].shape[0],
        projection=state["visual_projection.weight"].shape[0],
    )


def vision_state(checkpoint: Checkpoint, compute: Compute) -> dict[str, Tensor]:
    """Return the tensors of a picture tower under Hugging Face's names.

    Raises:
        UnknownFamily: when there is none, or not all of it.
    """
    prefix = next((prefix for prefix in OPENCLIP_PREFIXES if f"{prefix}conv1.weight" in checkpoint), None)
    part = checkpoint if prefix is None else checkpoint.under(prefix)
    loaded = {name: part.tensor(name, compute.dtype, compute.device) for name in part.tensors if _wanted(name, prefix)}
    state = loaded if prefix is None else _from_openclip(loaded)
    needed = ("vision_model.embeddings.patch_embedding.weight", "visual_projection.weight")
    if not all(name in state for name in needed):
        raise UnknownFamily(
            f"{checkpoint.path.name} is {contents(checkpoint)}; expected a CLIP vision tower (`vision_model.…` with "
            "`visual_projection`, or open_clip's `visual.…`)."
        )
    return state


def _wanted(name: str, prefix: str | None) -> bool:
    return prefix is not None or name.startswith(("vision_model.", "visual_projection."))


def _from_openclip(loaded: Mapping[str, Tensor]) -> dict[str, Tensor]:
    state = {}
    for name, tensor in loaded.items():
        if name == "proj":
            state["visual_projection.weight"] = tensor.t().contiguous()
        elif name in _OPENCLIP:
            state[_OPENCLIP[name]] = tensor
        elif name.startswith("transformer.resblocks."):
            state |= _layer_from_openclip(name.removeprefix("transformer.resblocks."), tensor)
    return state


def _layer_from_openclip(name: str, tensor: Tensor) -> dict[str, Tensor]:
    number, _, rest = name.partition(".")
    layer = f"vision_model.encoder.layers.{number}"
    if rest.startswith("attn.in_proj_"):
        kind = rest.removeprefix("attn.in_proj_")
        parts = zip("qkv", tensor.chunk(3), strict=True)
        return {f"{layer}.self_attn.{part}_proj.{kind}": value.contiguous() for part, value in parts}
    module, _, kind = rest.rpartition(".")
    return {f"{layer}.{_OPENCLIP_LAYERS[module]}.{kind}": tensor}
