"""Teaching a text tower by drafts: afterwards captions alone tell the pictures apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import repeat
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from ldm_nodes.training.config import read_config
from ldm_nodes.training.diffusion_task import DiffusionTask
from ldm_nodes.training.latent_diffusion import DiffusionOptions
from ldm_nodes.training.recipes import drafts
from ldm_nodes.training.recipes.drafts import Draft, teach

from .tiny import CAPTIONS, batch_of, folder_of, model_of

RECIPE = Path(drafts.__file__).with_name("emoji_ldm.yaml")
SMALL = (
    "model.params.timesteps=20", "model.params.unet_config.params.model_channels=32",
    "model.params.unet_config.params.channel_mult=[1]", "model.params.unet_config.params.attention_resolutions=[1]",
    "model.params.unet_config.params.context_dim=16", "model.params.first_stage_config.params.ddconfig.ch=32",
    "data.params.batch_size=2", "data.params.num_workers=1", "data.params.train.csv=null",
    "data.params.train.size=16", "model.params.cond_stage_config.params.text_config="
    "{hidden_size: 16, layers: 1, heads: 2, intermediate: 32, vocab_size: 514, pad_token: 513, max_length: 8}",
)  # fmt: skip


def overrides(folder: Path) -> list[str]:
    merges = folder / "merges.txt"
    merges.write_text("#version: 0.2\n")
    pictures = folder_of(folder / "pictures", 4)
    return [
        *SMALL,
        f"model.params.cond_stage_config.params.merges={merges}",
        f"data.params.train.folder={pictures}",
    ]


def test_a_taught_tower_tells_pictures_apart_by_their_captions_alone() -> None:
    torch.manual_seed(0)
    task = DiffusionTask(model_of(CAPTIONS), DiffusionOptions(train_conditioner=True), ema_decay=None)
    moments = torch.cat([torch.randn(2, 4, 4, 4), torch.full((2, 4, 4, 4), -30.0)], dim=1)
    batch = replace(batch_of(2), caption=["apple", "banana"], image=None, moments=moments)
    draft = Draft(context_dim=16, channels=4, side=4)
    teach(task, draft, repeat(batch, 300), steps=300, rate=5e-3)
    latents = moments[:, :4] * task.model.scale_factor
    with torch.no_grad():
        painted = draft(task.model.condition(["apple", "banana"]))
    error, guessed = ((latents - seen).square().mean() for seen in (painted, latents.mean(0)))
    assert error < 0.2 * guessed


def test_it_writes_a_checkpoint_of_the_whole_model_in_which_the_tower_changed(tmp_path: Path) -> None:
    given = overrides(tmp_path)
    before, after = tmp_path / "before.safetensors", tmp_path / "after.safetensors"
    assert drafts.main([str(RECIPE), str(before), *given, "--steps", "0"]) == 0
    assert drafts.main([str(RECIPE), str(after), *given, "--steps", "3"]) == 0
    old, new = load_file(before), load_file(after)
    changed = {name for name in old if not torch.equal(old[name], new[name])}
    assert old.keys() == new.keys()
    assert changed
    assert all(name.startswith("cond_stage_model.") for name in changed)


def test_a_model_whose_text_tower_does_not_learn_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [*overrides(tmp_path), "model.params.cond_stage_trainable=false"]
    assert drafts.main([str(RECIPE), str(tmp_path / "out.safetensors"), *given]) == 1
    assert "cond_stage_trainable=true" in capsys.readouterr().err
    assert not (tmp_path / "out.safetensors").exists()


def test_the_recipe_is_a_configuration_that_can_be_read() -> None:
    assert read_config(RECIPE).options.steps
