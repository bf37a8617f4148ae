from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from ldm_nodes.imaging.errors import UnreadableLatentError
from ldm_nodes.imaging.latent_file import load_latent, save_latent
from ldm_nodes.imaging.naming import start_series

if TYPE_CHECKING:
    from pathlib import Path

LATENT = np.random.default_rng(0).normal(size=(2, 4, 3, 5)).astype(np.float32)


def test_round_trip_with_the_graph_in_the_header(tmp_path: Path) -> None:
    saved = save_latent(LATENT, start_series(tmp_path, "latents/ComfyUI"), {"prompt": json.dumps({"1": {}})})
    assert (saved.path.name, saved.subfolder) == ("ComfyUI_00001_.latent", "latents")
    np.testing.assert_array_equal(load_latent(saved.path), LATENT)
    with safe_open(saved.path, framework="numpy") as file:
        assert file.metadata() == {"prompt": '{"1": {}}'}
        assert set(file.keys()) == {"latent_tensor", "latent_format_version_0"}
        assert file.get_tensor("latent_format_version_0").size == 0


def test_files_without_the_marker_hold_scaled_latents(tmp_path: Path) -> None:
    save_file({"latent_tensor": LATENT * np.float32(0.18215)}, tmp_path / "old.latent")
    np.testing.assert_allclose(load_latent(tmp_path / "old.latent"), LATENT, rtol=1e-6)


@pytest.mark.parametrize("content", [b"", b"\xff" * 8, b"\x08" + b"\0" * 7 + b"{}      ", b"not a latent at all"])
def test_foreign_files_are_one_clear_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.latent").write_bytes(content)
    with pytest.raises(UnreadableLatentError, match=r"'x\.latent'"):
        load_latent(tmp_path / "x.latent")


def test_other_tensors_are_refused(tmp_path: Path) -> None:
    save_file({"latent_tensor": LATENT[0]}, tmp_path / "flat.latent")
    with pytest.raises(UnreadableLatentError, match="holds no 'latent_tensor' of shape"):
        load_latent(tmp_path / "flat.latent")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableLatentError, match=r"'none\.latent' is missing"):
        load_latent(tmp_path / "none.latent")
