"""What becomes of a training run: a plot, and files that the loader nodes find."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from safetensors.torch import load_file

from ldm_nodes.engine.context import Context
from ldm_nodes.models.text_encoder import TextEncoder
from ldm_nodes.nodes.autoencoder import loaded
from ldm_nodes.nodes.loaders import checkpoint_loader_simple, vae_loader
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.nodes.training import train_autoencoder, train_latent_diffusion
from ldm_nodes.nodes.training_data import load_image_folder
from ldm_nodes.nodes.training_results import save_checkpoint, training_plot
from ldm_nodes.settings import Folders, Settings
from tests.nodes.test_training import TINY, TINY_AUTOENCODER
from tests.training.tiny import folder_of


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """Train an autoencoder and a diffusion model, and return what both nodes do."""
    base = tmp_path_factory.mktemp("runs")
    context = Context(Runtime(Settings(Folders.under(base), device="cpu", precision="fp32")))
    folder_of(context.runtime.folders.input / "pets", 6, side=8)
    pictures = load_image_folder("pets", size=8, context=context).result
    first = train_autoencoder(pictures, **TINY_AUTOENCODER, context=context)
    return *first, *train_latent_diffusion(pictures, first[0], **TINY, context=context)


def test_a_plot_of_the_losses_is_a_picture(runs: tuple[Any, ...]) -> None:
    root = runs[-1]
    plot = training_plot(root)
    with Image.open(root / "loss.png") as drawn:
        levels = np.array(drawn)
    assert np.array_equal((plot[0] * 255).round().byte().numpy(), levels)


def test_saved_models_are_found_and_are_the_trained_ones(runs: tuple[Any, ...], context: Context[Runtime]) -> None:
    first, first_root, model, clip, _, root = runs
    shown = save_checkpoint(root, filename_prefix="pets", precision="fp32", context=context).ui["text"]
    assert shown[0].startswith("saved checkpoints/pets_00001_.safetensors (")
    save_checkpoint(first_root, filename_prefix="pets", precision="fp32", context=context)
    again, same_clip, _ = checkpoint_loader_simple("pets_00001_.safetensors", context=context)
    x, t = torch.randn(1, 4, 4, 4), torch.tensor([300.0])
    text = clip.encode("picture 1")[0]
    assert isinstance(same_clip, TextEncoder)
    assert torch.equal(same_clip.encode("picture 1")[0], text)
    outputs = [one.predict(x, t, one.conditions(text, {}, x.shape, False)) for one in (model, again)]
    assert torch.equal(*outputs)
    assert again.scale_factor == model.scale_factor
    pixels = torch.rand(1, 8, 8, 3)
    assert torch.equal(
        loaded(vae_loader("pets_00001_.safetensors", context=context)).encode(pixels), first.encode(pixels)
    )


def test_what_only_training_needs_is_left_out(runs: tuple[Any, ...], context: Context[Runtime]) -> None:
    root = runs[-1]
    for _ in range(2):
        save_checkpoint(root, filename_prefix="of/%year%/pets", context=context)
    saved = sorted((context.runtime.folders.output / "checkpoints").rglob("*.safetensors"))
    assert [path.name for path in saved] == ["pets_00001_.safetensors", "pets_00002_.safetensors"]
    stored = load_file(saved[0])
    assert not [name for name in stored if name.startswith(("model_ema.", "loss."))]
    assert stored["model.diffusion_model.input_blocks.0.0.weight"].dtype == torch.float16
    assert stored["betas"].dtype == torch.float32
    told = yaml.safe_load(saved[0].with_suffix(".yaml").read_text())
    assert told["model"]["params"]["use_ema"] is False
    assert str(root) not in saved[0].with_suffix(".yaml").read_text()
    assert saved[0].with_name("pets_00001_.merges.txt").is_file()


def test_a_run_that_was_removed_is_named(context: Context[Runtime], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="The run 'gone' has no checkpoint"):
        save_checkpoint(tmp_path / "gone", context=context)
