"""DDIM, PLMS, ancestral sampling, DPM-Solver and PNDM against the original research code, on recorded noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from ldm_nodes.sampling.continuous import ContinuousSchedule
from ldm_nodes.sampling.ddim import DDIMPlan, ddim, stochastic_encode
from ldm_nodes.sampling.ddpm import ddpm
from ldm_nodes.sampling.dpm_solver import Solver, dpm_solver, multistep, singlestep
from ldm_nodes.sampling.errors import SamplingError
from ldm_nodes.sampling.noise_schedule import NoiseSchedule, make_beta_schedule
from ldm_nodes.sampling.plms import plms
from ldm_nodes.sampling.pndm import f_pndm, float32_alphas_cumprod, fon, pndm_ddim, s_pndm, transfer
from ldm_nodes.sampling.steps import KnownRegion, Step, final
from ldm_nodes.sampling.timesteps import Spacing, ddim_timesteps, leading_timesteps
from tests.golden import Golden, load
from tests.sampling.fakes import Analytic, RecordedNoise, guided

if TYPE_CHECKING:
    from torch import Tensor

    from ldm_nodes.sampling.denoiser import NoisePredictor

SD = NoiseSchedule.stable_diffusion()

DDIM_SCHEDULE = load("04_schedule", "ddim_schedule")
DDIM = load("07_samplers", "ddim_grid")
IMG2IMG = load("07_samplers", "ddim_img2img")
MASK = load("07_samplers", "ddim_mask_x0")
QUANTIZE = load("07_samplers", "ddim_quantize_x0")
PLMS = load("07_samplers", "plms_grid")
DDPM = load("07_samplers", "ddpm_ancestral")
DPM = load("07_samplers", "dpm_solver")
PNDM = load("07_samplers", "pndm_original")
V = load("05_training", "v_parameterization_sd2")


def runs(golden: Golden) -> pytest.MarkDecorator:
    """Run a test once for each run of a golden case."""
    return pytest.mark.parametrize("run", golden.manifest["runs"], ids=lambda run: run.get("prefix") or run["output"])


def predictor(golden: Golden, scale: float) -> NoisePredictor:
    data = golden.tensors
    return guided(Analytic(data, data["context"]), Analytic(data, data["unconditional_context"]), scale)


def plan_of(run: dict[str, Any], eta: float = 0.0) -> DDIMPlan:
    method: Spacing = "quad" if run.get("ddim_discretize") == "quad" else "uniform"
    return DDIMPlan.of(SD, ddim_timesteps(run["S"], 1000, method, "compvis"), eta)


def logged(golden: Golden, steps: list[Step], every: int) -> tuple[Tensor, Tensor]:
    """Collect what the original's `intermediates` hold: the start, then each step whose countdown index is logged."""
    total = len(steps)
    kept = [step for step in steps if (total - step.index - 1) % every == 0 or step.index == 0]
    x_start = golden.tensors["x_T"]
    return torch.stack([x_start, *(s.x for s in kept)]), torch.stack([x_start, *(s.x0 for s in kept)])


def assert_run(golden: Golden, prefix: str, steps: list[Step], every: int | None) -> None:
    golden.assert_close(prefix, steps[-1].x)
    if every is not None and f"{prefix}.x_inter" in golden.tensors:
        x_inter, pred_x0 = logged(golden, steps, every)
        golden.assert_close(f"{prefix}.x_inter", x_inter)
        golden.assert_close(f"{prefix}.pred_x0", pred_x0)


@runs(DDIM_SCHEDULE)
def test_ddim_timesteps_and_levels(run: dict[str, Any]) -> None:
    prefix = run["prefix"]
    if run["last"] == 1000:
        with pytest.raises(SamplingError, match="timestep 1000, one past the end"):
            ddim_timesteps(run["S"], 1000, run["method"], "compvis")
        return
    timesteps = ddim_timesteps(run["S"], 1000, run["method"], "compvis")
    DDIM_SCHEDULE.assert_close(f"{prefix}.timesteps", torch.tensor(timesteps))
    plan = DDIMPlan.of(SD, timesteps, eta=1.0)
    for name, got in (("sigmas", plan.sigmas), ("alphas", plan.alphas), ("alphas_prev", plan.alphas_prev)):
        DDIM_SCHEDULE.assert_close(f"{prefix}.eta1.{name}", torch.tensor(got, dtype=torch.float64))


@runs(DDIM)
def test_ddim(run: dict[str, Any]) -> None:
    data = DDIM.tensors
    predict = predictor(DDIM, run["unconditional_guidance_scale"])
    steps = list(ddim(predict, data["x_T"], plan_of(run, run["eta"]), noise=RecordedNoise(data["noise"])))
    assert len(steps) == run["steps_taken"]
    assert_run(DDIM, run["prefix"], steps, run["log_every_t"])


def test_ddim_temperature_and_missing_negative() -> None:
    data = DDIM.tensors
    plan = plan_of({"S": 10}, eta=1.0)
    warm = ddim(predictor(DDIM, 1), data["x_T"], plan, noise=RecordedNoise(data["noise"]), temperature=0.6)
    DDIM.assert_close("opt.temperature", final(warm))
    DDIM.assert_close("opt.batch1_no_uc", final(ddim(predictor(DDIM, 1), data["x_T"], plan_of({"S": 10}))))


@runs(IMG2IMG)
def test_img2img(run: dict[str, Any]) -> None:
    data, prefix = IMG2IMG.tensors, run["prefix"]
    plan = plan_of(run, run["eta"])
    z = stochastic_encode(data["x0"], plan, run["t_enc"], data["noise"])
    IMG2IMG.assert_close(f"{prefix}.encoded", z)
    noise = RecordedNoise(data["decode_noise"]) if run["eta"] else None
    predict = predictor(IMG2IMG, run["unconditional_guidance_scale"])
    IMG2IMG.assert_close(prefix, final(ddim(predict, z, plan.first(run["t_enc"]), noise=noise)))


def test_encoding_on_the_original_steps() -> None:
    data = IMG2IMG.tensors
    IMG2IMG.assert_close("encode_original_steps_t500", SD.q_sample(data["x0"], torch.tensor([500, 500]), data["noise"]))


@runs(MASK)
def test_ddim_inpainting(run: dict[str, Any]) -> None:
    data = MASK.tensors
    known = KnownRegion(data["x0"], data[run["mask"]], SD)
    predict = predictor(MASK, run["unconditional_guidance_scale"])
    noise = RecordedNoise(data["noise"])
    steps = list(ddim(predict, data["x_T"], plan_of(run, run["eta"]), noise=noise, known=known))
    assert_run(MASK, run["prefix"], steps, run["log_every_t"])


@runs(QUANTIZE)
def test_ddim_with_quantised_predictions(run: dict[str, Any]) -> None:
    data = QUANTIZE.tensors

    def quantize(x0: Tensor) -> Tensor:
        flat = x0.movedim(1, -1)
        nearest = torch.cdist(flat.reshape(-1, flat.shape[-1]), data["codebook"]).argmin(dim=1)
        return data["codebook"][nearest].reshape(flat.shape).movedim(-1, 1)

    steps = list(ddim(predictor(QUANTIZE, 1), data["x_T"], plan_of(run), quantize=quantize))
    assert_run(QUANTIZE, run["prefix"], steps, run["log_every_t"])


@runs(V)
def test_ddim_on_a_velocity_network(run: dict[str, Any]) -> None:
    data = V.tensors
    velocity = predictor(V, run["unconditional_guidance_scale"])

    def predict(x: Tensor, t: Tensor) -> Tensor:
        return SD.predict_noise_from_v(x, t, velocity(x, t))

    steps = list(ddim(predict, data["x_T"], plan_of(run)))
    V.assert_close(run["output"], steps[-1].x)
    V.assert_close(f"{run['output']}.pred_x0", logged(V, steps, run["log_every_t"])[1])


@runs(PLMS)
def test_plms(run: dict[str, Any]) -> None:
    data, scale = PLMS.tensors, run["unconditional_guidance_scale"]
    positive = Analytic(data, data["context"])
    predict = guided(positive, Analytic(data, data["unconditional_context"]), scale)
    known = KnownRegion(data[run["x0"]], data[run["mask"]], SD) if "mask" in run else None
    noise = RecordedNoise(data["mask_noise"])
    steps = list(plms(predict, data["x_T"], plan_of(run), noise=noise, known=known))
    assert_run(PLMS, run["prefix"], steps, run.get("log_every_t"))
    if "timesteps_of_model_calls" in run:
        assert positive.asked == run["timesteps_of_model_calls"]


ANCESTRAL = NoiseSchedule.named("linear", 20, 0.02, 0.6)


def kept_x(steps: list[Step], every: int) -> list[Tensor]:
    return [step.x for step in steps if step.t % every == 0 or step.index == 0]


def test_ancestral_sampling() -> None:
    data = DDPM.tensors
    predict = Analytic(data, data["context"])
    steps = list(ddpm(predict, data["x_T"], ANCESTRAL, RecordedNoise(data["noise"])))
    DDPM.assert_close("loop", steps[-1].x)
    DDPM.assert_close("loop.intermediates", torch.stack([data["x_T"], *kept_x(steps, 5)]))
    DDPM.assert_close("progressive", steps[-1].x)
    DDPM.assert_close("progressive.x0_partial", torch.stack([s.x0 for s in steps if s.t % 5 == 0 or s.index == 0]))


def test_ancestral_sampling_from_the_middle_and_with_a_known_region() -> None:
    data = DDPM.tensors
    predict = Analytic(data, data["context"])
    DDPM.assert_close("start_T", final(ddpm(predict, data["x_T"], ANCESTRAL, RecordedNoise(data["noise"]), start=10)))
    known = KnownRegion(data["x0"], data["mask"], ANCESTRAL)
    masked = ddpm(predict, data["x_T"], ANCESTRAL, RecordedNoise(data["mask_noise"]), known=known)
    DDPM.assert_close("masked", final(masked))


@pytest.mark.parametrize("clip", [True, False])
@pytest.mark.parametrize("prediction", ["eps", "x0"])
def test_ancestral_sampling_of_the_base_class(prediction: str, clip: bool) -> None:
    data = DDPM.tensors
    network = Analytic(data)

    def from_x0(x: Tensor, t: Tensor) -> Tensor:
        return ANCESTRAL.predict_noise_from_start(x, t, network(x, t))

    predict: NoisePredictor = network if prediction == "eps" else from_x0
    draws = data["ddpm.draws"]
    steps = list(ddpm(predict, draws[0], ANCESTRAL, RecordedNoise(draws[1:]), clip=clip))
    DDPM.assert_close(f"ddpm.{prediction}.clip{clip}", steps[-1].x)
    DDPM.assert_close(f"ddpm.{prediction}.clip{clip}.intermediates", torch.stack([draws[0], *kept_x(steps, 5)]))


PNDM_METHODS = {"DDIM": pndm_ddim, "S-PNDM": s_pndm, "F-PNDM": f_pndm, "FON": fon}


def pndm_alphas() -> Tensor:
    betas = torch.tensor(make_beta_schedule("sqrt_linear", 1000, 1e-4, 2e-2), dtype=torch.float32)
    PNDM.assert_close("betas", betas)
    alphas = float32_alphas_cumprod(betas)
    PNDM.assert_close("alphas_cump", alphas)
    return alphas


@runs(PNDM)
def test_pndm(run: dict[str, Any]) -> None:
    network = Analytic(PNDM.tensors)
    sampler = PNDM_METHODS[run["method"]]
    x = final(sampler(network, PNDM.tensors["noise"], pndm_alphas(), leading_timesteps(run["S"])))
    PNDM.assert_close(run["output"], x)
    PNDM.assert_close(f"{run['output']}.model_t", torch.tensor(network.asked))
    assert len(network.asked) == run["model_calls"]


def test_pndm_transfer() -> None:
    data, alphas = PNDM.tensors, pndm_alphas()
    moved = [
        transfer(x, eps, alphas[int(t) + 1].item(), alphas[int(t_next) + 1].item())
        for x, eps, t, t_next in zip(
            data["transfer.x"], data["transfer.et"], data["transfer.t"], data["transfer.t_next"], strict=True
        )
    ]
    PNDM.assert_close("transfer.out", torch.stack(moved))


@runs(DPM)
def test_dpm_solver(run: dict[str, Any]) -> None:
    data, prefix = DPM.tensors, run["prefix"]
    positive = Analytic(data, data["context"])
    predict = guided(positive, Analytic(data, data["unconditional_context"]), run["unconditional_guidance_scale"])
    DPM.assert_close(prefix, final(dpm_solver(predict, data["x_T"], SD, run["S"])))
    DPM.assert_close(f"{prefix}.model_t", torch.tensor(positive.asked))


def test_the_schedule_in_continuous_time() -> None:
    schedule, data = ContinuousSchedule.of(SD), DPM.tensors
    for name, method in (
        ("marginal_log_mean_coeff", schedule.log_alpha),
        ("marginal_alpha", schedule.alpha),
        ("marginal_std", schedule.sigma),
        ("marginal_lambda", schedule.half_log_snr),
    ):
        DPM.assert_close(f"ns.{name}", torch.tensor([method(t) for t in data["ns.t"].tolist()]))
    DPM.assert_close("ns.inverse_lambda", torch.tensor([schedule.time_of(v) for v in data["ns.lambda"].tolist()]))


@pytest.mark.parametrize(
    "run", [r for r in DPM.manifest["solver_runs"] if "output" in r], ids=lambda run: run["output"]
)
def test_the_methods_of_dpm_solver(run: dict[str, Any]) -> None:
    data, options, sample = DPM.tensors, run["DPM_Solver"], run["sample"]
    solver = Solver(
        predictor(DPM, run["guidance_scale"]),
        ContinuousSchedule.of(SD),
        predict_x0=options["predict_x0"],
        taylor=sample.get("solver_type") == "taylor",
        threshold=options.get("max_val"),
    )
    steps, order, spacing = sample["steps"], sample["order"], sample["skip_type"]
    if sample["method"] == "multistep":
        lower = sample.get("lower_order_final", True)
        x = final(multistep(solver, data["x_T"], solver.times(steps, spacing), order, lower_order_final=lower))
    else:
        fixed = sample["method"] == "singlestep_fixed"
        x = final(singlestep(solver, data["x_T"], steps, order, spacing, fixed=fixed))
    if sample.get("denoise_to_zero"):
        x = solver.evaluate(x, solver.schedule.first).x0
    DPM.assert_close(run["output"], x)
