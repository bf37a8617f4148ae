from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ldm_nodes.models.errors import WrongConfig
from ldm_nodes.training.fit import check_loss, check_model, check_size, context_width
from ldm_nodes.training.loss_config import KLLossConfig
from ldm_nodes.training.run import start
from tests.training.recipes import job, small
from tests.training.tiny import CAPTIONS, CLASSES, FAMILIES, INPAINTING, KL, UNCONDITIONAL, folder_of


def test_models_that_work_fit() -> None:
    for model in FAMILIES:
        check_model(model)
        check_size(model, 8)
    assert [context_width(model) for model in (CAPTIONS, CLASSES, INPAINTING, UNCONDITIONAL)] == [16, 16, None, None]


def test_widths_are_compared() -> None:
    with pytest.raises(WrongConfig, match="out_channels is 4; the latents of the first stage have 3"):
        check_model(replace(UNCONDITIONAL, first_stage=replace(KL, embed_dim=3)))
    with pytest.raises(WrongConfig, match="in_channels is 5 and out_channels 4"):
        check_model(replace(UNCONDITIONAL, unet=replace(UNCONDITIONAL.unet, in_channels=5)))
    with pytest.raises(WrongConfig, match="context_dim is 8; the conditioner's vectors are 16 wide"):
        check_model(replace(CLASSES, unet=replace(CLASSES.unet, context_dim=8)))


def test_sizes_are_compared() -> None:
    assert KL.downscale == 2
    check_size(KL, 18)
    with pytest.raises(WrongConfig, match=r"17 pixels .* choose a multiple of 2"):
        check_size(KL, 17)
    deep = replace(UNCONDITIONAL, unet=replace(UNCONDITIONAL.unet, channel_mult=(1, 1, 1)))
    with pytest.raises(WrongConfig, match=r"12 pixels .* choose a multiple of 8"):
        check_size(deep, 12)
    with pytest.raises(WrongConfig, match="perceptual loss needs pictures of 16 pixels"):
        check_size(KL, 8, perceptual=True)


def test_losses_are_compared() -> None:
    check_loss(KLLossConfig(disc_start=0), KL)
    with pytest.raises(WrongConfig, match="disc_conditional"):
        check_loss(KLLossConfig(disc_start=0, disc_conditional=True), KL)
    with pytest.raises(WrongConfig, match="gives 1, and its discriminator takes 3"):
        check_loss(KLLossConfig(disc_start=0), replace(KL, out_ch=1))


@pytest.mark.parametrize(
    ("name", "override", "says"),
    [
        ("cin-ldm-vq-f8", "model.params.unet_config.params.context_dim=8", "context_dim is 8"),
        ("cin-ldm-vq-f8", "data.params.train.size=17", "17 pixels"),
        ("autoencoder_kl_64x64x3", "model.params.lossconfig.params.disc_in_channels=4", "takes 4; pictures have 3"),
        ("autoencoder_kl_64x64x3", "model.params.lossconfig.target=torch.nn.Identity", "LPIPSWithDiscriminator or"),
        (
            "autoencoder_kl_64x64x3",
            "model.params.lossconfig.target=taming.modules.losses.vqperceptual.VQLPIPSWithDiscriminator",
            "does not fit the autoencoder; the one has a codebook",
        ),
    ],
)
def test_a_run_that_cannot_fit_does_not_start(name: str, override: str, says: str, tmp_path: Path) -> None:
    pictures = folder_of(tmp_path / "pictures", 4, side=16)
    with pytest.raises(WrongConfig, match=says):
        start(job(small(name, pictures, override), tmp_path / "run"))
