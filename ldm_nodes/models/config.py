"""What the networks are made of: frozen values, one per network, and the released models as constants.

Fields keep the argument names of the original research code: `from_params` reads the `params` of its YAML files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from .errors import WrongConfig
from .sizes import CHANNELS, COUNT, LEVELS, Whole, brief, check_blocks, check_sizes, finite, whole

T = TypeVar("T")

GROUPS = 32  # of every GroupNorm in these networks

_UNET_TRAINING_ONLY = frozenset(
    {"use_fp16", "use_bf16", "spatial_transformer_attn_type", "use_fairscale_checkpoint", "offload_to_cpu"}
)
_AUTOENCODER_TRAINING_ONLY = frozenset(
    {
        "lossconfig", "loss_config", "ckpt_path", "ignore_keys", "image_key", "colorize_nlabels", "monitor",
        "batch_resize_range", "scheduler_config", "lr_g_factor", "use_ema", "learn_logvar", "ema_decay",
    }
)  # fmt: skip

_HEADS = Whole(-1, 1 << 12)
_UNET_SIZES = {
    "in_channels": CHANNELS, "out_channels": CHANNELS, "model_channels": CHANNELS, "channel_mult": LEVELS,
    "num_res_blocks": Whole(0, 64, lists="either"), "transformer_depth": Whole(0, 128, lists="either"),
    "transformer_depth_middle": Whole(0, 128, optional=True), "num_heads": _HEADS, "num_head_channels": _HEADS,
    "num_heads_upsample": _HEADS,
    "attention_resolutions": Whole(0, 1 << 16, lists="always"), "context_dim": Whole(1, 1 << 16, optional=True),
    "n_embed": Whole(1, 1 << 24, optional=True), "adm_in_channels": Whole(1, 1 << 16, optional=True),
    "num_attention_blocks": Whole(0, 64, optional=True, lists="always"),
}  # fmt: skip
_AUTOENCODER_SIZES = {
    "embed_dim": CHANNELS, "z_channels": CHANNELS, "ch": CHANNELS, "ch_mult": LEVELS, "num_res_blocks": Whole(0, 64),
    "resolution": CHANNELS, "attn_resolutions": Whole(0, 1 << 16, lists="always"), "in_channels": CHANNELS,
    "out_ch": CHANNELS, "n_embed": Whole(1, 1 << 24, optional=True),
}  # fmt: skip
_TEXT_SIZES = {
    "hidden_size": CHANNELS, "layers": Whole(1, 256), "heads": Whole(1, 1 << 10), "intermediate": Whole(1, 1 << 20),
    "projection": Whole(1, 1 << 16, optional=True), "pad_token": Whole(0, 1 << 24), "vocab_size": COUNT,
    "max_length": Whole(3, 1 << 12),
}  # fmt: skip
_TOKEN_SIZES = {"n_embed": CHANNELS, "n_layer": Whole(1, 256), "vocab_size": COUNT, "max_seq_len": Whole(1, 1 << 12)}


@dataclass(frozen=True)
class UNetConfig:
    """The denoising network (openaimodel.py of CompVis and Stability-AI).

    Attributes:
        attention_resolutions: down-sampling factors (1, 2, 4, ...) at which attention sits, not pixel sizes.
        num_res_blocks: residual blocks per level on the way down; one more on the way up.
        num_classes: an integer (class labels), "continuous" (a number), "sequential" (a vector), or None.
        transformer_depth: transformer blocks per attention, one number or one per level.
        legacy: kept for the files that set it; matters only where a width is not divisible by `num_head_channels`.
    """

    in_channels: int
    out_channels: int
    model_channels: int
    num_res_blocks: int | tuple[int, ...]
    attention_resolutions: tuple[int, ...]
    image_size: int | None = None
    dropout: float = 0.0
    channel_mult: tuple[int, ...] = (1, 2, 4, 8)
    conv_resample: bool = True
    dims: int = 2
    num_classes: int | Literal["continuous", "sequential"] | None = None
    use_checkpoint: bool = False
    num_heads: int = -1
    num_head_channels: int = -1
    num_heads_upsample: int = -1
    use_scale_shift_norm: bool = False
    resblock_updown: bool = False
    use_new_attention_order: bool = False
    use_spatial_transformer: bool = False
    transformer_depth: int | tuple[int, ...] = 1
    transformer_depth_middle: int | None = None
    context_dim: int | None = None
    n_embed: int | None = None
    legacy: bool = True
    disable_self_attentions: tuple[bool, ...] | None = None
    num_attention_blocks: tuple[int, ...] | None = None
    disable_middle_self_attn: bool = False
    use_linear_in_transformer: bool = False
    adm_in_channels: int | None = None

    def __post_init__(self) -> None:
        check_sizes(self, _UNET_SIZES)
        finite(self.dropout, "dropout", 0, 1)
        if 0 in (self.num_heads, self.num_head_channels, self.num_heads_upsample):
            raise WrongConfig("A number of heads or their width is 0; expected at least 1, or -1 for unset.")
        if self.num_heads == -1 and self.num_head_channels == -1:
            raise WrongConfig("A UNet needs num_heads or num_head_channels; neither is given.")
        if self.use_spatial_transformer != (self.context_dim is not None):
            raise WrongConfig("use_spatial_transformer and context_dim go together; only one of them is given.")
        if self.num_classes == "sequential" and self.adm_in_channels is None:
            raise WrongConfig("num_classes 'sequential' needs adm_in_channels, the width of the class vector.")
        if isinstance(self.num_classes, int):
            whole(self.num_classes, "num_classes", 1, 1 << 24)
        elif self.num_classes not in (None, "continuous", "sequential"):
            raise WrongConfig(
                f"num_classes is {brief(self.num_classes)}; expected a number, 'continuous' or 'sequential'."
            )
        if self.dims not in (1, 2, 3) or (self.use_spatial_transformer and self.dims != 2):
            raise WrongConfig(f"dims is {self.dims}; expected 1, 2 or 3, and 2 with a spatial transformer.")
        self._check_levels()

    def _check_levels(self) -> None:
        if self.model_channels % GROUPS:
            raise WrongConfig(f"model_channels is {self.model_channels}; expected a multiple of {GROUPS}.")
        levels = len(self.channel_mult)
        for name in ("num_res_blocks", "transformer_depth", "disable_self_attentions", "num_attention_blocks"):
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != levels:
                raise WrongConfig(f"{name} has {len(value)} entries; expected one for each of the {levels} levels.")
        check_blocks(sum(blocks * max(1, depth) for blocks, depth in zip(self.res_blocks, self.depths, strict=True)))

    @property
    def levels(self) -> int:
        """The number of resolutions."""
        return len(self.channel_mult)

    @property
    def time_embed_dim(self) -> int:
        """The width of the time embedding."""
        return 4 * self.model_channels

    @property
    def res_blocks(self) -> tuple[int, ...]:
        """The number of residual blocks of each level on the way down."""
        return _per_level(self.num_res_blocks, self.levels)

    @property
    def depths(self) -> tuple[int, ...]:
        """The number of transformer blocks per attention of each level."""
        return _per_level(self.transformer_depth, self.levels)

    @property
    def middle_depth(self) -> int:
        """The number of transformer blocks of the attention in the middle."""
        return self.depths[-1] if self.transformer_depth_middle is None else self.transformer_depth_middle

    def attends(self, level: int, block: int) -> bool:
        """Tell whether block `block` of `level` has an attention."""
        allowed = self.num_attention_blocks is None or block < self.num_attention_blocks[level]
        return 2**level in self.attention_resolutions and allowed

    def self_attends(self, level: int) -> bool:
        """Tell whether the transformers of `level` attend to themselves before they attend to the context."""
        return self.disable_self_attentions is None or not self.disable_self_attentions[level]

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """Read the `params` of a UNetModel in a YAML file of the original code.

        Raises:
            WrongConfig: an argument is unknown, missing or contradicts another.
        """
        known = {key: value for key, value in params.items() if key not in _UNET_TRAINING_ONLY}
        if "context_dim" in known:
            known["context_dim"] = _single(known["context_dim"])
        return _build(cls, known, "UNetModel")


@dataclass(frozen=True)
class AutoencoderConfig:
    """The first stage: encoder, decoder and, with `n_embed`, a codebook (autoencoder.py and model.py of CompVis).

    Attributes:
        embed_dim: channels of the latent.
        n_embed: entries of the codebook; None makes it an AutoencoderKL.
        resolution: picture side at which `attn_resolutions` are compared; the real size is free.
        attn_type: "vanilla", "linear", or "none" (an identity without parameters).
        remap: an .npy file with the codebook entries in use, or None.
    """

    embed_dim: int
    z_channels: int
    ch: int
    ch_mult: tuple[int, ...]
    num_res_blocks: int
    resolution: int = 256
    attn_resolutions: tuple[int, ...] = ()
    in_channels: int = 3
    out_ch: int = 3
    dropout: float = 0.0
    double_z: bool = True
    attn_type: Literal["vanilla", "linear", "none"] = "vanilla"
    resamp_with_conv: bool = True
    tanh_out: bool = False
    give_pre_end: bool = False
    n_embed: int | None = None
    remap: str | None = None
    sane_index_shape: bool = False

    def __post_init__(self) -> None:
        check_sizes(self, _AUTOENCODER_SIZES)
        check_blocks(self.levels * self.num_res_blocks)
        finite(self.dropout, "dropout", 0, 1)
        if self.n_embed is None and not self.double_z:
            raise WrongConfig("An AutoencoderKL needs double_z: its encoder gives a mean and a variance.")
        if self.attn_type not in ("vanilla", "linear", "none"):
            raise WrongConfig(f"attn_type is {brief(self.attn_type)}; expected 'vanilla', 'linear' or 'none'.")
        if self.ch % GROUPS:
            raise WrongConfig(f"ch is {self.ch}; expected a multiple of {GROUPS}.")

    @property
    def levels(self) -> int:
        """The number of resolutions."""
        return len(self.ch_mult)

    @property
    def downscale(self) -> int:
        """Picture side divided by latent side."""
        return int(2 ** (self.levels - 1))

    def attends(self, level: int) -> bool:
        """Tell whether the blocks of `level` have an attention."""
        return self.resolution // 2**level in self.attn_resolutions

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """Read the `params` of an AutoencoderKL, VQModel or VQModelInterface in a YAML file of the original code.

        Raises:
            WrongConfig: an argument is unknown, missing or contradicts another.
        """
        known = {key: value for key, value in params.items() if key not in _AUTOENCODER_TRAINING_ONLY}
        network = dict(known.pop("ddconfig", {}))
        if network.pop("use_linear_attn", False):
            network["attn_type"] = "linear"
        if str(network.get("attn_type", "")).startswith("vanilla"):
            network["attn_type"] = "vanilla"  # "vanilla-xformers" names a kernel, not another function
        return _build(cls, {**known, **network}, "autoencoder")


@dataclass(frozen=True)
class TextConfig:
    """A CLIP text tower.

    Attributes:
        layout: names of the parameters, as in the files: "clip" (Hugging Face) or "openclip".
        projection: width of the projected pooled output, or None where the tower has no projection.
        pad_token: id that fills a chunk after the end token.
        max_length: tokens of a chunk, start and end included.
        merges: the merge table of a tower with a vocabulary of its own (`tokenizer.py`), or None for CLIP's.
    """

    layout: Literal["clip", "openclip"]
    hidden_size: int
    layers: int
    heads: int
    intermediate: int
    activation: Literal["quick_gelu", "gelu"]
    projection: int | None = None
    pad_token: int = 49407
    vocab_size: int = 49408
    max_length: int = 77
    merges: Path | None = None

    def __post_init__(self) -> None:
        check_sizes(self, _TEXT_SIZES)
        if self.hidden_size % self.heads:
            raise WrongConfig(f"hidden_size is {self.hidden_size}; expected a multiple of the {self.heads} heads.")
        if self.activation not in ("quick_gelu", "gelu"):
            raise WrongConfig(f"The activation is {brief(self.activation)}; expected quick_gelu or gelu.")


@dataclass(frozen=True)
class TokenEncoderConfig:
    """A plain transformer encoder over token ids (x-transformers layout), the text model of LDM-1.45B."""

    n_embed: int
    n_layer: int
    vocab_size: int = 30522
    max_seq_len: int = 77
    embedding_dropout: float = 0.0

    def __post_init__(self) -> None:
        check_sizes(self, _TOKEN_SIZES)
        finite(self.embedding_dropout, "embedding_dropout", 0, 1)


def _per_level(value: int | tuple[int, ...], levels: int) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,) * levels


def _single(value: Any) -> Any:
    """Return the one width that a list of widths repeats; `check_sizes` looks at it later."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    if len(set(value)) != 1:
        raise WrongConfig(f"context_dim is {brief(value)}; expected one width, the same for every transformer block.")
    return value[0]


def _build(cls: type[T], params: Mapping[str, Any], what: str) -> T:
    """Build a configuration from plain data; every list becomes a tuple."""
    known = {field.name for field in fields(cls)}  # type: ignore[arg-type]
    unknown = sorted(set(params) - known)
    if unknown:
        raise WrongConfig(
            f"{what} has no argument {', '.join(map(repr, unknown))}; it knows {', '.join(sorted(known))}."
        )
    values = {key: tuple(v) if isinstance(v, Sequence) and not isinstance(v, str) else v for key, v in params.items()}
    try:
        return cls(**values)
    except TypeError as error:
        raise WrongConfig(f"The arguments of {what} do not fit: {error}.") from error


# Released denoising networks.

SD1_UNET = UNetConfig(
    in_channels=4, out_channels=4, model_channels=320, num_res_blocks=2, attention_resolutions=(4, 2, 1),
    channel_mult=(1, 2, 4, 4), num_heads=8, use_spatial_transformer=True, context_dim=768, legacy=False,
)  # fmt: skip
SD1_INPAINT_UNET = replace(SD1_UNET, in_channels=9)
LDM_TEXT_UNET = replace(SD1_UNET, context_dim=1280)
SD2_UNET = replace(SD1_UNET, num_heads=-1, num_head_channels=64, context_dim=1024, use_linear_in_transformer=True)
SD2_INPAINT_UNET = replace(SD2_UNET, in_channels=9)
SD2_DEPTH_UNET = replace(SD2_UNET, in_channels=5)
SD2_UNCLIP_L_UNET = replace(SD2_UNET, num_classes="sequential", adm_in_channels=1536)
SD2_UNCLIP_H_UNET = replace(SD2_UNET, num_classes="sequential", adm_in_channels=2048)
X4_UPSCALER_UNET = UNetConfig(
    in_channels=7, out_channels=4, model_channels=256, num_res_blocks=2, attention_resolutions=(2, 4, 8),
    channel_mult=(1, 2, 2, 4), num_heads=8, use_spatial_transformer=True, context_dim=1024, legacy=False,
    use_linear_in_transformer=True, num_classes=1000, disable_self_attentions=(True, True, True, False),
)  # fmt: skip
SDXL_UNET = replace(
    SD2_UNET, attention_resolutions=(4, 2), channel_mult=(1, 2, 4), transformer_depth=(1, 2, 10), context_dim=2048,
    num_classes="sequential", adm_in_channels=2816,
)  # fmt: skip
SDXL_REFINER_UNET = replace(
    SD2_UNET, model_channels=384, attention_resolutions=(4, 2), transformer_depth=4, context_dim=1280,
    num_classes="sequential", adm_in_channels=2560,
)  # fmt: skip
CIN256_UNET = UNetConfig(
    in_channels=3, out_channels=3, model_channels=192, num_res_blocks=2, attention_resolutions=(8, 4, 2),
    channel_mult=(1, 2, 3, 5), num_heads=1, use_spatial_transformer=True, context_dim=512,
)  # fmt: skip
CELEBA256_UNET = UNetConfig(
    in_channels=3, out_channels=3, model_channels=224, num_res_blocks=2, attention_resolutions=(8, 4, 2),
    channel_mult=(1, 2, 3, 4), num_head_channels=32,
)  # fmt: skip
CHURCHES256_UNET = UNetConfig(
    in_channels=4, out_channels=4, model_channels=192, num_res_blocks=2, attention_resolutions=(1, 2, 4, 8),
    channel_mult=(1, 2, 2, 4, 4), num_heads=8, use_scale_shift_norm=True, resblock_updown=True,
)  # fmt: skip
INPAINT_BIG_UNET = UNetConfig(
    in_channels=7, out_channels=3, model_channels=256, num_res_blocks=2, attention_resolutions=(8, 4, 2),
    channel_mult=(1, 2, 3, 4), num_heads=8, resblock_updown=True,
)  # fmt: skip

# Released first stages.

KL_F8 = AutoencoderConfig(embed_dim=4, z_channels=4, ch=128, ch_mult=(1, 2, 4, 4), num_res_blocks=2)
KL_F4 = replace(KL_F8, embed_dim=3, z_channels=3, ch_mult=(1, 2, 4))
KL_F16 = replace(KL_F8, embed_dim=16, z_channels=16, ch_mult=(1, 1, 2, 2, 4), attn_resolutions=(16,))
KL_F32 = replace(KL_F8, embed_dim=64, z_channels=64, ch_mult=(1, 1, 2, 2, 4, 4), attn_resolutions=(16, 8))
VQ_F4 = replace(KL_F4, double_z=False, n_embed=8192)
VQ_F4_NOATTN = replace(VQ_F4, attn_type="none")
VQ_F8 = replace(
    KL_F8, double_z=False, n_embed=16384, ch_mult=(1, 2, 2, 4), attn_resolutions=(32,)
)  # fmt: skip
VQ_F8_N256 = replace(VQ_F8, n_embed=256)
VQ_F16 = replace(KL_F16, double_z=False, n_embed=16384, embed_dim=8, z_channels=8)

# Released text models.

CLIP_L = TextConfig("clip", 768, layers=12, heads=12, intermediate=3072, activation="quick_gelu")
OPENCLIP_H = TextConfig(
    "openclip", 1024, layers=24, heads=16, intermediate=4096, activation="gelu", projection=1024, pad_token=0
)
OPENCLIP_BIGG = TextConfig(
    "openclip", 1280, layers=32, heads=20, intermediate=5120, activation="gelu", projection=1280, pad_token=0
)
LDM_TEXT_ENCODER = TokenEncoderConfig(n_embed=1280, n_layer=32)
