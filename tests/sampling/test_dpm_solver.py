from __future__ import annotations

import pytest
import torch

from ldm_nodes.sampling.continuous import ContinuousSchedule
from ldm_nodes.sampling.dpm_solver import Solver, Spacing, adaptive, dpm_solver, multistep, singlestep
from ldm_nodes.sampling.errors import SamplingError
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.steps import final
from tests.sampling.gaussian import START, Gaussian, order

SD = NoiseSchedule.stable_diffusion()
TIME = ContinuousSchedule.of(SD)
DATA = Gaussian()
PREDICT = DATA.predictor(lambda t: TIME.alpha((t + 1) / 1000) ** 2)
EXACT = DATA.flow(START, TIME.alpha(1.0) ** 2, TIME.alpha(TIME.first) ** 2)

FORMS = [(predict_x0, taylor) for predict_x0 in (True, False) for taylor in (True, False)]


@pytest.mark.parametrize(("predict_x0", "taylor"), FORMS)
@pytest.mark.parametrize(("method_order", "least"), [(1, 0.95), (2, 1.95), (3, 1.95)])
def test_multistep_order(method_order: int, least: float, predict_x0: bool, taylor: bool) -> None:
    """The third-order method starts with a step of first order, which bounds the whole run to second order."""
    solver = Solver(PREDICT, TIME, predict_x0, taylor)

    def error(steps: int) -> float:
        return (final(multistep(solver, START, solver.times(steps, "logSNR"), method_order)) - EXACT).abs().max().item()

    assert order(error, 40, 80) > least


@pytest.mark.parametrize(("predict_x0", "taylor"), FORMS)
@pytest.mark.parametrize(("method_order", "least"), [(1, 0.95), (2, 1.9), (3, 2.6)])
def test_singlestep_order(method_order: int, least: float, predict_x0: bool, taylor: bool) -> None:
    solver = Solver(PREDICT, TIME, predict_x0, taylor)

    def error(steps: int) -> float:
        run = singlestep(solver, START, steps, method_order, "logSNR", fixed=True)
        return (final(run) - EXACT).abs().max().item()

    assert order(error, 48, 96) > least


@pytest.mark.parametrize("method_order", [2, 3])
@pytest.mark.parametrize("predict_x0", [True, False])
def test_adaptive_steps_keep_the_tolerance(predict_x0: bool, method_order: int) -> None:
    solver = Solver(PREDICT, TIME, predict_x0)
    runs = {rtol: list(adaptive(solver, START, method_order, atol=rtol / 10, rtol=rtol)) for rtol in (0.05, 0.0005)}
    errors = {rtol: (steps[-1].x - EXACT).abs().max().item() for rtol, steps in runs.items()}
    assert errors[0.0005] < 1e-3
    assert errors[0.0005] < errors[0.05] / 10
    assert len(runs[0.0005]) > len(runs[0.05])


@pytest.mark.parametrize(
    ("steps", "method_order", "spacing"), [(12, 3, "logSNR"), (2, 3, "time_uniform"), (1, 2, "logSNR")]
)
def test_short_multistep_runs_work_where_the_original_fails(steps: int, method_order: int, spacing: Spacing) -> None:
    solver = Solver(PREDICT, TIME, predict_x0=False)
    taken = list(multistep(solver, START, solver.times(steps, spacing), method_order))
    assert len(taken) == steps
    assert taken[-1].x.isfinite().all()


@pytest.mark.parametrize("spacing", ["time_uniform", "time_quadratic", "logSNR"])
@pytest.mark.parametrize(("steps", "method_order"), [(11, 2), (12, 2), (10, 3), (11, 3), (12, 3), (10, 1)])
def test_singlestep_runs_make_the_calls_asked_for(steps: int, method_order: int, spacing: Spacing) -> None:
    asked: list[float] = []

    def predict(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        asked.append(t[0].item())
        return PREDICT(x, t)

    end = final(singlestep(Solver(predict, TIME), START, steps, method_order, spacing))
    assert len(asked) == steps
    assert asked == sorted(asked, reverse=True)
    assert (end - EXACT).abs().max() < 0.3


def test_the_last_step_of_a_short_run_has_first_order() -> None:
    """Which is why a run of 14 steps ends in the clean latent's direction and one of 15 does not."""
    for steps, lowered in ((14, True), (15, False)):
        solver = Solver(PREDICT, TIME)
        times = solver.times(steps)
        *_, before, last = multistep(solver, START, times)
        first_order = solver.advance(before.x, times[-2], times[-1], last.x0)
        assert torch.allclose(last.x, first_order, rtol=1e-12, atol=1e-12) is lowered


def test_the_network_is_asked_at_fractions() -> None:
    steps = list(dpm_solver(PREDICT, START, SD, 20))
    assert [step.t for step in steps[:3]] == pytest.approx([999, 949.05, 899.1])
    assert steps[-1].t == pytest.approx(49.95)


def test_continuous_time() -> None:
    assert TIME.alpha(1.0) == pytest.approx(0.06826491, abs=1e-8)
    assert TIME.sigma(0.95005) == pytest.approx(0.99582356, abs=1e-8)
    assert TIME.half_log_snr(0.9001) == pytest.approx(-2.117119, abs=1e-6)
    for t in (0.0005, 0.001, 0.3, 0.77777, 1.0, 1.1):
        assert TIME.time_of(TIME.half_log_snr(t)) == pytest.approx(t, rel=1e-9)


def test_thresholding_bounds_the_clean_picture() -> None:
    solver = Solver(PREDICT, TIME, threshold=1.0)
    x = torch.linspace(-60, 60, 4000, dtype=torch.float64).reshape(1, 1, 40, 100)
    plain, bounded = Solver(PREDICT, TIME).evaluate(x, 0.5).x0, solver.evaluate(x, 0.5).x0
    assert plain.abs().max() > 2
    assert bounded.abs().max() == pytest.approx(1)
    limit = plain.abs().flatten().quantile(0.995)
    torch.testing.assert_close(bounded, plain.clamp(-limit, limit) / limit)
    near = torch.zeros(1, 1, 2, 2, dtype=torch.float64)
    torch.testing.assert_close(solver.evaluate(near, 0.5).x0, Solver(PREDICT, TIME).evaluate(near, 0.5).x0)


def test_impossible_requests_are_refused() -> None:
    solver = Solver(PREDICT, TIME)
    with pytest.raises(SamplingError, match="steps: got 0, expected at least 1"):
        final(dpm_solver(PREDICT, START, SD, 0))
    with pytest.raises(SamplingError, match="order: got 4, expected 1 to 3"):
        final(multistep(solver, START, solver.times(5), 4))
    with pytest.raises(SamplingError, match="order: got 1, expected 2 to 3"):
        final(adaptive(solver, START, 1))
