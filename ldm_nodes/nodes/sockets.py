"""The kinds of wire between nodes, named as ComfyUI names them.

Type checkers see the real classes; at run time each name carries only its wire type, so that declaring nodes loads no
torch. The forms of the values are those of ComfyUI, so that community nodes can read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from ..engine.sockets import Socket
from . import admission

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from torch import Tensor

    from ..models.class_encoder import ClassEncoder, TokenTextEncoder
    from ..models.clip_vision import ClipVision
    from ..models.clip_vision import VisionOutput as ClipVisionOutput
    from ..models.control import Control as ControlNet
    from ..models.diffusion_model import DiffusionModel as Model
    from ..models.first_stage import FirstStage
    from ..models.text_encoder import TextEncoder
    from ..models.upscaler import Upscaler as UpscaleModel
    from ..sampling.guiders import CFGGuider as Guider
    from ..sampling.guiders import Sampler
    from ..sampling.noise_values import NoNoise, RandomNoise

    Clip = TextEncoder | ClassEncoder | TokenTextEncoder | None
    Vae = FirstStage | None
    Image = Tensor
    Mask = Tensor
    Latent = dict[str, Any]
    Cond = list[list[Any]]
    Sigmas = Tensor
    Noise = RandomNoise | NoNoise
    Operation = Callable[..., Tensor]
    Number = int | float | bool
    Anything = Any
    Loop = Any
    Pictures = Mapping[str, Any]
    Training = Path
else:
    Model = Annotated[Any, Socket("MODEL")]
    Clip = Annotated[Any, Socket("CLIP")]
    """What encodes the conditioning; None from a checkpoint that has nothing of the kind."""
    Vae = Annotated[Any, Socket("VAE")]
    """The autoencoder; None from a checkpoint that has none."""
    Cond = Annotated[Any, Socket("CONDITIONING")]
    """A list of `[context (B, T, D), options]`; options as in ComfyUI (`pooled_output`, `area`, `mask`, …)."""
    Latent = Annotated[Any, Socket("LATENT", admit=admission.latent)]
    """`samples` (B, C, h, w) as the autoencoder gives them, unscaled; `noise_mask` and `batch_index` where set."""
    Image = Annotated[Any, Socket("IMAGE", admit=admission.picture)]
    """float32 (B, H, W, 3), 0…1, on the CPU."""
    Mask = Annotated[Any, Socket("MASK", admit=admission.mask)]
    """float32 (B, H, W), 1 = selected."""
    ControlNet = Annotated[Any, Socket("CONTROL_NET")]
    """A network that steers a sampling by a picture."""
    Sigmas = Annotated[Any, Socket("SIGMAS")]
    """float32 (S + 1,), on the CPU: the noise levels of S steps, descending, normally ending in 0."""
    Sampler = Annotated[Any, Socket("SAMPLER")]
    """What takes the steps: has `sample(model_wrap, sigmas, extra_args, callback, noise, …)`."""
    Guider = Annotated[Any, Socket("GUIDER")]
    """How prompts make one prediction: has `sample(noise, latent_image, sampler, sigmas, …)`."""
    Noise = Annotated[Any, Socket("NOISE")]
    """Start noise: has `seed` and `generate_noise(latent)`."""
    ClipVision = Annotated[Any, Socket("CLIP_VISION")]
    """A network that sees what is in pictures."""
    ClipVisionOutput = Annotated[Any, Socket("CLIP_VISION_OUTPUT")]
    """What it saw: `image_embeds`, `last_hidden_state`, `penultimate_hidden_states`."""
    Operation = Annotated[Any, Socket("LATENT_OPERATION")]
    """What can be done to the samples of a latent: called with `latent=` (B, C, h, w), returns the like."""
    Number = Annotated[Any, Socket("INT,FLOAT,BOOLEAN")]
    """A number of any kind."""
    Anything = Annotated[Any, Socket("*")]
    """A value of any kind."""
    Loop = Annotated[Any, Socket("LOOP")]
    """Joins the end of a loop to its start; no value goes along it."""
    Pictures = Annotated[Any, Socket("PICTURES")]
    """What to train on: the section `data.params.train` of a training configuration."""
    UpscaleModel = Annotated[Any, Socket("UPSCALE_MODEL")]
    """A network that enlarges pictures."""
    Training = Annotated[Any, Socket("TRAINING")]
    """The folder of a training run."""

__all__ = [
    "Anything", "Clip", "ClipVision", "ClipVisionOutput", "Cond", "ControlNet", "Guider", "Image", "Latent", "Loop",
    "Mask", "Model", "Noise", "Number", "Operation", "Pictures", "Sampler", "Sigmas", "Training", "UpscaleModel", "Vae",
]  # fmt: skip
