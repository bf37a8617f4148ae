"""Golden data: inputs, weights and outputs that the original research code and ComfyUI computed.

Each case is a manifest (`<case>.json`), its tensors and, where there are weights, a state dict. Tolerances are the
manifest's own: equality, or `|got - expected| <= atol + rtol * |expected|`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

ROOT = Path(__file__).parent / "fixtures" / "golden"


@dataclass(frozen=True)
class Golden:
    """One golden case."""

    folder: Path
    case: str
    manifest: dict[str, Any]
    tensors: dict[str, Tensor]

    def weights(self) -> dict[str, Tensor]:
        """Return the state dict with float tensors in float32."""
        stored = load_file(self.folder / f"{self.case}.weights.safetensors")
        return {key: value.float() if value.is_floating_point() else value for key, value in stored.items()}

    def assert_close(self, name: str, got: Tensor) -> None:
        """Assert that `got` equals the tensor `name` within the tolerance that the manifest states."""
        expected = self.tensors[name]
        assert got.shape == expected.shape, f"{name}: shape {tuple(got.shape)}, expected {tuple(expected.shape)}"
        tolerance = self.manifest["tensors"][name].get("tolerance", {"exact": True})
        if tolerance.get("exact"):
            assert torch.equal(got.to(expected.dtype), expected), f"{name}: not equal"
            return
        torch.testing.assert_close(
            got.double(),
            expected.double(),
            rtol=tolerance["rtol"],
            atol=tolerance["atol"],
            msg=lambda m: f"{name}: {m}",
            equal_nan=True,
        )


def tensor_at(value: Any, path: list[Any]) -> Tensor:
    """Return the tensor that a path of keys and indices leads to, in what a node put on a wire."""
    for step in path:
        value = value[step]
    assert isinstance(value, Tensor)
    return value


def load(group: str, case: str) -> Golden:
    """Load the case `case` of the folder `group`."""
    folder = ROOT / group
    manifest = json.loads((folder / f"{case}.json").read_text())
    path = folder / f"{case}.tensors.safetensors"
    return Golden(folder, case, manifest, load_file(path) if path.exists() else {})


def as_numpy(tensor: Tensor) -> np.ndarray[Any, np.dtype[Any]]:
    """Return the tensor as an array that owns nothing of torch's."""
    return np.asarray(tensor)
