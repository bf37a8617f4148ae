"""`comfy.model_patcher`: a model on a wire as packs know it, and modules of packs on the device."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import torch

from ....models import model_options as options_of
from ...lending import Face
from .model_base import BaseModel, view_of
from .model_management import intermediate_device, module_size
from .utils import get_attr

if TYPE_CHECKING:
    from ....models.diffusion_model import DiffusionModel

Hook = Callable[..., Any]


class ModelPatcher:
    """A module of a pack, brought to a device when it is needed."""

    def __init__(
        self, model: Any, load_device: Any, offload_device: Any, size: int = 0, weight_inplace_update: bool = False
    ) -> None:
        self.model, self.load_device, self.offload_device = model, load_device, offload_device
        self.size = size
        self.model_options: dict[str, Any] = {"transformer_options": {}}
        self.object_patches: dict[str, Any] = {}
        self.patches: dict[str, Any] = {}
        self.attachments: dict[str, Any] = {}
        self.patches_uuid = uuid.uuid4()

    def bring(self) -> None:
        """Bring the module to its device."""
        self.model.to(self.load_device)

    def detach(self, unpatch_all: bool = True) -> Any:
        """Take the module back to where it waits, and return it."""
        self.model.to(self.offload_device)
        return self.model

    def clone(self) -> Self:
        """Return another patcher of the same module."""
        made = copy.copy(self)
        made.model_options = options_of.copied(self.model_options)
        made.object_patches, made.attachments = dict(self.object_patches), dict(self.attachments)
        return made

    def is_clone(self, other: Any) -> bool:
        """Say whether another patcher has the same module."""
        return getattr(other, "model", None) is self.model

    def model_size(self) -> int:
        """Return the bytes of the weights."""
        return self.size or module_size(self.model)

    def loaded_size(self) -> int:
        """Return the bytes that are on the device."""
        return self.model_size()

    def current_loaded_device(self) -> Any:
        """Return where the module is."""
        return next((weight.device for weight in self.model.parameters()), self.offload_device)

    def model_dtype(self) -> torch.dtype | None:
        """Return the module's number type."""
        found: torch.dtype | None = self.model.get_dtype() if hasattr(self.model, "get_dtype") else None
        return found

    def model_state_dict(self, filter_prefix: str | None = None) -> dict[str, Any]:
        """Return the weights whose names start with a prefix."""
        return {key: value for key, value in self.model.state_dict().items() if key.startswith(filter_prefix or "")}

    def get_model_object(self, name: str) -> Any:
        """Return a part of the module by its dotted name, or what was put in its place."""
        return self.object_patches[name] if name in self.object_patches else get_attr(self.model, name)

    def add_object_patch(self, name: str, obj: Any) -> None:
        """Put something in the place of a part, by its dotted name."""
        self.object_patches[name] = obj

    def memory_required(self, input_shape: Any) -> float:
        """Return about how many bytes a call takes."""
        return float(self.model.memory_required(input_shape))

    def cleanup(self) -> None:
        """Do nothing: what is no longer used is freed by itself."""

    def set_attachments(self, key: str, attachment: Any) -> None:
        """Keep an object with the model."""
        self.attachments[key] = attachment

    def get_attachment(self, key: str) -> Any:
        """Return what was kept, or None."""
        return self.attachments.get(key)


class DiffusionPatcher(Face, ModelPatcher):
    """A diffusion model of ours. Whatever it does not have itself, the model of ours has, such as the setters.

    Attributes:
        own: the model.
    """

    own: DiffusionModel

    def __init__(self, own: DiffusionModel) -> None:
        self.own = own
        self.load_device, self.offload_device = own.device, intermediate_device()
        self.size = 0

    @classmethod
    def of(cls, own: DiffusionModel) -> DiffusionPatcher:
        """Lend a model."""
        return cls(own)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "own":
            raise AttributeError(name)
        return getattr(self.own, name)

    @cached_property
    def model(self) -> BaseModel:
        """The network with what is known about it."""
        return view_of(self.own)

    @property
    def model_options(self) -> dict[str, Any]:
        """The options that the model carries; packs write into them, on a clone."""
        options = self.own.model_options
        options_of.inside(options)
        return options

    @model_options.setter
    def model_options(self, options: dict[str, Any]) -> None:
        self.own.model_options.clear()
        self.own.model_options.update(options)

    @property
    def object_patches(self) -> dict[str, Any]:  # type: ignore[override]
        """What takes the place of parts."""
        return self.own.object_patches

    @property
    def patches(self) -> dict[str, Any]:  # type: ignore[override]
        """The weight patches."""
        found: dict[str, Any] = getattr(self.own, "patches", {})
        return found

    @property
    def attachments(self) -> dict[str, Any]:  # type: ignore[override]
        """What packs keep with the model."""
        return self.own.attachments

    def clone(self) -> Self:
        """Return a model to change."""
        return type(self)(self.own.clone())

    def is_clone(self, other: Any) -> bool:
        """Say whether another one has the same weights."""
        return isinstance(other, DiffusionPatcher) and other.own.network is self.own.network

    def add_object_patch(self, name: str, obj: Any) -> None:
        """Put something in the place of a part, by its dotted name."""
        self.own.add_object_patch(name, obj)
        vars(self).pop("model", None)

    def get_attachment(self, key: str) -> Any:
        """Return what was kept, or None."""
        return self.own.get_attachment(key)

    def set_attachments(self, key: str, attachment: Any) -> None:
        """Keep an object with the model."""
        self.own.set_attachments(key, attachment)

    def bring(self) -> None:
        """Do nothing: it is where it runs."""

    def detach(self, unpatch_all: bool = True) -> Any:
        """Return the model; it stays where it is."""
        return self.model

    def model_dtype(self) -> torch.dtype:
        """Return the network's number type."""
        return self.own.compute.dtype

    def model_size(self) -> int:
        """Return the bytes of the weights."""
        return module_size(self.own.network)

    def current_loaded_device(self) -> torch.device:
        """Return where the network is."""
        return self.own.device

    def memory_required(self, input_shape: Any) -> float:
        """Return about how many bytes a call of the network takes."""
        return self.model.memory_required(input_shape)


def create_model_options_clone(orig_model_options: dict[str, Any]) -> dict[str, Any]:
    """Return options to change."""
    made: dict[str, Any] = options_of.copied(orig_model_options)
    return made


def set_model_options_patch_replace(
    model_options: dict[str, Any], patch: Hook, name: str, block_name: str, number: int,
    transformer_index: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return options under which an attention is replaced."""
    made = create_model_options_clone(model_options)
    options_of.set_replacement(made, patch, name, block_name, number, transformer_index)
    return made


def set_model_options_post_cfg_function(
    model_options: dict[str, Any], post_cfg_function: Hook, disable_cfg1_optimization: bool = False
) -> dict[str, Any]:
    """Return options under which the guided prediction is changed too."""
    made = create_model_options_clone(model_options)
    options_of.append(made, "sampler_post_cfg_function", post_cfg_function, disable_cfg1_optimization)
    return made


def set_model_options_pre_cfg_function(
    model_options: dict[str, Any], pre_cfg_function: Hook, disable_cfg1_optimization: bool = False
) -> dict[str, Any]:
    """Return options under which predictions are changed before guidance too."""
    made = create_model_options_clone(model_options)
    options_of.append(made, "sampler_pre_cfg_function", pre_cfg_function, disable_cfg1_optimization)
    return made


def string_to_seed(data: str) -> int:
    """Return the CRC-32 of a text."""
    import zlib

    return zlib.crc32(data.encode("utf-8"))
