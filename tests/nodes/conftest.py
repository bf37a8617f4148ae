"""What the tests of nodes share: a runtime on the CPU in full precision, in a folder of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.executor import Executor
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings
from tests.fakes.checkpoints import save_checkpoints, save_vaes


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    return Runtime(Settings(Folders.under(tmp_path), device="cpu", precision="fp32"))


@pytest.fixture
def context(runtime: Runtime) -> Context[Runtime]:
    return Context(runtime, node_id="1")


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Executor[Runtime]:
    """Return an executor in whose folders tiny models of every family lie, and some files that are no models."""
    base = tmp_path_factory.mktemp("parts")
    checkpoints, vaes = base / "models" / "checkpoints", base / "models" / "vae"
    save_checkpoints(checkpoints)
    save_vaes(vaes)
    shutil.copy(vaes / "kl-f8.safetensors", checkpoints / "vae-alone.safetensors")
    for folder in (checkpoints, vaes):
        save_file({"lora_unet_mid.lora_up.weight": torch.ones(1)}, folder / "lora.safetensors")
    runtime = Runtime(Settings(Folders.under(base), device="cpu", precision="fp32"))
    return Executor(builtin_registry(), runtime.cache, runtime)
