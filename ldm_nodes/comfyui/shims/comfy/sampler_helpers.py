"""`comfy.sampler_helpers`: conditionings on their way into samplers."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor

from .utils import reshape_mask

Cond = list[dict[str, Any]]


def convert_cond(cond: Sequence[Sequence[Any]]) -> Cond:
    """Return a conditioning as a list of dicts, the context under `cross_attn`."""
    return [{**entry[1], "cross_attn": entry[0], "model_conds": {}, "uuid": uuid.uuid4()} for entry in cond]


def prepare_mask(noise_mask: Tensor, shape: Sequence[int], device: Any) -> Tensor:
    """Return a noise mask in the shape of a latent."""
    return reshape_mask(noise_mask, shape).to(device)


def get_models_from_cond(cond: Iterable[Mapping[str, Any]], model_type: str) -> list[Any]:
    """Return what conditionings carry under a key, such as `control`."""
    return [entry[model_type] for entry in cond if model_type in entry]


def get_additional_models(conds: Mapping[str, Cond], dtype: Any) -> tuple[list[Any], int]:
    """Return the models that conditionings bring along, and the memory that they take: they are loaded already."""
    return [], 0


def cleanup_additional_models(models: Iterable[Any]) -> None:
    """Let models of packs let go of what they kept for a run."""
    for model in models:
        if hasattr(model, "cleanup"):
            model.cleanup()


def cleanup_models(conds: Mapping[str, Cond], models: Iterable[Any]) -> None:
    """Let models of packs let go of what they kept for a run."""
    cleanup_additional_models(models)


def prepare_sampling(
    model: Any, noise_shape: Sequence[int], conds: Mapping[str, Cond], model_options: Any = None, **kwargs: Any
) -> tuple[Any, Mapping[str, Cond], list[Any]]:
    """Return the network, the conditionings, and further models."""
    return model.model, conds, []
