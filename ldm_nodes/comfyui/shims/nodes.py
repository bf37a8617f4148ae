"""`nodes`: our node functions as the classes that packs call, subclass and search.

A class is made when a pack first asks for it. Its method has the name, and its parameters the order, that packs know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from functools import cache
from typing import Any

from ...engine.context import Context
from ...engine.registry import node_info
from ...engine.sockets import Scan
from ...engine.spec import NodeOutput, NodeSpec
from ..executing import executing
from ..foreign import class_of, foreign_spec
from ..lending import lend, take_back
from .host import host

MAX_RESOLUTION = 16384
METHODS = {
    "CLIPTextEncode": "encode clip text",
    "CLIPSetLastLayer": "set_last_layer clip stop_at_clip_layer",
    "CLIPLoader": "load_clip",
    "DualCLIPLoader": "load_clip",
    "CLIPVisionLoader": "load_clip",
    "CLIPVisionEncode": "encode",
    "CheckpointLoader": "load_checkpoint",
    "CheckpointLoaderSimple": "load_checkpoint",
    "ConditioningAverage": "addWeighted",
    "ConditioningCombine": "combine",
    "ConditioningConcat": "concat",
    "ConditioningSetArea": "append",
    "ConditioningSetAreaPercentage": "append",
    "ConditioningSetAreaStrength": "append",
    "ConditioningSetMask": "append conditioning mask set_cond_area strength",
    "ConditioningSetTimestepRange": "set_range",
    "ConditioningZeroOut": "zero_out",
    "ControlNetApply": "apply_controlnet",
    "ControlNetApplyAdvanced": "apply_controlnet positive negative control_net image strength start_percent end_percent"
    " vae extra_concat",
    "ControlNetLoader": "load_controlnet",
    "DiffControlNetLoader": "load_controlnet",
    "DiffusersLoader": "load_checkpoint",
    "EmptyImage": "generate",
    "EmptyLatentImage": "generate",
    "GLIGENLoader": "load_gligen",
    "GLIGENTextBoxApply": "append",
    "ImageBatch": "batch",
    "ImageInvert": "invert",
    "ImagePadForOutpaint": "expand_image",
    "ImageScale": "upscale",
    "ImageScaleBy": "upscale",
    "InpaintModelConditioning": "encode positive negative pixels vae mask noise_mask",
    "KSampler": "sample",
    "KSamplerAdvanced": "sample",
    "LatentBlend": "blend",
    "LatentComposite": "composite",
    "LatentCrop": "crop",
    "LatentFlip": "flip",
    "LatentFromBatch": "frombatch",
    "LatentRotate": "rotate",
    "LatentUpscale": "upscale",
    "LatentUpscaleBy": "upscale",
    "LoadImage": "load_image",
    "LoadImageMask": "load_image",
    "LoadLatent": "load",
    "LoraLoader": "load_lora",
    "LoraLoaderModelOnly": "load_lora_model_only",
    "PreviewImage": "save_images",
    "RepeatLatentBatch": "repeat",
    "SaveImage": "save_images",
    "SaveLatent": "save",
    "SetLatentNoiseMask": "set_mask",
    "StyleModelApply": "apply_stylemodel",
    "StyleModelLoader": "load_style_model",
    "UNETLoader": "load_unet",
    "VAEDecode": "decode vae samples",
    "VAEDecodeTiled": "decode vae samples tile_size overlap temporal_size temporal_overlap",
    "VAEEncode": "encode vae pixels",
    "VAEEncodeForInpaint": "encode vae pixels mask grow_mask_by",
    "VAEEncodeTiled": "encode vae pixels tile_size overlap temporal_size temporal_overlap",
    "VAELoader": "load_vae",
    "unCLIPCheckpointLoader": "load_checkpoint",
    "unCLIPConditioning": "apply_adm",
    # of comfy_extras
    "AlignYourStepsScheduler": "get_sigmas",
    "BasicGuider": "get_guider",
    "BasicScheduler": "get_sigmas",
    "CFGGuider": "get_guider",
    "CLIPTextEncodeSDXL": "encode clip width height crop_w crop_h target_width target_height text_g text_l",
    "CLIPTextEncodeSDXLRefiner": "encode clip ascore width height text",
    "DisableNoise": "get_noise",
    "DualCFGGuider": "get_guider",
    "ExponentialScheduler": "get_sigmas",
    "GITSScheduler": "get_sigmas",
    "ImageUpscaleWithModel": "upscale",
    "KSamplerSelect": "get_sampler",
    "KarrasScheduler": "get_sigmas",
    "LatentBatch": "batch",
    "ModelSamplingContinuousEDM": "patch",
    "ModelSamplingDiscrete": "patch",
    "PolyexponentialScheduler": "get_sigmas",
    "RandomNoise": "get_noise",
    "RescaleCFG": "patch",
    "SDTurboScheduler": "get_sigmas",
    "SamplerCustom": "sample",
    "SamplerCustomAdvanced": "sample",
    "SplitSigmas": "get_sigmas",
    "UpscaleModelLoader": "load_model",
    "VPScheduler": "get_sigmas",
}
"""Class to its method, and where they differ from the inputs' the method's parameters in their order."""
IGNORED = frozenset({"prompt", "extra_pnginfo", "unique_id"})
"""What packs hand to `save_images`; our nodes know it from the run."""


class CoreNode:
    """A node of ours as a class."""

    NAME = ""

    @classmethod
    def spec(cls) -> NodeSpec:
        """Return what the class stands for."""
        return host().registry[cls.NAME]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name
        """Return the inputs as ComfyUI writes them."""
        sections = node_info(cls.spec(), Scan(host().folders))["input"]
        return {name: {key: tuple(entry) for key, entry in section.items()} for name, section in sections.items()}

    def __init__(self) -> None:
        self.output_dir = str(host().folders.output)
        self.type, self.prefix_append, self.compress_level = "output", "", 4


def core_class(name: str) -> type:
    """Return the class that stands for a node of ours.

    Raises:
        KeyError: when there is no such node.
    """
    return _core_class(host().registry[name])


def core_classes(*names: str) -> Callable[[str], type]:
    """Return a `__getattr__` for a module of `comfy_extras`: it finds the classes of these nodes of ours."""

    def find(name: str) -> type:
        if name in names and name in host().registry:
            return core_class(name)
        raise AttributeError(f"comfy_extras has no {name!r} here")

    return find


@cache
def _made(name: str, module: str, outputs: tuple[tuple[Any, str, bool], ...], output_node: bool, category: str) -> type:
    method, *parameters = METHODS.get(name, "execute").split()
    shared = {
        "NAME": name,
        "FUNCTION": method,
        "CATEGORY": category,
        "OUTPUT_NODE": output_node,
        "RETURN_TYPES": tuple(kind for kind, _, _ in outputs),
        "RETURN_NAMES": tuple(title for _, title, _ in outputs),
        "OUTPUT_IS_LIST": tuple(is_list for _, _, is_list in outputs),
        "RELATIVE_PYTHON_MODULE": module,
        "__module__": "nodes",
        "__doc__": f"The node {name}.",
        method: _method(method, tuple(parameters)),
    }
    extra = {"execute": shared[method]} if method != "execute" else {}
    return type(name, (CoreNode,), {**shared, **extra})


def _core_class(spec: NodeSpec) -> type:
    scan = Scan(host().folders)
    outputs = tuple((one.io_type(scan), one.name, one.is_list) for one in spec.outputs)
    return _made(spec.name, spec.module, outputs, spec.output_node, spec.category)


def _method(name: str, parameters: tuple[str, ...]) -> Callable[..., Any]:
    def call(self: CoreNode, *given: Any, **named: Any) -> Any:
        spec = type(self).spec()
        order = parameters or tuple(spec.inputs)
        return run_core(spec, {**dict(zip(order, given, strict=False)), **named})

    call.__name__ = name
    return call


def run_core(spec: NodeSpec, given: dict[str, Any]) -> Any:
    """Run a node of ours with values of a pack; return what ComfyUI's method would."""
    inputs = {key: take_back(value) for key, value in given.items() if key in spec.inputs or key not in IGNORED}
    if spec.context_parameter is not None:
        inputs[spec.context_parameter] = executing() or Context(None)
    returned = spec.function(**inputs)
    if not isinstance(returned, NodeOutput):
        return _values(spec, returned)
    found: dict[str, Any] = {"ui": dict(returned.ui)} if returned.ui else {}
    if returned.expand is not None:
        found["expand"] = returned.expand
    values = _values(spec, returned.result)
    return {**found, "result": values} if found else values


def _values(spec: NodeSpec, returned: Any) -> tuple[Any, ...]:
    values = returned if isinstance(returned, tuple) and len(spec.outputs) != 1 else (returned,)
    return tuple(lend(value) for value in values) if spec.outputs else ()


class NodeClasses(MutableMapping[str, Any]):
    """All nodes that there are, by name, as classes: of packs those that they wrote, of ours those made here."""

    def __getitem__(self, name: str) -> Any:
        spec = host().registry[name]
        return class_of(spec) or _core_class(spec)

    def __setitem__(self, name: str, cls: Any) -> None:
        host().registry.register(foreign_spec(name, cls, title=NODE_DISPLAY_NAME_MAPPINGS.get(name, "")))

    def __delitem__(self, name: str) -> None:
        raise TypeError(f"A pack cannot take the node {name} away from others.")

    def __iter__(self) -> Iterator[str]:
        return iter(host().registry)

    def __len__(self) -> int:
        return len(host().registry)

    def __contains__(self, name: object) -> bool:
        return name in host().registry


class NodeTitles(MutableMapping[str, str]):
    """What editors call the nodes; packs may add names before the nodes."""

    def __init__(self) -> None:
        self._added: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        return self._added.get(name) or host().registry[name].display_name

    def __setitem__(self, name: str, title: str) -> None:
        self._added[name] = title

    def __delitem__(self, name: str) -> None:
        del self._added[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(host().registry), **self._added})

    def __len__(self) -> int:
        return len({*host().registry, *self._added})


NODE_CLASS_MAPPINGS = NodeClasses()
NODE_DISPLAY_NAME_MAPPINGS = NodeTitles()
EXTENSION_WEB_DIRS: dict[str, str] = {}
LOADED_MODULE_DIRS: dict[str, str] = {}


def __getattr__(name: str) -> Any:
    """Return the class of a node of ours."""
    if name in host().registry and class_of(host().registry[name]) is None:
        return core_class(name)
    raise AttributeError(f"module 'nodes' has no attribute {name!r}")


def interrupt_processing(value: bool = True) -> None:
    """Stop the run that the asking code belongs to."""
    from .comfy.model_management import interrupt_current_processing

    interrupt_current_processing(value)


def before_node_execution() -> None:
    """Stop here if somebody asked the run to stop."""
    context = executing()
    if context is not None:
        context.check_cancelled()


def common_ksampler(
    model: Any, seed: int, steps: int, cfg: float, sampler_name: str, scheduler: str, positive: Any, negative: Any,
    latent: dict[str, Any], denoise: float = 1.0, disable_noise: bool = False, start_step: int | None = None,
    last_step: int | None = None, force_full_denoise: bool = False,
) -> tuple[dict[str, Any]]:  # fmt: skip
    """Sample as the node KSampler does; return a tuple with the latent."""
    from .comfy.sample import fix_empty_latent_channels, prepare_noise, sample
    from .latent_preview import prepare_callback

    start = fix_empty_latent_channels(model, latent["samples"])
    noise = start.new_zeros(start.shape) if disable_noise else prepare_noise(start, seed, latent.get("batch_index"))
    samples = sample(
        model, noise, steps, cfg, sampler_name, scheduler, positive, negative, start, denoise=denoise,
        disable_noise=disable_noise, start_step=start_step, last_step=last_step, force_full_denoise=force_full_denoise,
        noise_mask=latent.get("noise_mask"), callback=prepare_callback(model, steps), seed=seed,
    )  # fmt: skip
    return ({**latent, "samples": samples},)


__all__ = ["MAX_RESOLUTION", "NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS", "common_ksampler"]
