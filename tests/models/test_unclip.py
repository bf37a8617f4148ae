"""Pictures as conditions: the noise that is added, and how several add up."""

from __future__ import annotations

import math

import pytest
import torch

from ldm_nodes.models.clip_vision import VisionOutput
from ldm_nodes.models.conditions import network_conditions
from ldm_nodes.models.errors import ModelError
from ldm_nodes.models.unclip import MERGE_NOISE, NoiseAugmentor, picture_vector
from tests.fakes.checkpoints import SDXL

WIDTH = 128
PICTURE = torch.randn(1, WIDTH, generator=torch.Generator().manual_seed(2))


def seen(embeds: torch.Tensor = PICTURE, strength: float = 1.0, noise: float = 0.0) -> dict[str, object]:
    nothing = torch.zeros(1, 1, 1)
    output = VisionOutput(embeds, nothing, nothing)
    return {"clip_vision_output": output, "strength": strength, "noise_augmentation": noise}


def cosine(level: int) -> float:
    """Return the cumulative alpha of the cosine schedule (arXiv 2102.09672, eq. 17)."""
    curve = [math.cos((n / 1000 + 0.008) / 1.008 * math.pi / 2) ** 2 for n in (0, level + 1)]
    return curve[1] / curve[0]


@pytest.mark.parametrize("augmentation", [0.0, 0.25])
def test_an_embedding_is_diffused_along_the_cosine_schedule(augmentation: float) -> None:
    vector = NoiseAugmentor(WIDTH)(PICTURE, augmentation, seed=5)
    abar = cosine(round(999 * augmentation))
    noise = torch.randn(1, WIDTH, generator=torch.Generator().manual_seed(5))
    expected = math.sqrt(abar) * PICTURE + math.sqrt(1 - abar) * noise
    torch.testing.assert_close(vector[:, :WIDTH], expected, rtol=1e-4, atol=1e-5)
    level = torch.tensor(float(round(999 * augmentation)))
    torch.testing.assert_close(vector[0, WIDTH], level.cos())
    torch.testing.assert_close(vector[0, WIDTH + WIDTH // 2], level.sin())


def test_noise_is_added_at_the_scale_of_the_training_data() -> None:
    mean, std = torch.full((WIDTH,), 3.0), torch.full((WIDTH,), 2.0)
    plain = NoiseAugmentor(WIDTH)((PICTURE - mean) / std, 0.3, seed=1)
    scaled = NoiseAugmentor(WIDTH, mean, std)(PICTURE, 0.3, seed=1)
    torch.testing.assert_close(scaled[:, :WIDTH], plain[:, :WIDTH] * std + mean)


def test_two_pictures_are_added_and_made_noisy_once_more() -> None:
    augmentor = NoiseAugmentor(WIDTH)
    got = picture_vector(augmentor, [seen(strength=0.5), seen(-PICTURE, 2.0)], seed=4)
    total = augmentor(PICTURE, 0.0, 4) * 0.5 + augmentor(-PICTURE, 0.0, 4) * 2
    torch.testing.assert_close(got, augmentor(total[:, :WIDTH], MERGE_NOISE, 4))


def test_sdxl_reads_a_picture_in_the_place_of_the_pooled_text() -> None:
    shape = torch.Size((1, 4, 8, 8))
    options = {"pooled_output": torch.ones(1, WIDTH), "unclip_conditioning": [seen()]}
    y = network_conditions(SDXL, torch.zeros(1, 77, 192), options, shape, False)["y"]
    torch.testing.assert_close(y[:, :WIDTH], picture_vector(NoiseAugmentor(WIDTH), [seen()])[:, :WIDTH])
    plain = network_conditions(SDXL, torch.zeros(1, 77, 192), {"pooled_output": torch.ones(1, WIDTH)}, shape, False)[
        "y"
    ]
    assert torch.equal(y[:, WIDTH:], plain[:, WIDTH:])


def test_an_embedding_of_another_tower_is_refused() -> None:
    with pytest.raises(ModelError, match="the picture is 7 wide and the model reads 128"):
        picture_vector(NoiseAugmentor(WIDTH), [seen(torch.zeros(1, 7))])
