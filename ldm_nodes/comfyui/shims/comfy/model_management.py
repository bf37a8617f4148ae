"""`comfy.model_management`: devices and memory. Models here stay where they were loaded, so most of it says so."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

import torch
from torch import Tensor

from ....engine.errors import Cancelled
from ....models.devices import Compute, has_native_bf16, memory, pick_compute
from ....nodes.machine import memory_limit
from ...executing import executing
from ..host import host

InterruptProcessingException = Cancelled
OOM_EXCEPTION = torch.OutOfMemoryError
XFORMERS_IS_AVAILABLE = False
DISABLE_SMART_MEMORY = False
directml_enabled = False
lowvram_available = True
current_loaded_models: list[Any] = []
torch_version = torch.__version__
total_ram = memory_limit() / 2**20
total_vram = total_ram


class VRAMState(Enum):
    """How much memory an accelerator has."""

    DISABLED = 0
    NO_VRAM = 1
    LOW_VRAM = 2
    NORMAL_VRAM = 3
    HIGH_VRAM = 4
    SHARED = 5


class CPUState(Enum):
    """Where networks run."""

    GPU = 0
    CPU = 1
    MPS = 2


def _compute() -> Compute:
    """Return the device and number type of the run, or what the program would take."""
    context = executing()
    found = getattr(context.runtime, "compute", None) if context is not None else None
    arguments = host().arguments
    return found or pick_compute(arguments.get("device", "auto"), arguments.get("precision", "auto"))


def __getattr__(name: str) -> Any:
    """Return what depends on the device."""
    if name == "cpu_state":
        return {"cpu": CPUState.CPU, "mps": CPUState.MPS}.get(get_torch_device().type, CPUState.GPU)
    if name == "vram_state":
        return VRAMState.DISABLED if cpu_mode() else VRAMState.NORMAL_VRAM
    raise AttributeError(f"module 'comfy.model_management' has no attribute {name!r}")


def get_torch_device() -> torch.device:
    """Return where networks run."""
    return _compute().device


def get_torch_device_name(device: Any) -> str:
    """Return a device's name for people."""
    return f"{device} {torch.cuda.get_device_name(device)}" if is_device_cuda(device) else str(device)


def cpu_mode() -> bool:
    """Say whether networks run on the processor."""
    return get_torch_device().type == "cpu"


def mps_mode() -> bool:
    """Say whether networks run on Apple's GPU."""
    return get_torch_device().type == "mps"


def is_device_type(device: Any, kind: str) -> bool:
    """Say whether a device is of a type."""
    return getattr(device, "type", str(device).partition(":")[0]) == kind


def is_device_cpu(device: Any) -> bool:
    """Say whether it is the processor."""
    return is_device_type(device, "cpu")


def is_device_mps(device: Any) -> bool:
    """Say whether it is Apple's GPU."""
    return is_device_type(device, "mps")


def is_device_cuda(device: Any) -> bool:
    """Say whether it is a GPU of CUDA or ROCm."""
    return is_device_type(device, "cuda")


def is_device_xpu(device: Any) -> bool:
    """Say whether it is Intel's GPU."""
    return is_device_type(device, "xpu")


def is_intel_xpu() -> bool:
    """Say whether networks run on Intel's GPU."""
    return get_torch_device().type == "xpu"


def is_nvidia() -> bool:
    """Say whether networks run on a GPU of NVIDIA."""
    return get_torch_device().type == "cuda" and torch.version.cuda is not None


def is_amd() -> bool:
    """Say whether networks run on a GPU of AMD."""
    return get_torch_device().type == "cuda" and torch.version.hip is not None


def is_directml_enabled() -> bool:
    """Say whether networks run through DirectML; they never do."""
    return False


def xformers_enabled() -> bool:
    """Say whether attention is xformers'; it is torch's."""
    return False


def pytorch_attention_enabled() -> bool:
    """Say whether attention is torch's."""
    return True


def intermediate_device() -> torch.device:
    """Return where values on wires are."""
    return torch.device("cpu")


unet_offload_device = vae_offload_device = text_encoder_offload_device = intermediate_device
vae_device = text_encoder_device = get_torch_device


def unet_inital_load_device(parameters: int, dtype: torch.dtype) -> torch.device:
    """Return where a network is loaded to."""
    return get_torch_device()


def unet_dtype(
    device: Any = None, model_params: int = 0, supported_dtypes: Sequence[torch.dtype] = (), weight_dtype: Any = None
) -> torch.dtype:
    """Return the number type of networks."""
    return _compute().dtype


def vae_dtype(device: Any = None, allowed_dtypes: Sequence[torch.dtype] = ()) -> torch.dtype:
    """Return the number type of autoencoders."""
    return _compute().dtype


def text_encoder_dtype(device: Any = None) -> torch.dtype:
    """Return the number type of text towers."""
    return _compute().dtype


def unet_manual_cast(
    weight_dtype: torch.dtype, inference_device: Any, supported_dtypes: Sequence[torch.dtype] = ()
) -> torch.dtype | None:
    """Return the type that weights are cast to while they run, None where they need not be."""
    return None


def should_use_fp16(
    device: Any = None, model_params: int = 0, prioritize_performance: bool = True, manual_cast: bool = False
) -> bool:
    """Say whether half precision pays."""
    return (device.type if device is not None else get_torch_device().type) in ("cuda", "xpu", "mps")


def should_use_bf16(
    device: Any = None, model_params: int = 0, prioritize_performance: bool = True, manual_cast: bool = False
) -> bool:
    """Say whether bfloat16 pays."""
    kind = device.type if device is not None else get_torch_device().type
    return has_native_bf16() if kind == "cpu" else kind in ("cuda", "xpu") and torch.cuda.is_bf16_supported()


def supports_dtype(device: Any, dtype: torch.dtype) -> bool:
    """Say whether a device computes in a number type."""
    return dtype in (torch.float32, torch.float16, torch.bfloat16)


def supports_cast(device: Any, dtype: torch.dtype) -> bool:
    """Say whether a device stores a number type."""
    return not (is_device_mps(device) and dtype in (torch.float8_e4m3fn, torch.float8_e5m2))


def device_supports_non_blocking(device: Any) -> bool:
    """Say whether copies to it may overlap with work."""
    return is_device_cuda(device)


def force_channels_last() -> bool:
    """Say whether every network is laid out channels-last."""
    return False


def dtype_size(dtype: torch.dtype) -> int:
    """Return the bytes of a number."""
    return dtype.itemsize


def module_size(module: torch.nn.Module) -> int:
    """Return the bytes of a network's weights."""
    return sum(tensor.nelement() * tensor.element_size() for tensor in module.state_dict().values())


def cast_to(
    weight: Tensor | None, dtype: torch.dtype | None = None, device: Any = None, non_blocking: bool = False,
    copy: bool = False,
) -> Tensor | None:  # fmt: skip
    """Return a tensor of another type and place."""
    return None if weight is None else weight.to(device=device, dtype=dtype, non_blocking=non_blocking, copy=copy)


def cast_to_device(tensor: Tensor, device: Any, dtype: torch.dtype | None, copy: bool = False) -> Tensor:
    """Return a tensor of another type and place."""
    return tensor.to(device=device, dtype=dtype, copy=copy)


def get_total_memory(dev: Any = None, torch_total_too: bool = False) -> Any:
    """Return all bytes of a device."""
    found = memory(get_torch_device() if dev is None else torch.device(dev))
    total = memory_limit() if found is None else found[1]
    return (total, total) if torch_total_too else total


def get_free_memory(dev: Any = None, torch_free_too: bool = False) -> Any:
    """Return the bytes of a device that nothing takes."""
    found = memory(get_torch_device() if dev is None else torch.device(dev))
    free = _free_here() if found is None else found[0]
    return (free, free) if torch_free_too else free


def _free_here() -> int:
    if "SC_AVPHYS_PAGES" not in os.sysconf_names:
        return memory_limit()
    return min(os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), memory_limit())


def minimum_inference_memory() -> float:
    """Return the bytes that a network needs beside its weights."""
    return 1024.0**3


def extra_reserved_memory() -> float:
    """Return the bytes that others are left."""
    return 0.0


def load_models_gpu(
    models: Iterable[Any], memory_required: float = 0, force_patch_weights: bool = False,
    minimum_memory_required: float | None = None, force_full_load: bool = False,
) -> None:  # fmt: skip
    """Bring models of packs to the device; ours are there already."""
    for model in models:
        bring = getattr(model, "bring", None)
        if bring is not None:
            bring()


def load_model_gpu(model: Any) -> None:
    """Bring a model to the device; see `load_models_gpu`."""
    load_models_gpu([model])


def loaded_models(only_currently_used: bool = False) -> list[Any]:
    """Return the models that are loaded through this module: none, for ours are kept elsewhere."""
    return []


def free_memory(memory_required: float, device: Any, keep_loaded: Sequence[Any] = ()) -> list[Any]:
    """Free memory that nothing needs; which models go is for the program's budget to say."""
    soft_empty_cache()
    return []


def unload_all_models() -> None:
    """Free memory that nothing needs; see `free_memory`."""
    soft_empty_cache()


cleanup_models = cleanup_models_gc = unload_all_models


def soft_empty_cache(force: bool = False) -> None:
    """Give back memory that torch keeps for later."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def interrupt_current_processing(value: bool = True) -> None:
    """Stop the run that the asking code belongs to."""
    context = executing()
    if value and context is not None:
        context.token.cancel()


def processing_interrupted() -> bool:
    """Say whether somebody asked the run to stop."""
    context = executing()
    return context is not None and context.token.cancelled


def throw_exception_if_processing_interrupted() -> None:
    """Stop here if somebody asked the run to stop.

    Raises:
        InterruptProcessingException: when somebody did.
    """
    context = executing()
    if context is not None:
        context.check_cancelled()
