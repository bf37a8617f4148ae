from __future__ import annotations

import pytest
import torch

from ldm_nodes.models import devices
from ldm_nodes.models.devices import Compute, has_native_bf16, memory, pick_compute, pick_device, pick_dtype
from ldm_nodes.models.errors import UnavailableDevice


def pretend(monkeypatch: pytest.MonkeyPatch, **available: bool) -> None:
    table = {kind: lambda kind=kind: available.get(kind, kind == "cpu") for kind in devices._AVAILABLE}
    monkeypatch.setattr(devices, "_AVAILABLE", table)


@pytest.mark.parametrize(
    ("available", "expected"),
    [({}, "cpu"), ({"mps": True}, "mps"), ({"xpu": True}, "xpu"), ({"cuda": True, "mps": True}, "cuda")],
)
def test_auto_takes_the_fastest_kind(
    available: dict[str, bool], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, **available)
    assert pick_device("auto").type == expected


def test_a_device_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch)
    with pytest.raises(UnavailableDevice, match="finds no cuda device"):
        pick_device("cuda")
    with pytest.raises(UnavailableDevice, match="'tpu' is unknown; expected auto, cuda"):
        pick_device("tpu")
    with pytest.raises(UnavailableDevice, match="no device 'cpu:3'"):
        pick_device("cpu:3")


@pytest.mark.parametrize(
    ("kind", "bf16", "expected"),
    [
        ("cuda", False, torch.float16),
        ("mps", False, torch.float16),
        ("cpu", True, torch.bfloat16),
        ("cpu", False, torch.float32),
    ],
)
def test_auto_precision_follows_the_device(
    kind: str, bf16: bool, expected: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "_capabilities", lambda: {"avx512_bf16": bf16})
    assert pick_dtype(torch.device(kind), "auto") == expected


@pytest.mark.parametrize("name", ["avx512_bf16", "amx_bf16", "bf16", "sve_bf16"])
def test_each_kind_of_bf16_hardware_counts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_capabilities", lambda: {name: True, "avx2": True})
    assert has_native_bf16()
    monkeypatch.setattr(devices, "_capabilities", lambda: {name: False, "avx2": True})
    assert not has_native_bf16()


def test_precision_by_name() -> None:
    assert pick_dtype(torch.device("cpu"), "fp32") == torch.float32
    with pytest.raises(UnavailableDevice, match="'int8' is unknown"):
        pick_dtype(torch.device("cpu"), "int8")


def test_compute_reads_well() -> None:
    assert str(pick_compute("cpu", "bf16")) == "cpu bf16"
    assert Compute(torch.device("cpu"), torch.float32) == pick_compute("cpu", "fp32")


def test_the_processor_reports_no_memory_of_its_own() -> None:
    assert memory(torch.device("cpu")) is None


def test_what_this_torch_says_when_memory_ends_is_known() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 50)
    assert devices.is_out_of_memory(caught.value)


@pytest.mark.parametrize("message", ["DefaultCPUAllocator: not enough memory: you tried", "CUDA out of memory."])
def test_every_way_of_running_out_of_memory_is_known(message: str) -> None:
    assert devices.is_out_of_memory(RuntimeError(message))
    assert devices.is_out_of_memory(torch.OutOfMemoryError(message))
    assert devices.is_out_of_memory(MemoryError())
    assert not devices.is_out_of_memory(ValueError(message))
    assert not devices.is_out_of_memory(RuntimeError("shapes differ"))
