"""Configurations from a few settings: they are whole, they fit, and they say what was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ldm_nodes.models.config import KL_F8, VQ_F4_NOATTN, AutoencoderConfig
from ldm_nodes.models.instantiate import instantiate_from_config
from ldm_nodes.models.model_config import ModelConfig
from ldm_nodes.models.tokenizer import SD, Tokenizer, read_vocabulary
from ldm_nodes.training.config import changes, parse_config
from ldm_nodes.training.fit import check_model, check_size
from ldm_nodes.training.presets import (
    Effort,
    Kind,
    autoencoder_tree,
    class_conditioner,
    diffusion_tree,
    first_stage_section,
    no_conditioner,
    text_conditioner,
    vocabulary,
)

EFFORT = Effort(steps=1000, batch_size=4, learning_rate=1e-3)


def pictures(size: int) -> dict[str, Any]:
    return {"folder": "pictures", "caption": "name", "size": size, "crop": "center", "mirror": 0.0}


def diffusion(size: int, first_stage: AutoencoderConfig, conditioner: Any) -> dict[str, Any]:
    weights = Path("first.safetensors")
    return diffusion_tree(pictures(size), EFFORT, first_stage=first_stage, weights=weights, conditioner=conditioner)


@pytest.mark.parametrize("kind", ["kl", "vq"])
@pytest.mark.parametrize(("size", "downscale"), [(8, 2), (32, 4), (256, 8), (1024, 16)])
def test_autoencoders_of_every_size(kind: Kind, size: int, downscale: int) -> None:
    made = parse_config(autoencoder_tree(pictures(size), EFFORT, kind=kind, downscale=downscale, channels=3))
    assert isinstance(made.model, AutoencoderConfig)
    assert (made.model.downscale, made.model.embed_dim) == (downscale, 3)
    assert (made.model.n_embed is not None) == (kind == "vq")
    check_size(made.model, size)
    assert not made.ignored


@pytest.mark.parametrize("size", [32, 64, 128, 256, 512])
@pytest.mark.parametrize("first_stage", [KL_F8, VQ_F4_NOATTN])
@pytest.mark.parametrize(
    ("conditioner", "family"),
    [
        (no_conditioner(), "ldm-unconditional"),
        (class_conditioner(7), "ldm-class"),
        (text_conditioner(Path("merges.txt"), 300), "sd1"),
    ],
)
def test_diffusion_models_of_every_size(
    size: int, first_stage: AutoencoderConfig, conditioner: Any, family: str
) -> None:
    made = parse_config(diffusion(size, first_stage, conditioner))
    assert isinstance(made.model, ModelConfig)
    assert made.model.family == family
    assert made.model.first_stage == first_stage
    check_model(made.model)
    check_size(made.model, size)
    assert not made.ignored


def test_a_file_of_vgg_switches_the_perceptual_loss_on() -> None:
    without, given = (parse_config(autoencoder_tree(pictures(64), EFFORT, vgg=vgg)) for vgg in (None, Path("vgg.pth")))
    assert (without.options.vgg, without.params["lossconfig"]["params"]["perceptual_weight"]) == (None, 0.0)
    assert (given.options.vgg, given.params["lossconfig"]["params"]["perceptual_weight"]) == ("vgg.pth", 1.0)


def test_only_small_maps_are_attended_to() -> None:
    unet = parse_config(diffusion(256, KL_F8, class_conditioner(2))).model.unet  # type: ignore[union-attr]
    attended = [32 >> level for level in range(unet.levels) if unet.attends(level, 0)]
    assert attended == [16, 8, 4]


def test_an_autoencoder_is_described_as_it_is() -> None:
    for config in (KL_F8, VQ_F4_NOATTN):
        section = yaml.safe_load(yaml.safe_dump(first_stage_section(config, Path("x.safetensors"))))
        assert instantiate_from_config(section) == config


def test_more_steps_change_nothing_that_a_run_could_not_continue_from() -> None:
    longer = Effort(steps=50_000, batch_size=4, learning_rate=1e-3)
    assert not changes(autoencoder_tree(pictures(64), EFFORT), autoencoder_tree(pictures(64), longer))
    faster = Effort(steps=1000, batch_size=4, learning_rate=2e-3)
    changed = changes(autoencoder_tree(pictures(64), EFFORT), autoencoder_tree(pictures(64), faster))
    assert changed == {"model.base_learning_rate": (1e-3, 2e-3)}


def test_the_learning_rate_rises_and_stays() -> None:
    schedule = parse_config(autoencoder_tree(pictures(64), EFFORT)).schedule
    assert schedule(0) == pytest.approx(0.01)
    assert schedule(51) == schedule(10_000_000) == 1.0


def test_a_vocabulary_spells_what_it_has_seen_in_few_tokens(tmp_path: Path) -> None:
    lines = vocabulary(["a red ring", "a blue ring", "ein gr\N{LATIN SMALL LETTER U WITH DIAERESIS}ner Kreis"])
    path = tmp_path / "merges.txt"
    path.write_text("\n".join([*lines, ""]), "utf-8")
    assert all(line.isascii() for line in lines)
    tokenizer = Tokenizer(SD, vocabulary=read_vocabulary(path))
    assert [len(tokenizer.ids(word)) for word in ("a", "red", "ring", "kreis")] == [1, 1, 1, 1]
    sizes = text_conditioner(path, len(lines) - 1)["params"]["text_config"]
    assert max(tokenizer.ids("a red ring")) < sizes["pad_token"] < sizes["vocab_size"]
