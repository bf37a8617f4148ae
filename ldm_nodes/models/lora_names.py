"""How LoRA files name layers, and which parameter each name means.

Trainers write the same layer as `lora_unet_down_blocks_0_attentions_0_…_to_q` (kohya, diffusers' numbering),
`lora_unet_input_blocks_1_1_…_to_q` (kohya, the original numbering), `unet.down_blocks.0.attentions.0.….to_q` (PEFT) or
`unet.….processor.to_q_lora` (diffusers before PEFT). Dots that became underscores cannot be found again, so names are
compared with their dots flattened as well, which is unambiguous among the layers of one network.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from .key_maps import Target, text_key_map, unet_key_map

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .config import TextConfig, UNetConfig

Network = Literal["unet", "text", "text 2"]
"""Which network a name belongs to; "text 2" is SDXL's second tower."""

Places = dict[str, Target]
"""Flattened names of layers, and the parameter that holds the layer's weight."""

_PREFIXES: Final[tuple[tuple[str, Network], ...]] = (
    ("lora_unet_", "unet"), ("lycoris_unet_", "unet"), ("lora_te2_", "text 2"), ("lora_te1_", "text"),
    ("lora_te_", "text"), ("lycoris_text_encoder_2_", "text 2"), ("lycoris_text_encoder_", "text"),
    ("lycoris_", "unet"), ("text_encoder_2.", "text 2"), ("text_encoder.", "text"),
    ("text_encoders.clip_g.transformer.", "text 2"), ("text_encoders.clip_l.transformer.", "text"),
    ("text_encoders.clip_h.transformer.", "text"), ("unet.base_model.model.", "unet"), ("unet.", "unet"),
    ("base_model.model.", "unet"), ("model.diffusion_model.", "unet"), ("diffusion_model.", "unet"),
)  # fmt: skip
_LORA_PAIRS = (
    (".lora_down", ".lora_up"), (".lora_A", ".lora_B"), (".lora_A.default", ".lora_B.default"),
    (".lora_linear_layer.down", ".lora_linear_layer.up"), (".lora.down", ".lora.up"), ("_lora.down", "_lora.up"),
)  # fmt: skip
_ENDINGS: Final[dict[str, str]] = {
    **{f"{ending}.weight": part for pair in _LORA_PAIRS for ending, part in zip(pair, ("down", "up"), strict=True)},
    **{f".{name}.weight": name for name in ("a1", "a2", "b1", "b2")},
    **{f".hada_{name}": f"hada_{name}" for name in ("w1_a", "w1_b", "w2_a", "w2_b", "t1", "t2")},
    **{f".lokr_{name}": f"lokr_{name}" for name in ("w1", "w1_a", "w1_b", "w2", "w2_a", "w2_b", "t2")},
    ".lora_mid.weight": "mid", ".alpha": "alpha", ".dora_scale": "dora_scale",
    ".lora_magnitude_vector": "dora_scale", ".lora_magnitude_vector.weight": "dora_scale",
    ".diff": "diff", ".diff_b": "diff_b", ".w_norm": "diff", ".b_norm": "diff_b",
}  # fmt: skip
_TEXT_ATTENTION = re.compile(r"self_attn_to_(q|k|v|out)$")


def split_key(key: str) -> tuple[str, str] | None:
    """Return the layer and the part that a tensor's name stands for, or None for a name of no known form."""
    endings = (ending for ending in _ENDINGS if key.endswith(ending))
    ending = max(endings, key=len, default=None)
    return None if ending is None else (key.removesuffix(ending), _ENDINGS[ending])


def locate(layer: str) -> tuple[Network, str]:
    """Return the network that a layer's name belongs to, and the flattened name inside it; unprefixed is the UNet's."""
    prefix, network = next(((p, n) for p, n in _PREFIXES if layer.startswith(p)), ("", "unet"))
    name = layer.removeprefix(prefix).replace(".processor.", ".")
    name = _TEXT_ATTENTION.sub(r"self_attn_\1_proj", _flat(name))
    return network, f"{name}_0" if name.endswith(("attn1_to_out", "attn2_to_out")) else name


def unet_places(config: UNetConfig, names: Iterable[str]) -> Places:
    """Return the layers of a UNet.

    Args:
        config: its sizes.
        names: its parameters; layers that a configuration could have and this network lacks are left out.
    """
    known = frozenset(names)
    foreign = unet_key_map(config) if config.use_spatial_transformer and not config.resblock_updown else {}
    return _places({**{name: Target(name) for name in known}, **foreign}, known)


def text_places(config: TextConfig, names: Iterable[str]) -> Places:
    """Return the layers of a text tower; see `unet_places`."""
    known = frozenset(names)
    return _places({**{name: Target(name) for name in known}, **text_key_map(config)}, known)


def _places(key_map: Mapping[str, Target], known: frozenset[str]) -> Places:
    weights = {name.removesuffix(".weight"): target for name, target in key_map.items() if name.endswith(".weight")}
    return {_flat(name): target for name, target in weights.items() if target.name in known}


def _flat(name: str) -> str:
    return name.replace(".", "_")
