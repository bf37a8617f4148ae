from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.models.autoencoder import AutoencoderKL
from ldm_nodes.models.config import KL_F4, VQ_F8, AutoencoderConfig
from ldm_nodes.models.errors import WrongConfig
from ldm_nodes.models.latent_diffusion import LatentDiffusion
from ldm_nodes.models.model_config import ModelConfig
from ldm_nodes.models.weights import without_memory
from ldm_nodes.training.config import changes, read_config
from ldm_nodes.training.errors import DataError
from ldm_nodes.training.learning_rate import scaled_learning_rate
from ldm_nodes.training.open_data import paints, picture_size
from tests.training.recipes import CONFIGS, SMALL

DATA = "data.params.train.folder=pictures"
MILLION = 1e6


def read(name: str, *overrides: str) -> Any:
    return read_config(CONFIGS / f"{name}.yaml", [DATA, *overrides])


def parameters(module: Any) -> float:
    return float(sum(p.numel() for p in module.parameters()) / MILLION)


def test_the_kl_autoencoder_is_the_published_one() -> None:
    config = read("autoencoder_kl_64x64x3")
    assert config.model == KL_F4
    assert config.base_learning_rate == 4.5e-6
    assert config.options.accumulate == 2
    assert config.options.sample_every == 1000
    assert config.data.batch_size == 12
    assert config.data.train.size == 256
    with without_memory():
        assert parameters(AutoencoderKL(config.model)) == pytest.approx(55.31, abs=0.01)  # fact sheet, table 5.1


def test_the_class_conditional_model_is_the_published_one() -> None:
    config = read("cin-ldm-vq-f8")
    assert isinstance(config.model, ModelConfig)
    assert config.model.first_stage == VQ_F8
    with without_memory():
        model = LatentDiffusion(config.model, config.model.betas.schedule())
    assert parameters(model.model) == pytest.approx(394.98, abs=0.01)  # fact sheet, table 5.2
    assert picture_size(config.model) == 256
    assert config.params["cond_stage_trainable"] is True
    # One GPU at a batch of 64: 6.4e-5, by the scaling rule.
    assert scaled_learning_rate(config.base_learning_rate, config.data.batch_size) == pytest.approx(6.4e-5)


def test_the_unconditional_model_is_the_published_one() -> None:
    config = read("celebahq-ldm-vq-4")
    assert isinstance(config.model, ModelConfig)
    assert config.model.conditioning_key is None
    assert scaled_learning_rate(config.base_learning_rate, config.data.batch_size) == pytest.approx(9.6e-5)  # paper
    with without_memory():
        model = LatentDiffusion(config.model, config.model.betas.schedule())
    assert parameters(model.model) == pytest.approx(274.06, abs=0.01)


def test_the_inpainting_model_is_hybrid_and_warms_up() -> None:
    config = read("inpainting_hybrid")
    assert isinstance(config.model, ModelConfig)
    assert config.model.conditioning_key == "hybrid"
    assert paints(config.model)
    assert [config.schedule(step) for step in (0, 1250, 2500, 10**6)] == pytest.approx([1e-6, 0.5, 1, 1], rel=1e-5)


@pytest.mark.parametrize("name", SMALL)
def test_what_has_no_meaning_is_named_in_one_sentence(name: str) -> None:
    config = read(name)
    assert config.notice.startswith("These settings of the original have no meaning here and are left out: ")
    assert "model.params.monitor" in config.ignored
    assert "data.params.train.target" in config.ignored


def test_a_configuration_without_such_settings_says_nothing(tmp_path: Path) -> None:
    text = (CONFIGS / "autoencoder_kl_64x64x3.yaml").read_text()
    path = tmp_path / "own.yaml"
    kept = text[: text.index("lightning:")].replace('    monitor: "val/rec_loss"\n', "").replace("    wrap: True\n", "")
    path.write_text(kept[: kept.index("    train:")] + "    train: {folder: pictures}\n")
    assert read_config(path).notice is None


@pytest.mark.parametrize(
    ("name", "override", "says"),
    [
        ("cin-ldm-vq-f8", "model.params.timestep=5", "model.params has no key timestep"),
        ("cin-ldm-vq-f8", "model.parms.timesteps=5", "model has no key parms"),
        ("cin-ldm-vq-f8", "model.params.unet_config.params.chanels=5", "UNetModel has no argument 'chanels'"),
        ("cin-ldm-vq-f8", "model.params.first_stage_config.params.ddconfig.x=5", "no argument 'x'"),
        ("cin-ldm-vq-f8", "model.params.cond_stage_config.params.width=5", "no argument width"),
        ("cin-ldm-vq-f8", "model.params.scheduler_config.target=lr.Wild", "'lr.Wild' is not known here"),
        ("cin-ldm-vq-f8", "model.target=ldm.models.diffusion.ddpm.LatentDifusion", "similar: ldm.models.diffusion"),
        ("cin-ldm-vq-f8", "data.target=builtins.exec", "'builtins.exec' is not known here"),
        ("cin-ldm-vq-f8", "data.params.train.target=my.Data", "'my.Data' is not known here"),
        ("cin-ldm-vq-f8", "lightning.callbacks.mine.target=my.Callback", "'my.Callback' is not known here"),
        ("cin-ldm-vq-f8", "model.target=torch.nn.Identity", "expected an autoencoder or a LatentDiffusion"),
        ("cin-ldm-vq-f8", "model.base_learning_rate=fast", "model.base_learning_rate is 'fast'"),
        ("cin-ldm-vq-f8", "model.base_learning_rate=0", "expected a number above 0"),
        ("cin-ldm-vq-f8", "model=3", "model is 3; expected a table"),
        ("autoencoder_kl_64x64x3", "model.params.lossconfig.target=my.Loss", "'my.Loss' is not known here"),
        ("autoencoder_kl_64x64x3", "model.params.embd=3", "autoencoder has no argument 'embd'"),
        ("autoencoder_kl_64x64x3", "trainer.steps=3", "The configuration has no section trainer"),
    ],
)
def test_unknown_targets_and_keys_are_refused(name: str, override: str, says: str) -> None:
    with pytest.raises(WrongConfig, match=says):
        read(name, override)


def test_the_originals_data_sets_are_not_here() -> None:
    with pytest.raises(DataError, match=r"ldm\.data\.imagenet\.ImageNetTrain is not part of this package; say where"):
        read_config(CONFIGS / "cin-ldm-vq-f8.yaml")


def test_only_what_matters_to_the_steps_hinders_a_resume() -> None:
    before = read("cin-ldm-vq-f8").tree
    harmless = (
        "training.steps=9", "training.keep=1", "training.prompts=[a]", "data.params.num_workers=3",
        "data.params.cache=x", "lightning.trainer.benchmark=false", "lightning.callbacks=null",
    )  # fmt: skip
    assert not changes(before, read("cin-ldm-vq-f8", *harmless).tree)
    harmful = ("training.seed=9", "training.clip=1", "lightning.trainer.precision=16", "model.params.timesteps=9")
    changed = changes(before, read("cin-ldm-vq-f8", *harmful).tree)
    assert list(changed) == ["lightning.trainer.precision", "model.params.timesteps", "training.clip", "training.seed"]
    assert changed["model.params.timesteps"] == (1000, 9)


def test_an_autoencoder_config_has_its_resolution_as_picture_size() -> None:
    assert isinstance(KL_F4, AutoencoderConfig)
    assert picture_size(KL_F4) == 256
