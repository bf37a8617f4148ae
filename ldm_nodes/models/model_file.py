"""Models as files: the tensors of parts under the names of published checkpoints, patches computed into them.

Weights keep the number type that they are computed with, so that what is saved and loaded again computes the same.
"""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import TYPE_CHECKING

import torch

from .families import CONDITIONER, FIRST_STAGE, SDXL_CONDITIONER, UNET
from .key_maps import rename, text_key_map
from .text_encoder import TextEncoder

if TYPE_CHECKING:
    from torch import Tensor, nn

    from .class_encoder import ClassEncoder, TokenTextEncoder
    from .diffusion_model import DiffusionModel
    from .first_stage import FirstStage
    from .text_reader import TextReader

    Tensors = dict[str, Tensor]

PREDICTIONS = {"eps": "epsilon", "v": "v"}
ARCHITECTURE = {
    "sdxl": "stable-diffusion-xl-v1-base",
    "sdxl-edit": "stable-diffusion-xl-v1-edit",
    "sdxl-refiner": "stable-diffusion-xl-v1-refiner",
}
"""Names of the model specification (modelspec) for families."""
LAST = "transformer.resblocks."


def model_tensors(model: DiffusionModel) -> Tensors:
    """Return the denoising network, and marks of what cannot be read off its weights."""
    tensors = _under(UNET, _dense(model.running.diffusion_model))
    if model.prediction == "v":
        tensors["v_pred"] = torch.zeros(0)
    if model.config.zero_terminal_snr:
        tensors["ztsnr"] = torch.zeros(0)
    elif not torch.equal(model.noise_schedule.betas, model.config.betas.schedule().betas):
        tensors["betas"] = model.noise_schedule.betas
    if model.config.scale_by_std:
        tensors["scale_factor"] = torch.tensor(model.scale_factor)
    return tensors


def encoder_tensors(encoder: TextEncoder | ClassEncoder | TokenTextEncoder) -> Tensors:
    """Return the encoder of conditionings as it lies in a complete checkpoint."""
    if not isinstance(encoder, TextEncoder):
        return _under(CONDITIONER, _dense(encoder.embedder))
    names = [reader.name for reader in encoder.readers]
    if names in (["l"], ["h"]):
        return _under(
            f"{CONDITIONER}{'transformer' if names == ['l'] else 'model'}.", tower_tensors(encoder.readers[0])
        )
    made: Tensors = {}
    for number, reader in enumerate(encoder.readers):
        inner = "transformer" if reader.name == "l" else "model"
        made |= _under(f"{SDXL_CONDITIONER}{number}.{inner}.", tower_tensors(reader))
    return made


def tower_tensors(reader: TextReader) -> Tensors:
    """Return a text tower in the layout that its family's checkpoints have: open_clip's for all but CLIP-L."""
    state = _dense(reader.running)
    if reader.name == "l" or reader.tower.config.layout == "openclip":
        return state
    return _open_clip(reader, state)


def _open_clip(reader: TextReader, state: Tensors) -> Tensors:
    """Bring a tower in Hugging Face's layout into open_clip's, with what that has besides."""
    config = reader.tower.config
    made = rename(state, text_key_map(replace(config, layout="openclip")))
    width = config.hidden_size
    made.setdefault("text_projection", torch.eye(width, dtype=made["ln_final.weight"].dtype))
    made.setdefault("logit_scale", torch.tensor(log(1 / 0.07)))
    if reader.name == "h" and reader.layer is None:  # diffusers leaves the last block out, which is not used
        last = f"{LAST}{config.layers - 1}."
        made |= {
            name.replace(last, f"{LAST}{config.layers}."): tensor.clone()
            for name, tensor in made.items()
            if name.startswith(last)
        }
    return made


def first_stage_tensors(first_stage: FirstStage) -> Tensors:
    """Return an autoencoder as it lies in a file of its own."""
    return _dense(first_stage.model)


def checkpoint_tensors(
    model: DiffusionModel,
    encoder: TextEncoder | ClassEncoder | TokenTextEncoder | None,
    first_stage: FirstStage | None,
) -> Tensors:
    """Return a complete model; parts that are not there are left out."""
    tensors = model_tensors(model)
    if encoder is not None:
        tensors |= encoder_tensors(encoder)
    if first_stage is not None:
        tensors |= _under(FIRST_STAGE, first_stage_tensors(first_stage))
    return tensors


def model_texts(model: DiffusionModel, title: str) -> dict[str, str]:
    """Return what a header says of a model by the words of the model specification.

    Args:
        model: the model.
        title: a name for it.
    """
    texts = {}
    if architecture := ARCHITECTURE.get(model.family):
        texts = {
            "modelspec.sai_model_spec": "1.0.0",
            "modelspec.implementation": "sgm",
            "modelspec.architecture": architecture,
            "modelspec.title": title,
        }
    return (
        texts | {"modelspec.predict_key": PREDICTIONS[model.prediction]} if model.prediction in PREDICTIONS else texts
    )


def _dense(network: nn.Module) -> Tensors:
    """Return the weights on the processor, those of packed layers as they are unpacked, none of them shared."""
    return {name: tensor.detach().to("cpu").contiguous() for name, tensor in network.state_dict().items()}


def _under(prefix: str, tensors: Tensors) -> Tensors:
    return {prefix + name: tensor for name, tensor in tensors.items()}
