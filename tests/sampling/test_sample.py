"""`sample`: KSampler's rules, checks before the network runs, progress, cancelling, noise modes."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.sampling.errors import SamplingError
from ldm_nodes.sampling.run import SamplerOptions
from ldm_nodes.sampling.sample import sample
from ldm_nodes.sampling.tables import PAIR_SAMPLERS, RESEARCH_SAMPLERS, SAMPLERS, SCHEDULERS
from tests.sampling.tiny_model import tiny_model
from tests.sampling.toy_model import ToyModel, prompt

EMPTY = torch.zeros(2, 4, 6, 8)


def run(model: Any = None, **changes: Any) -> Tensor:
    settings: dict[str, Any] = {
        "positive": prompt(3.0),
        "negative": prompt(1.0),
        "latent": EMPTY,
        "seed": 5,
        "steps": 6,
        "cfg": 2.0,
        "sampler_name": "euler",
        "scheduler": "normal",
    }
    return sample(model or ToyModel(), **(settings | changes))


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_arrives_at_the_guided_clean_latent(name: str) -> None:
    expected = torch.full(EMPTY.shape, (1 + 2.0 * 2) / 0.5)
    stops_early = name in (*RESEARCH_SAMPLERS, "uni_pc", "uni_pc_bh2", "dpm_fast", "dpm_adaptive")
    loose = 0.5 if stops_early else 1e-3
    result = run(sampler_name=name, steps=8)
    if name not in PAIR_SAMPLERS:
        torch.testing.assert_close(result, expected, atol=loose, rtol=0)
    assert result.isfinite().all()


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("name", ["euler", "ddim_ldm", "ddpm_ldm", "dpm_solver", "f_pndm"])
def test_every_scheduler_serves_every_kind_of_sampler(name: str, scheduler: str) -> None:
    assert run(sampler_name=name, scheduler=scheduler, steps=8).isfinite().all()


def test_the_result_has_the_latents_scale_type_and_device() -> None:
    result = run(latent=EMPTY.double())
    assert result.dtype == torch.float64
    torch.testing.assert_close(result, torch.full_like(result, 10.0), atol=1e-3, rtol=0)


def test_a_scale_of_one_skips_the_negative_prompt() -> None:
    model = ToyModel()
    run(model, cfg=1.0, negative=[])
    assert {shape[0] for shape in model.shapes} == {2}


@pytest.mark.parametrize("name", ["euler", "plms"])
def test_denoise_zero_and_a_start_past_the_end_return_the_latent(name: str) -> None:
    latent = torch.rand(1, 4, 6, 8)
    model = ToyModel()
    assert torch.equal(run(model, latent=latent, denoise=0.0, sampler_name=name), latent)
    assert torch.equal(run(model, latent=latent, start_step=6, sampler_name=name), latent)
    assert model.shapes == []


@pytest.mark.parametrize("name", ["euler", "dpmpp_2m_sde", "ddim_ldm", "dpm_solver", "ddpm_ldm"])
def test_denoise_runs_as_many_steps_as_asked(name: str) -> None:
    model = ToyModel()
    run(model, sampler_name=name, scheduler="simple", denoise=0.5, steps=7)
    assert len(model.shapes) == 7
    assert max(model.timesteps) < 600


@pytest.mark.parametrize("scheduler", ["normal", "uniform"])
@pytest.mark.parametrize("name", ["euler", "heun", "ddim_ldm"])
def test_two_passes_with_leftover_noise_equal_one(name: str, scheduler: str) -> None:
    model = ToyModel(prediction="eps")
    whole = run(model, sampler_name=name, scheduler=scheduler)
    first = run(model, sampler_name=name, scheduler=scheduler, last_step=4)
    second = run(model, sampler_name=name, scheduler=scheduler, latent=first, start_step=4, add_noise=False)
    torch.testing.assert_close(second, whole, atol=2e-3, rtol=1e-4)


@pytest.mark.parametrize("name", ["euler", "ddim_ldm", "f_pndm"])
def test_full_denoise_is_forced_where_the_window_ends(name: str) -> None:
    model = ToyModel()
    leftover = run(model, sampler_name=name, last_step=2)
    clean = run(model, sampler_name=name, last_step=2, force_full_denoise=True)
    assert leftover.std() > 1
    torch.testing.assert_close(clean, torch.full_like(clean, 10.0), atol=0.1, rtol=0)


@pytest.mark.parametrize("name", ["euler", "ddim", "ddpm_ldm", "s_pndm", "dpm_solver"])
def test_a_mask_keeps_the_rest_of_the_picture(name: str) -> None:
    latent, mask = torch.full((1, 4, 6, 8), 7.0), torch.zeros(1, 48, 64)
    mask[..., 32:] = 1
    result = run(latent=latent, noise_mask=mask, sampler_name=name, steps=20)
    torch.testing.assert_close(result[..., :4], latent[..., :4], atol=0.5, rtol=0)
    torch.testing.assert_close(result[..., 4:], torch.full((1, 4, 6, 4), 10.0), atol=0.5, rtol=0)


@pytest.mark.parametrize("name", ["ddim_ldm", "plms"])
def test_the_research_samplers_show_the_network_the_known_part_but_do_not_restore_it_at_the_end(name: str) -> None:
    latent, mask, model = torch.full((1, 4, 6, 8), 7.0), torch.zeros(6, 8), ToyModel()
    result = run(model, latent=latent, noise_mask=mask, sampler_name=name, steps=20)
    torch.testing.assert_close(model.latents[-1][:1], torch.full((1, 4, 6, 8), 3.5), atol=0.2, rtol=0)
    assert result.mean() > 7.5


def test_noise_under_the_mask_is_the_start_noise_and_that_of_the_next_seed_for_ddim() -> None:
    def seen(name: str, seed: int) -> Tensor:
        model = ToyModel()
        run(model, noise_mask=torch.zeros(6, 8), sampler_name=name, seed=seed, steps=2)
        return model.latents[1][2:]

    assert torch.equal(seen("ddim", 5), seen("euler", 6))
    assert not torch.equal(seen("ddim", 5), seen("euler", 5))


def test_the_callback_hears_of_every_step() -> None:
    heard: list[tuple[int, int, float]] = []
    run(callback=lambda step, total, x0: heard.append((step, total, x0.mean().item())))
    assert heard == [(i, 6, 10.0) for i in range(6)]


def test_progress_never_passes_the_total_where_the_number_of_steps_is_unknown() -> None:
    heard: list[tuple[int, int]] = []
    model = tiny_model()
    context = [[torch.rand(1, 77, 8), {}]]
    run(
        model, positive=context, negative=context, sampler_name="dpm_adaptive", steps=2,
        callback=lambda step, total, x0: heard.append((step, total)),
    )  # fmt: skip
    assert len(heard) > 2
    assert all(step < total for step, total in heard)


def test_a_cancelled_run_leaves_nothing_behind() -> None:
    class Cancelled(Exception):
        pass

    def cancel(step: int, total: int, x0: Tensor) -> None:
        if step == 2:
            raise Cancelled

    model = ToyModel()
    before = run(model, sampler_name="dpmpp_2m_sde")
    state = torch.random.get_rng_state()
    with pytest.raises(Cancelled):
        run(model, sampler_name="dpmpp_2m_sde", callback=cancel)
    assert torch.is_grad_enabled()
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(run(model, sampler_name="dpmpp_2m_sde"), before)


@pytest.mark.parametrize("name", ["euler", "euler_ancestral", "dpmpp_2m_sde", "ddim", "ddpm_ldm", "er_sde"])
def test_a_picture_of_a_batch_equals_its_single_run_in_per_index_mode(name: str) -> None:
    context = [[torch.rand(1, 77, 8, generator=torch.Generator().manual_seed(1)), {}]]

    def pictures(latent: Tensor, batch_index: list[int] | None) -> Tensor:
        return run(
            tiny_model(), positive=context, negative=context, latent=latent, batch_index=batch_index,
            noise_mode="per_index", sampler_name=name, steps=3, noise_mask=torch.rand(6, 8),
        )  # fmt: skip

    torch.manual_seed(0)
    batch = pictures(torch.zeros(3, 4, 6, 8), None)
    torch.manual_seed(0)
    alone = pictures(torch.zeros(1, 4, 6, 8), [2])
    torch.testing.assert_close(batch[2:], alone, atol=2e-3, rtol=1e-4)


def test_options_reach_the_sampler() -> None:
    plain = run(sampler_name="euler_ancestral", last_step=3)
    assert torch.equal(plain, run(sampler_name="euler_ancestral", last_step=3, options=SamplerOptions(eta=1.0)))
    none = run(sampler_name="euler_ancestral", last_step=3, options=SamplerOptions(eta=0.0))
    torch.testing.assert_close(none, run(sampler_name="euler", last_step=3))


def test_ddims_own_options_change_its_result() -> None:
    plain = run(sampler_name="ddim_ldm", last_step=3)
    for options in ({"eta": 1.0}, {"quantize": torch.round}, {"score_corrector": lambda eps, x, t: eps * 0.9}):
        assert not torch.equal(run(sampler_name="ddim_ldm", last_step=3, options=SamplerOptions(**options)), plain)


def test_an_option_that_the_sampler_lacks_is_refused_unless_it_is_neutral() -> None:
    neutral = SamplerOptions(eta=0.0, temperature=1.0, noise_dropout=0.0)
    assert torch.equal(run(options=neutral), run())
    with pytest.raises(SamplingError, match=r"eta: got 0\.5 for 'euler'"):
        run(options=SamplerOptions(eta=0.5))


@pytest.mark.parametrize("options", [{"eta": -0.1}, {"s_noise": math.nan}, {"noise_dropout": 1.0}])
def test_options_out_of_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(SamplingError, match=next(iter(options))):
        SamplerOptions(**options)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sampler_name": "eulr"}, "sampler_name: got 'eulr', expected one of euler, "),
        ({"scheduler": ""}, "scheduler: got '', expected one of simple, "),
        ({"steps": 0}, "steps: got 0, expected 1 to 10000"),
        ({"cfg": math.nan}, "cfg: got nan"),
        ({"denoise": 1.5}, "denoise: got 1.5, expected 0 to 1"),
        ({"positive": []}, "positive: got no entries"),
        ({"negative": []}, "negative: got no entries"),
        (
            {"positive": [[torch.zeros(1, 77, 8), {}]]},
            r"positive: got a context of shape \(1, 77, 8\), expected width 3",
        ),
        ({"latent": torch.zeros(4, 6, 8)}, "latent: got a tensor of shape"),
        ({"latent": torch.ones(1, 3, 6, 8)}, "latent: got 3 channels, expected the 4 channels"),
        ({"latent": torch.zeros(1, 4, 0, 8)}, "latent: got an empty tensor"),
        ({"latent": torch.full((1, 4, 6, 8), math.inf)}, "latent: got values that are not finite"),
        ({"noise_mask": torch.zeros(5)}, "noise_mask: got a tensor of shape"),
        ({"noise_mask": torch.full((6, 8), math.nan)}, "noise_mask: got values that are not finite"),
        ({"seed": -1}, "seed is a whole number"),
        ({"batch_index": [1]}, "batch_index has 1 entries for a batch of 2"),
        ({"scheduler": "uniform", "steps": 1200}, "steps: got 1200, expected 1 to 1000"),
    ],
)
def test_bad_input_is_refused_before_the_network_runs(changes: dict[str, Any], message: str) -> None:
    model = ToyModel()
    with pytest.raises(ValueError, match=message):
        run(model, **changes)
    assert model.shapes == []


def test_an_empty_latent_takes_the_models_number_of_channels() -> None:
    assert run(latent=torch.zeros(1, 16, 6, 8)).shape == (1, 4, 6, 8)
