"""Control nodes: ranges, chains and strengths add up, either layout does the same, wrong families are told before."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.foresight import look_ahead
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.control import (
    control_net_apply,
    control_net_apply_advanced,
    control_net_loader,
    diff_control_net_loader,
    set_union_control_net_type,
)
from ldm_nodes.nodes.loaders import checkpoint_loader_simple
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.nodes.sampling import ksampler
from ldm_nodes.nodes.text import clip_text_encode
from ldm_nodes.settings import Folders, Settings
from tests.fakes.checkpoints import save_checkpoints
from tests.fakes.controls import control_weights, save_controls
from tests.nodes.pairings import Graph, node, painting

HINT = torch.rand(1, 64, 64, 3, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    base = tmp_path_factory.mktemp("control")
    save_checkpoints(base / "models" / "checkpoints", ("sd1", "sdxl"))
    save_controls(base / "models" / "controlnet", ("sd1", "sdxl"))
    return Runtime(Settings(Folders.under(base), device="cpu", precision="fp32"))


class Studio:
    """A tiny model, its prompts, and control networks for it."""

    def __init__(self, runtime: Runtime, family: str = "sd1") -> None:
        self.context = Context(runtime, node_id="1")
        self.model, clip, _ = checkpoint_loader_simple(f"{family}.safetensors", context=self.context)
        self.wanted = clip_text_encode("a fox", clip, context=self.context)
        self.unwanted = clip_text_encode("rain", clip, context=self.context)

    def control(self, name: str = "sd1") -> Any:
        return control_net_loader(f"{name}.safetensors", context=self.context)

    def paint(self, positive: Any, negative: Any, batch: int = 1, **changes: Any) -> Tensor:
        options = {"seed": 3, "steps": 4, "cfg": 3.0, "sampler_name": "euler", "scheduler": "normal", **changes}
        made: Tensor = ksampler(
            model=self.model, positive=positive, negative=negative,
            latent_image={"samples": torch.zeros(batch, 4, 8, 8)}, context=self.context, **options,
        )["samples"]  # fmt: skip
        return made

    def controlled(self, control: Any, hint: Tensor = HINT, **options: Any) -> tuple[Any, Any]:
        return control_net_apply_advanced(self.wanted, self.unwanted, control, hint, **options)


@pytest.fixture(scope="module")
def studio(runtime: Runtime) -> Studio:
    return Studio(runtime)


def test_a_control_changes_the_picture_and_strength_zero_does_nothing(studio: Studio) -> None:
    plain = studio.paint(studio.wanted, studio.unwanted)
    assert not torch.allclose(studio.paint(*studio.controlled(studio.control())), plain, atol=1e-3)
    positive, negative = studio.controlled(studio.control(), strength=0.0)
    assert positive is studio.wanted
    assert negative is studio.unwanted


def test_the_old_node_reaches_the_negative_prompt_too(studio: Studio) -> None:
    old = control_net_apply(studio.wanted, studio.control(), HINT, strength=0.8)
    new = studio.controlled(studio.control(), strength=0.8)
    assert torch.equal(studio.paint(old, studio.unwanted), studio.paint(*new))


def test_a_negative_prompt_with_its_own_control_keeps_it(studio: Studio) -> None:
    old = control_net_apply(studio.wanted, studio.control(), HINT, strength=0.8)
    own = control_net_apply(studio.unwanted, studio.control(), HINT, strength=0.3)
    both = control_net_apply_advanced(studio.wanted, [], studio.control(), HINT, strength=0.8)[0]
    other = control_net_apply_advanced([], studio.unwanted, studio.control(), HINT, strength=0.3)[1]
    torch.testing.assert_close(studio.paint(old, own), studio.paint(both, other))


def test_strengths_of_a_chain_add_up(studio: Studio) -> None:
    once = studio.controlled(studio.control(), strength=0.9)
    first = studio.controlled(studio.control(), strength=0.4)
    twice = control_net_apply_advanced(*first, studio.control(), HINT, strength=0.5)
    torch.testing.assert_close(studio.paint(*twice), studio.paint(*once), rtol=1e-4, atol=1e-3)


def test_ranges_of_a_chain_add_up(studio: Studio) -> None:
    whole = studio.controlled(studio.control())
    first = studio.controlled(studio.control(), end_percent=0.45)
    second = control_net_apply_advanced(*first, studio.control(), HINT, start_percent=0.45)
    torch.testing.assert_close(studio.paint(*second), studio.paint(*whole), rtol=1e-4, atol=1e-3)
    assert not torch.allclose(studio.paint(*first), studio.paint(*whole), atol=1e-3)


def test_each_picture_of_a_batch_has_its_hint(studio: Studio) -> None:
    hints = torch.cat([HINT, 1 - HINT])
    both = studio.paint(*studio.controlled(studio.control(), hints), batch=2)
    same = studio.paint(*studio.controlled(studio.control(), hints[1:]), batch=2)
    torch.testing.assert_close(both[1], same[1], rtol=1e-4, atol=1e-3)
    assert not torch.allclose(both[0], same[0], atol=1e-3)


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_both_layouts_are_the_same_network(runtime: Runtime, family: str) -> None:
    studio = Studio(runtime, family)
    ours = studio.paint(*studio.controlled(studio.control(family)))
    theirs = studio.paint(*studio.controlled(studio.control(f"{family}-diffusers")))
    assert torch.equal(ours, theirs)


def test_a_difference_is_added_to_the_model(studio: Studio) -> None:
    control = diff_control_net_loader(studio.model, "sd1-diff.safetensors", context=studio.context)
    name = "middle_block.1.transformer_blocks.0.attn2.to_k.weight"
    weights = control.control_model.state_dict()  # type: ignore[attr-defined]
    base = studio.model.network.diffusion_model.state_dict()
    difference = (control_weights("sd1")[name] * 0.1).float()
    torch.testing.assert_close(weights[name], base[name] + difference)
    hint = "input_hint_block.0.weight"  # which the model does not have
    torch.testing.assert_close(weights[hint], (control_weights("sd1")[hint] * 0.1).float())


def test_an_adapter_steers(studio: Studio) -> None:
    small = Studio(studio.context.runtime, "sd1")
    control = small.control("sd1-t2i")
    assert control.kind.context is None
    assert control.kind.origin.family == "sd1"


def test_the_kind_of_hint_is_told_to_the_network(studio: Studio) -> None:
    control = studio.control()
    told = set_union_control_net_type(control, type="depth")
    assert told.extra_args == {"control_type": [1]}
    assert control.extra_args == {}


def steered(family: str, control: str) -> Graph:
    graph = painting(family)
    graph["net"] = node("ControlNetLoader", "Net", control_net_name=f"{control}.safetensors")
    graph["hint"] = node("EmptyImage", width=64, height=64, batch_size=1, color=0)
    graph["steer"] = node(
        "ControlNetApplyAdvanced", "Steer",
        positive=["wanted", 0], negative=["unwanted", 0], control_net=["net", 0], image=["hint", 0],
        strength=1.0, start_percent=0.0, end_percent=1.0,
    )  # fmt: skip
    graph["sample"]["inputs"] |= {"positive": ["steer", 0], "negative": ["steer", 1]}
    return graph


@pytest.mark.parametrize(
    ("family", "control"), [("sd1", "sdxl"), ("sdxl", "sd1"), ("sd1", "sdxl-t2i"), ("sdxl", "sd1-t2i")]
)
def test_a_control_of_another_family_is_told_before_it_runs(runtime: Runtime, family: str, control: str) -> None:
    executor = Executor(builtin_registry(), runtime.cache, runtime)
    prompt = Prompt.parse(steered(family, control))
    plan = make_plan(prompt, executor.registry, runtime.settings.folders, ["sample", "hint"])
    assert not plan.problems
    (problem,) = look_ahead(plan, executor.registry).plan.problems
    assert problem.node_id == "sample"
    assert f"({control}.safetensors)" in str(problem)
    assert f"a control network for {family} ({family}.safetensors)" in str(problem)


def test_the_right_control_passes(runtime: Runtime) -> None:
    executor = Executor(builtin_registry(), runtime.cache, runtime)
    plan = make_plan(Prompt.parse(steered("sdxl", "sdxl")), executor.registry, runtime.settings.folders, ["sample"])
    foreseen = look_ahead(plan, executor.registry)
    assert not foreseen.plan.problems
    samples = executor.run(foreseen.plan).outputs["sample"][0]["samples"]
    assert torch.isfinite(samples).all()
