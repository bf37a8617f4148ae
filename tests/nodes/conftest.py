"""What the tests of nodes share: a runtime on the CPU in full precision, in a folder of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ldm_nodes.engine.context import Context
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    return Runtime(Settings(Folders.under(tmp_path), device="cpu", precision="fp32"))


@pytest.fixture
def context(runtime: Runtime) -> Context[Runtime]:
    return Context(runtime, node_id="1")
