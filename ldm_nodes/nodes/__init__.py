"""The node library: thin functions over `models`, `sampling` and `imaging`; no mathematics lives here.

Start with `sampling.py`. A node is a typed function under `@node`; it can be called without a graph. The rule of this
folder: no module imports torch at its top, so that listing the catalogue costs nothing.
"""

from __future__ import annotations

from ..engine.registry import Registry
from . import (
    animations,
    autoencoder,
    compositing,
    conditioning,
    conditioning_properties,
    control,
    custom_sampling,
    effects,
    framing,
    guiders,
    hypernetworks,
    image_batches,
    images,
    latent_batches,
    latent_mixing,
    latent_operations,
    latents,
    loaders,
    logic,
    loops,
    lora,
    masks,
    merging,
    model_patches,
    model_sampling,
    model_saving,
    part_loaders,
    primitives,
    regexes,
    resizing,
    samplers,
    sampling,
    saving,
    schedulers,
    sdxl,
    showing,
    strings,
    text,
    training,
    training_data,
    training_results,
    upscaling,
    vision,
    watermark,
)

FAMILIES = (
    loaders, part_loaders, text, sdxl, conditioning, conditioning_properties, latents, latent_batches, latent_mixing,
    latent_operations, autoencoder, sampling, custom_sampling, samplers, schedulers, guiders, images, image_batches,
    resizing, framing, effects, compositing, masks, saving, animations, watermark, training_data, training,
    training_results, upscaling, merging, model_saving, lora, control, model_patches, model_sampling, vision,
    hypernetworks, primitives, strings, regexes, logic, loops, showing,
)  # fmt: skip
"""Every node family; a node is catalogued by standing in one of these modules."""


def builtin_registry() -> Registry:
    """Return a registry of every node that this package ships."""
    registry = Registry()
    for family in FAMILIES:
        registry.register_module(family)
    return registry
