"""Keeping the known part of a picture."""

from __future__ import annotations

import torch

from ldm_nodes.sampling.inpaint import KnownPart, inpainted, inpainted_pair

LATENT = torch.full((2, 4, 4, 4), 5.0)
NOISE = torch.full((2, 4, 4, 4), 0.5)
SIGMA = torch.tensor([2.0, 2.0])
MASK = torch.zeros(1, 4, 4)
MASK[:, :, 2:] = 1


def test_a_neutral_mask_changes_nothing() -> None:
    denoise = inpainted(lambda x, sigma, t=None: x / 2, KnownPart.of(LATENT, NOISE, torch.ones(8, 8)))
    x = torch.randn(2, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(denoise(x, SIGMA), x / 2)


def test_the_network_sees_the_known_part_at_the_current_noise_level() -> None:
    known = KnownPart.of(LATENT, NOISE, MASK)
    before = known.before(torch.zeros(2, 4, 4, 4), SIGMA)
    assert before[..., :2].eq(6).all()
    assert before[..., 2:].eq(0).all()


def test_the_result_holds_the_known_part_clean() -> None:
    denoise = inpainted(lambda x, sigma, t=None: torch.ones_like(x), KnownPart.of(LATENT, NOISE, MASK))
    x0 = denoise(torch.zeros(2, 4, 4, 4), SIGMA)
    assert x0[..., :2].eq(5).all()
    assert x0[..., 2:].eq(1).all()


def test_each_picture_may_have_its_own_mask_and_too_few_are_repeated() -> None:
    masks = torch.stack([torch.zeros(4, 4), torch.ones(4, 4)])
    latent = torch.zeros(3, 4, 4, 4)
    assert KnownPart.of(latent, latent, masks).mask[:, 0, 0, 0].tolist() == [0, 1, 0]


def test_a_pair_keeps_the_known_part_in_the_guided_prediction_only() -> None:
    pair = inpainted_pair(
        lambda x, sigma, t=None: (torch.zeros_like(x), torch.ones_like(x)), KnownPart.of(LATENT, NOISE, MASK)
    )
    negative, x0 = pair(torch.zeros(2, 4, 4, 4), SIGMA)
    assert negative.eq(0).all()
    assert x0[..., :2].eq(5).all()
