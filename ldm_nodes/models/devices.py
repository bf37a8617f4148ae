"""Where networks run and in which numbers."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from .errors import UnavailableDevice

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

DTYPES: dict[str, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
PRECISIONS: dict[torch.dtype, str] = {dtype: name for name, dtype in DTYPES.items()}


@dataclass(frozen=True)
class Compute:
    """The device and the number type of networks. Sampling itself stays in float32."""

    device: torch.device
    dtype: torch.dtype

    def __str__(self) -> str:
        return f"{self.device} {PRECISIONS.get(self.dtype, self.dtype)}"


def pick_compute(device: str = "auto", precision: str = "auto") -> Compute:
    """Choose the device and its precision by the names of the settings; `auto` takes the best there is."""
    chosen = pick_device(device)
    return Compute(chosen, pick_dtype(chosen, precision))


def pick_device(name: str = "auto") -> torch.device:
    """Return the device called `name`, or the fastest one for "auto".

    Args:
        name: "auto", "cpu", "cuda", "xpu" or "mps", with an index such as "cuda:1" if wanted.

    Raises:
        UnavailableDevice: when this machine or this build of torch does not have it.
    """
    if name == "auto":
        return torch.device(next(kind for kind, available in _AVAILABLE.items() if available()))
    kind = name.split(":")[0]
    if kind not in _AVAILABLE:
        raise UnavailableDevice(f"The device {name!r} is unknown; expected auto, {', '.join(_AVAILABLE)}.")
    if not _AVAILABLE[kind]():
        raise UnavailableDevice(f"This torch ({torch.__version__}) finds no {kind} device here; use auto or cpu.")
    return _existing(name)


def pick_dtype(device: torch.device, precision: str = "auto") -> torch.dtype:
    """Return the number type called `precision`, or the best of `device` for "auto".

    "auto" is float16 on accelerators, bfloat16 on processors that multiply it natively, float32 elsewhere.

    Raises:
        UnavailableDevice: when the precision is unknown.
    """
    if precision != "auto":
        if precision not in DTYPES:
            raise UnavailableDevice(f"The precision {precision!r} is unknown; expected auto, {', '.join(DTYPES)}.")
        return DTYPES[precision]
    if device.type in ("cuda", "xpu", "mps"):
        return torch.float16
    return torch.bfloat16 if device.type == "cpu" and has_native_bf16() else torch.float32


def has_native_bf16() -> bool:
    """Tell whether the processor multiplies bfloat16 matrices itself (AVX512-BF16, AMX, or Arm's BF16)."""
    found = _capabilities()
    return any(found.get(name, False) for name in ("avx512_bf16", "amx_bf16", "amx_tile", "bf16", "sve_bf16"))


def has_foreign_mkl() -> bool:
    """Tell whether torch multiplies matrices through Intel's MKL on an AMD processor, where MKL is slow."""
    describe = getattr(torch.cpu, "get_capabilities", None)  # newer than torch 2.6
    if describe is None or not torch.backends.mkl.is_available():  # type: ignore[no-untyped-call]
        return False
    return "AMD" in str(describe().get("cpu_name"))


def memory(device: torch.device) -> tuple[int, int] | None:
    """Return (free, total) bytes of an accelerator, or None where torch cannot tell."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)
    if device.type == "xpu":
        return torch.xpu.mem_get_info(device)
    if device.type == "mps":
        limit = torch.mps.recommended_max_memory()
        return limit - torch.mps.driver_allocated_memory(), limit
    return None


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error means that memory ran out; torch has several ways of saying so."""
    text = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and any(words in text for words in _MEMORY_WORDS)
    )


def on_cpu(tensor: Tensor) -> Tensor:
    """Return the tensor on the CPU; one without data (torch's meta device) stays what it is."""
    return tensor if tensor.is_meta else tensor.cpu()


def _existing(name: str) -> torch.device:
    kind, _, index = name.partition(":")
    count = torch.cuda.device_count() if kind == "cuda" else torch.xpu.device_count() if kind == "xpu" else 1
    if index and not (index.isdigit() and int(index) < count):
        raise UnavailableDevice(f"There is no device {name!r}; {kind} has {count}, numbered from 0.")
    return torch.device(name)


def _capabilities() -> dict[str, bool]:
    """Return what the processor can do, as far as this torch says; it says more with every release."""
    newer = getattr(torch.cpu, "get_capabilities", None)
    if newer is not None:
        return {str(name): value is True for name, value in newer().items()}
    if platform.machine().lower() in ("arm64", "aarch64"):
        return {"bf16": torch.backends.cpu.get_cpu_capability().startswith("SVE")}
    names = {"avx512_bf16": "_is_avx512_bf16_supported", "amx_tile": "_is_amx_tile_supported"}
    checks = {key: getattr(torch.cpu, name, None) for key, name in names.items()}
    return {key: bool(check()) for key, check in checks.items() if check is not None}


# Accelerators, the CPU on Windows, the CPU elsewhere.
_MEMORY_WORDS = ("out of memory", "not enough memory", "can't allocate memory")
_AVAILABLE: dict[str, Callable[[], bool]] = {
    "cuda": torch.cuda.is_available,
    "xpu": torch.xpu.is_available,
    "mps": torch.backends.mps.is_available,
    "cpu": lambda: True,
}
