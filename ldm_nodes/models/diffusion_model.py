"""A loaded diffusion model as samplers and the MODEL wire see it; implements `sampling.denoiser.DiffusionModel`.

The network runs in its own number type and answers in float32. Keys and values of a context are computed once and
kept for the steps that follow with the same context.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor

from ..sampling.model_sampling import ModelSampling
from ..sampling.run import SamplerOptions
from .base_model import BaseModel
from .conditions import network_conditions
from .errors import ModelError
from .hooks import NO_HOOKS, Hooks
from .kinds import ModelKind
from .model_options import copied
from .pack_patches import Key, pack_patches, written_forms
from .part_kinds import model_kind
from .parts import with_parts
from .patchable import Patchable
from .patching import Patch, Patched, parameter_shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..sampling.denoiser import Conditions, Prediction
    from ..sampling.noise_schedule import NoiseSchedule
    from .attention import ContextProjection
    from .devices import Compute
    from .first_stage import FirstStage
    from .model_config import ModelConfig
    from .model_options import Hook, Options
    from .quantize import VectorQuantizer
    from .wrapper import DiffusionWrapper

_KEPT = 8  # contexts whose keys and values are kept: prompts, areas, timestep ranges of one run


@dataclass(eq=False)
class Projections:
    """The keys and values of the contexts seen last, found by the identity of the context tensor."""

    kept: OrderedDict[int, tuple[Tensor, int, ContextProjection]] = field(default_factory=OrderedDict)

    def of(self, network: DiffusionWrapper, context: Tensor) -> ContextProjection:
        """Return the projection of `context` (B, T, D), computed at its first use."""
        found = self.kept.pop(id(context), None)
        if found is None or found[1] != _version(context):  # changed in place since
            found = (context, _version(context), network.diffusion_model.project_context(context))
        self.kept[id(context)] = found
        if len(self.kept) > _KEPT:
            self.kept.popitem(last=False)
        return found[2]


@dataclass(frozen=True, eq=False)
class DiffusionModel(Patchable):
    """The value on the MODEL wire. Changing an option makes a copy that shares the weights.

    Nodes and community packs change a `clone()` by the setters of `Patchable`; a value on a wire never changes.

    Attributes:
        network: the denoising network in its wrapper, as it was loaded.
        config: the family and what it implies.
        noise_schedule: the schedule that the network was trained with; `model_sampling` is what it is sampled with.
        compute: where and in which type the network runs.
        codebook: of a VQ first stage, for samplers that quantise.
        sampler_options: what nodes changed about the sampler.
        file: the name of its file, as the graph has it.
        first_stage: the autoencoder of the same file, for looks at unfinished latents.
        model_options: what patches do in guidance and in the network; see `model_options.py`.
        object_patches: what takes the place of parts of the model, by their names.
        callbacks: what packs want called, by event and key.
        attachments: what packs keep with the model.
        patched: the network with what nodes changed in its weights, or None where nothing is changed.
    """

    network: DiffusionWrapper
    config: ModelConfig
    noise_schedule: NoiseSchedule
    compute: Compute
    codebook: VectorQuantizer | None = None
    sampler_options: SamplerOptions = field(default_factory=SamplerOptions)
    file: str = ""
    first_stage: FirstStage | None = None
    model_options: Options = field(default_factory=dict)
    object_patches: dict[str, Any] = field(default_factory=dict)
    callbacks: dict[str, dict[str | None, list[Hook]]] = field(default_factory=dict)
    attachments: dict[str, Any] = field(default_factory=dict)
    patched: Patched[DiffusionWrapper] | None = None
    _projections: Projections = field(default_factory=Projections, repr=False)

    def clone(self) -> Self:
        """Return a model to change: it shares the weights, and has options and patches of its own."""
        made = replace(
            self,
            model_options=copied(self.model_options),
            object_patches=dict(self.object_patches),
            callbacks=copied(self.callbacks),
            attachments={key: _cloned(attachment) for key, attachment in self.attachments.items()},
            _projections=Projections(),  # its network may become another one
        )
        self.call_back("on_clone", self, made)
        return made

    @property
    def kind(self) -> ModelKind:
        """What must fit it."""
        return model_kind(self.config, self.file)

    @property
    def family(self) -> str:
        """The name of the family, such as "sd1" or "sdxl-refiner"."""
        return self.config.family

    @property
    def prediction(self) -> Prediction:
        """What the network outputs."""
        return self.config.prediction

    @property
    def model_sampling(self) -> ModelSampling:
        """How the network's input and output relate to sigma space: that of its training, or an object patch."""
        replaced: ModelSampling | None = self.object_patches.get("model_sampling")
        return ModelSampling(self.noise_schedule, self.prediction) if replaced is None else replaced

    @property
    def model(self) -> BaseModel:
        """What patches see of it: ComfyUI's BaseModel."""
        return BaseModel(self)

    @property
    def scale_factor(self) -> float:
        """Multiplier from the autoencoder's latents to the network's."""
        return self.config.scale_factor

    @property
    def latent_channels(self) -> int:
        """Channels of the latents that are sampled."""
        return self.config.unet.out_channels

    @property
    def context_dim(self) -> int | None:
        """Width of the context, or None if the network takes none."""
        return self.config.unet.context_dim

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return self.compute.device

    @property
    def running(self) -> DiffusionWrapper:
        """The network that is sampled with: with all patches."""
        network = self.network if self.patched is None else self.patched.network
        parts = {name: part for name, part in self.object_patches.items() if name.startswith("diffusion_model")}
        return with_parts(network, parts) if parts else network

    @property
    def patches(self) -> dict[str, list[tuple[Any, ...]]]:
        """The weight patches as packs read them, by the names of the weights."""
        return written_forms(self.patched.patches) if self.patched else {}

    def add_patches(
        self, patches: Mapping[Any, Any], strength_patch: float = 1.0, strength_model: float = 1.0
    ) -> list[Key]:
        """Change weights: weight · strength_model + strength_patch · patch; return the keys that the network has.

        For packs, which change a clone in place; nodes of ours use `with_patches`. Forms of patches: `pack_patches.py`.
        """
        made, keys = pack_patches(patches, parameter_shapes(self.network), strength_patch, strength_model)
        changed = self.with_patches(made)
        object.__setattr__(self, "patched", changed.patched)
        object.__setattr__(self, "_projections", Projections())
        return keys

    def get_key_patches(self, filter_prefix: str | None = None) -> dict[str, list[tuple[Any, ...]]]:
        """Return weights with their patches, for merging: `add_patches` of another model takes them."""
        patches = self.patches
        state = self.model_state_dict(filter_prefix)
        return {name: [(weight, _as_it_is), *patches.get(name, ())] for name, weight in state.items()}

    def model_state_dict(self, filter_prefix: str | None = None) -> dict[str, Tensor]:
        """Return the unpatched weights whose names begin so."""
        state: dict[str, Tensor] = self.network.state_dict()
        return {name: weight for name, weight in state.items() if name.startswith(filter_prefix or "")}

    def get_model_object(self, name: str) -> Any:
        """Return a part of the model by its dotted name, or the object patch in its place.

        Raises:
            ModelError: there is none of this name.
        """
        return self.object_patches[name] if name in self.object_patches else self.model.part(name)

    def with_patches(self, patches: Iterable[Patch]) -> Self:
        """Return a copy with more changes of weights, which are made when it is first sampled with.

        Args:
            patches: what to change, by the parameter's name inside `network`.
        """
        patched = (self.patched or Patched(self.network)).with_patches(patches)
        return replace(self, patched=patched if patched.patches else None, _projections=Projections())

    @torch.no_grad()
    def predict(
        self, x: Tensor, t: Tensor, conditions: Conditions, options: Mapping[str, Any] | None = None, /
    ) -> Tensor:
        """Run the network on variance-preserving latents.

        Args:
            x: (B, C, h, w) float32.
            t: (B,) timesteps, 0 to 999, fractions allowed.
            conditions: what `conditions` returned, batched.
            options: what patches do and are told inside the network (`hooks.py`), and `control`; None for neither.

        Returns:
            The network's output (B, C, h, w), float32.
        """
        context, concat, y = (conditions.get(name) for name in ("context", "concat", "y"))
        key = self.config.conditioning_key
        hooks = Hooks(options) if options else NO_HOOKS
        projection = None
        attended: tuple[Tensor, ...] = ()
        if context is not None and key not in (None, "concat", "adm"):
            if hooks.in_transformers:  # patches see the context before it is projected
                attended = (context,)
            else:
                projection = self._projections.of(self.running, context)
        out: Tensor = self.running(
            x,
            t,
            c_concat=() if concat is None else (concat,),
            c_crossattn=(y,) if key == "adm" and y is not None else attended,
            c_adm=y,
            projection=projection,
            hooks=hooks,
        )
        return out.float()

    def conditions(
        self, context: Tensor, options: Mapping[str, Any], latent_shape: torch.Size, negative: bool
    ) -> dict[str, Tensor]:
        """Return the network inputs of one conditioning entry; see `conditions.py`.

        Raises:
            ModelError: when the context is of another family, or something that the family needs is missing.
        """
        made = network_conditions(self.config, context, options, latent_shape, negative)
        return {name: value.to(self.device) for name, value in made.items()}

    def with_options(
        self,
        *,
        eta: float | None = None,
        temperature: float | None = None,
        noise_dropout: float | None = None,
        quantize_denoised: bool = False,
    ) -> Self:
        """Return a copy with other sampler options.

        Args:
            eta: how stochastic the sampler is; None leaves its default.
            temperature: multiplier of the noise of every step.
            noise_dropout: the share of that noise to drop.
            quantize_denoised: snap each predicted clean latent to the codebook. As in the original, this happens at the
                network's scale, without undoing the scale factor.

        Raises:
            ModelError: when quantising is asked of a model without a codebook.
        """
        if quantize_denoised and self.codebook is None:
            raise ModelError(
                f"quantize_denoised needs a model with a codebook (a VQ autoencoder); {self.family} has none."
            )
        options = SamplerOptions(
            eta=eta,
            temperature=temperature,
            noise_dropout=noise_dropout,
            quantize=self._quantize if quantize_denoised else None,
        )
        return replace(self, sampler_options=options)

    def _quantize(self, x0: Tensor) -> Tensor:
        assert self.codebook is not None  # with_options has checked it
        with torch.no_grad():
            quantized: Tensor = self.codebook(x0).latent
        return quantized


def _as_it_is(weight: Tensor) -> Tensor:
    return weight


def _cloned(attachment: Any) -> Any:
    clone = getattr(attachment, "on_model_patcher_clone", None)
    return attachment if clone is None else clone()


def _version(tensor: Tensor) -> int:
    """Return how often a tensor was changed in place; inference tensors do not count and are taken as constant."""
    return 0 if tensor.is_inference() else tensor._version
