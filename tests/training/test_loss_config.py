"""The losses' configurations: the original's files, the step at which the adversary enters, values out of range."""

from __future__ import annotations

from typing import Any

import pytest

from ldm_nodes.models.errors import WrongConfig
from ldm_nodes.training.loss_config import KLLossConfig, LossConfig, VQLossConfig


def test_the_autoencoder_file_of_the_original() -> None:
    config = KLLossConfig.from_params({"disc_start": 50001, "kl_weight": 0.000001, "disc_weight": 0.5})
    assert config == KLLossConfig(disc_start=50001, kl_weight=1e-6, disc_weight=0.5)
    assert (config.disc_factor, config.perceptual_weight, config.logvar_init) == (1.0, 1.0, 0.0)
    assert (config.disc_num_layers, config.disc_ndf, config.disc_loss) == (3, 64, "hinge")


def test_a_vq_file_of_the_original() -> None:
    params: dict[str, Any] = {
        "disc_conditional": False,
        "disc_in_channels": 3,
        "disc_start": 250001,
        "disc_weight": 0.75,
    }
    params |= {"disc_num_layers": 2, "codebook_weight": 1.0, "pixelloss_weight": 1.0, "perceptual_loss": "lpips"}
    config = VQLossConfig.from_params(params)
    assert config == VQLossConfig(disc_start=250001, disc_weight=0.75, disc_num_layers=2)


def test_the_adversary_enters_at_its_step() -> None:
    config = LossConfig(disc_start=3, disc_factor=0.5)
    assert [config.factor(step) for step in (0, 2, 3, 4)] == [0, 0, 0.5, 0.5]
    assert all(config.judges(step) for step in range(5))


def test_it_can_rest_until_then() -> None:
    config = LossConfig(disc_start=3, skip_until_start=True)
    assert [config.judges(step) for step in range(5)] == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("kind", "params", "said"),
    [
        (KLLossConfig, {"kl_weight": 1.0}, "needs disc_start"),
        (
            KLLossConfig,
            {"disc_start": 0, "codebook_weight": 1.0},
            "no argument 'codebook_weight'; it knows .*kl_weight",
        ),
        (VQLossConfig, {"disc_start": 0, "kl_weight": 1.0}, "no argument 'kl_weight'"),
        (KLLossConfig, {"disc_start": -1}, "disc_start is -1; expected a whole number of at least 0"),
        (KLLossConfig, {"disc_start": True}, "disc_start is True; expected a whole number"),
        (KLLossConfig, {"disc_start": 1.5}, "disc_start is 1.5; expected a whole number"),
        (KLLossConfig, {"disc_start": 0, "kl_weight": "1e-6"}, "kl_weight is '1e-6'; expected a number"),
        (KLLossConfig, {"disc_start": 0, "kl_weight": float("nan")}, "kl_weight is nan"),
        (KLLossConfig, {"disc_start": 0, "logvar_init": None}, "logvar_init is None; expected a number[.]"),
        (KLLossConfig, {"disc_start": 0, "disc_num_layers": 0}, "disc_num_layers is 0"),
        (KLLossConfig, {"disc_start": 0, "disc_loss": "wasserstein"}, "expected hinge or vanilla"),
        (VQLossConfig, {"disc_start": 0, "pixel_loss": "huber"}, "expected l1 or l2"),
        (VQLossConfig, {"disc_start": 0, "n_classes": 0}, "n_classes is 0"),
        (VQLossConfig, {"disc_start": 0, "codebook_weight": -1}, "codebook_weight is -1; .* at least 0"),
    ],
)
def test_values_that_cannot_be(kind: type[LossConfig], params: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongConfig, match=said):
        kind.from_params(params)
