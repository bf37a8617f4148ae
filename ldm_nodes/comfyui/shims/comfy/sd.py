"""`comfy.sd`: text encoders and autoencoders as packs know them, and loading of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor

from ....models.loader import load_checkpoint as load_file
from ....models.loader import load_first_stage
from ....models.lora import apply_lora, lora_of
from ...executing import executing
from ...lending import Face, take_back
from ..host import host
from .model_management import _compute, intermediate_device, module_size
from .model_patcher import DiffusionPatcher, ModelPatcher
from .sd1_clip import CondStage, TokenizerFace, Tokens
from .utils import save_torch_file

if TYPE_CHECKING:
    from ....models.first_stage import FirstStage
    from ....models.text_encoder import TextEncoder

ENCODE_BYTES, DECODE_BYTES = 1767, 2178
"""Memory that autoencoders of Stable Diffusion take for a cell, in numbers: of the picture, and of the latent."""


class CLIPType(Enum):
    """Families of text encoders."""

    STABLE_DIFFUSION = 1
    STABLE_CASCADE = 2
    SD3 = 3
    STABLE_AUDIO = 4
    HUNYUAN_DIT = 5
    FLUX = 6


class CLIP(Face):
    """A text encoder of ours.

    Attributes:
        own: the encoder.
        layer_idx: the block that the context is taken from, as `clip_layer` was told; None is the family's.
    """

    own: TextEncoder

    def __init__(self, own: TextEncoder) -> None:
        self.own = own
        self.layer_idx: int | None = None
        self.use_clip_schedule = False
        self.apply_hooks_to_conds = None
        self.tokenizer_options: dict[str, Any] = {}

    @classmethod
    def of(cls, own: TextEncoder) -> CLIP:
        """Lend an encoder."""
        return cls(own)

    @property
    def cond_stage_model(self) -> CondStage:
        """The towers."""
        return CondStage(self)

    @property
    def tokenizer(self) -> TokenizerFace:
        """What cuts texts."""
        return TokenizerFace(self)

    @property
    def patcher(self) -> ModelPatcher:
        """The towers as a module on a device."""
        device = self.own.readers[0].tower.device
        return ModelPatcher(self.cond_stage_model, device, device, size=1)

    def clone(self) -> Self:
        """Return an encoder to change."""
        made = type(self)(self.own)
        made.layer_idx, made.tokenizer_options = self.layer_idx, dict(self.tokenizer_options)
        return made

    def load_model(self) -> ModelPatcher:
        """Return the towers; they are where they run."""
        return self.patcher

    def clip_layer(self, layer_idx: int) -> None:
        """Take the context from an earlier block: -1 is the last, -2 the one before it."""
        self.own, self.layer_idx = self.own.with_layer(layer_idx), layer_idx

    def set_tokenizer_option(self, option_name: str, value: Any) -> None:
        """Note an option."""
        self.tokenizer_options[option_name] = value

    def tokenize(self, text: str, return_word_ids: bool = False, **kwargs: Any) -> Tokens:
        """Return weighted tokens in chunks of 77 for each tower: `{"l": [[(token, weight), ...], ...]}`."""
        return self.tokenizer.tokenize_with_weights(text, return_word_ids)

    def encode_from_tokens(self, tokens: Tokens, return_pooled: Any = False, return_dict: bool = False) -> Any:
        """Return the context (1, T, D); with `return_pooled` the pooled vector (1, P) too."""
        cond, pooled = self.cond_stage_model.encode_token_weights(tokens)
        if return_dict:
            return {"cond": cond, "pooled_output": pooled}
        return (cond, pooled) if return_pooled else cond

    def encode_from_tokens_scheduled(
        self,
        tokens: Tokens,
        unprojected: bool = False,
        add_dict: Mapping[str, Any] | None = None,
        show_pbar: bool = True,
    ) -> list[list[Any]]:
        """Return a conditioning."""
        cond, pooled = self.encode_from_tokens(tokens, return_pooled=True)
        return [[cond, {"pooled_output": pooled, **(add_dict or {})}]]

    def encode(self, text: str) -> Any:
        """Return the context of a text."""
        return self.encode_from_tokens(self.tokenize(text))

    def get_sd(self) -> dict[str, Tensor]:
        """Return the towers' weights."""
        return {
            f"clip_{reader.name}.{name}": value
            for reader in self.own.readers
            for name, value in reader.tower.state_dict().items()
        }


class VAE(Face):
    """An autoencoder of ours, or one made of weights.

    Attributes:
        own: the autoencoder.
    """

    own: FirstStage
    upscale_index_formula = None
    not_video = False
    size = None

    def __init__(
        self,
        sd: Mapping[str, Tensor] | None = None,
        device: Any = None,
        config: Any = None,
        dtype: torch.dtype | None = None,
        metadata: Any = None,
    ) -> None:
        if sd is None:
            raise ValueError("An autoencoder is made of weights: VAE(sd=...).")
        with TemporaryDirectory() as folder:
            path = Path(folder) / "vae.safetensors"
            save_torch_file(sd, path)
            self.own = replace(load_first_stage(path, _compute()), path=None)

    @classmethod
    def of(cls, own: FirstStage) -> VAE:
        """Lend an autoencoder."""
        made = cls.__new__(cls)
        made.own = own
        return made

    @property
    def first_stage_model(self) -> Any:
        """The network."""
        return self.own.model

    @property
    def patcher(self) -> ModelPatcher:
        """The network as a module on a device."""
        return ModelPatcher(self.own.model, self.device, intermediate_device(), module_size(self.own.model))

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return self.own.compute.device

    @property
    def output_device(self) -> torch.device:
        """Where pictures and latents come out."""
        return intermediate_device()

    @property
    def vae_dtype(self) -> torch.dtype:
        """The network's number type."""
        return self.own.model.dtype

    @property
    def latent_channels(self) -> int:
        """Channels of a latent."""
        return self.own.latent_channels

    @property
    def latent_dim(self) -> int:
        """Dimensions of a latent."""
        return 2

    @property
    def output_channels(self) -> int:
        """Channels of a picture."""
        return self.own.model.config.in_channels

    @property
    def downscale_ratio(self) -> int:
        """Side of a picture divided by that of its latent."""
        return self.own.downscale_ratio

    upscale_ratio = downscale_ratio

    def spacial_compression_encode(self) -> int:
        """Return the side of a picture divided by that of its latent."""
        return self.own.downscale_ratio

    spacial_compression_decode = spacial_compression_encode

    def temporal_compression_decode(self) -> None:
        """Return None: it makes pictures."""

    def process_input(self, image: Tensor) -> Tensor:
        """Return levels 0 to 1 as -1 to 1."""
        return image * 2.0 - 1.0

    def process_output(self, image: Tensor) -> Tensor:
        """Return levels -1 to 1 as 0 to 1."""
        return ((image + 1.0) / 2.0).clamp(0.0, 1.0)

    def memory_used_encode(self, shape: Any, dtype: torch.dtype) -> float:
        """Return about how many bytes encoding (B, C, H, W) takes."""
        return float(ENCODE_BYTES * shape[-2] * shape[-1] * dtype.itemsize)

    def memory_used_decode(self, shape: Any, dtype: torch.dtype) -> float:
        """Return about how many bytes decoding (B, C, h, w) takes."""
        return float(DECODE_BYTES * shape[-2] * shape[-1] * self.own.downscale_ratio**2 * dtype.itemsize)

    def throw_exception_if_invalid(self) -> None:
        """Do nothing: it was looked at when it was loaded."""

    def vae_encode_crop_pixels(self, pixels: Tensor) -> Tensor:
        """Cut pictures (B, H, W, C) centrally to what the network can halve."""
        ratio = self.own.downscale_ratio
        height, width = (side - side % ratio for side in pixels.shape[1:3])
        top, left = (pixels.shape[1] - height) // 2, (pixels.shape[2] - width) // 2
        return pixels[:, top : top + height, left : left + width]

    def decode(self, samples_in: Tensor, vae_options: Any = None) -> Tensor:
        """Return pictures (B, H, W, 3) of latents (B, C, h, w)."""
        return self.own.decode(samples_in, _notice)

    def encode(self, pixel_samples: Tensor) -> Tensor:
        """Return latents of pictures (B, H, W, 3 or more)."""
        return self.own.encode(pixel_samples[..., :3], _notice)

    def decode_tiled(
        self, samples: Tensor, tile_x: int | None = None, tile_y: int | None = None, overlap: int | None = None,
        tile_t: int | None = None, overlap_t: int | None = None,
    ) -> Tensor:  # fmt: skip
        """Return pictures, tile by tile; sizes in latent cells."""
        side = tile_x or tile_y or 64
        return self.own.decode_tiled(samples, side, 16 if overlap is None else overlap, _notice)

    def encode_tiled(
        self, pixel_samples: Tensor, tile_x: int | None = None, tile_y: int | None = None, overlap: int | None = None,
        tile_t: int | None = None, overlap_t: int | None = None,
    ) -> Tensor:  # fmt: skip
        """Return latents, tile by tile; sizes in pixels."""
        side = tile_x or tile_y or 512
        return self.own.encode_tiled(pixel_samples[..., :3], side, 64 if overlap is None else overlap, _notice)

    def get_sd(self) -> dict[str, Tensor]:
        """Return the weights."""
        return dict(self.own.model.state_dict())


def _notice(message: str) -> None:
    context = executing()
    if context is not None:
        context.notice(message)


def load_checkpoint_guess_config(
    ckpt_path: str, output_vae: bool = True, output_clip: bool = True, output_clipvision: bool = False,
    embedding_directory: Any = None, output_model: bool = True, model_options: Any = None,
    te_model_options: Any = None,
) -> tuple[Any, Any, Any, Any]:  # fmt: skip
    """Load a complete model: the diffusion model, its text encoder and its autoencoder, and None for CLIP vision."""
    path = Path(ckpt_path)
    folders = [embedding_directory] if isinstance(embedding_directory, str) else embedding_directory
    context = executing()
    pool = getattr(context.runtime, "pool", None) if context is not None and folders is None else None
    if pool is not None:
        loaded = pool.checkpoint(path, _compute(), notice=_notice)
    else:
        known = host().folders.of("embeddings") if folders is None else map(Path, folders)
        loaded = load_file(path, _compute(), embeddings=tuple(known), notice=_notice)
    loaded = loaded.named(path.name)
    clip: Any = loaded.conditioner if output_clip else None
    return (
        DiffusionPatcher.of(loaded.model) if output_model else None,
        CLIP.of(clip) if hasattr(clip, "readers") else clip,
        VAE.of(loaded.first_stage) if output_vae and loaded.first_stage is not None else None,
        None,
    )


def load_checkpoint(
    config_path: str | None = None, ckpt_path: str | None = None, output_vae: bool = True, output_clip: bool = True,
    embedding_directory: Any = None, state_dict: Any = None, config: Any = None,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Load a complete model; what it is tells the file, or a YAML file beside it."""
    if ckpt_path is None:
        raise ValueError("Give load_checkpoint the path of a checkpoint: ckpt_path=...")
    loaded = load_checkpoint_guess_config(ckpt_path, output_vae, output_clip, embedding_directory=embedding_directory)
    return loaded[:3]


def load_lora_for_models(
    model: Any, clip: Any, lora: Mapping[str, Tensor], strength_model: float, strength_clip: float
) -> tuple[Any, Any]:
    """Return a model and a text encoder with a LoRA on top; either may be None."""
    own_model, own_clip = take_back(model), take_back(clip)
    if own_model is None:
        raise ValueError("load_lora_for_models needs a model; a LoRA for a text encoder alone is not supported.")
    changed, encoder, left = apply_lora(
        lora_of("the LoRA", lora), own_model, own_clip, float(strength_model), float(strength_clip)
    )
    for message in left.messages:
        _notice(message)
    return DiffusionPatcher.of(changed), None if encoder is None else CLIP.of(encoder)  # type: ignore[arg-type]
