"""The benchmark is fair only if both contestants compute the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor, nn

from ldm_nodes.models.attention import CrossAttention
from ldm_nodes.models.packing import PackedConv2d

from .__main__ import Row
from .checkpoint import TINY, write_checkpoint
from .contestant import TOKENS, Task
from .ours import Ours

if TYPE_CHECKING:
    from .theirs import Theirs


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    path = tmp_path_factory.mktemp("base") / "models" / "checkpoints" / "tiny.safetensors"
    path.parent.mkdir(parents=True)
    write_checkpoint(path, TINY)
    return Task(path, "fp32", 64)


@pytest.fixture(scope="module")
def ours(task: Task) -> Ours:
    subject = Ours(task)
    subject.load()
    return subject


@pytest.fixture(scope="module")
def theirs(task: Task) -> Theirs:
    from .theirs import Theirs

    subject = Theirs(task)
    subject.load()
    return subject


def test_a_step_is_the_same(ours: Ours, theirs: Theirs) -> None:
    expected = theirs.step()
    assert expected.std() > 0.01
    torch.testing.assert_close(ours.step(), expected, rtol=1e-4, atol=1e-4)


def test_a_decoding_is_the_same(ours: Ours, theirs: Theirs) -> None:
    expected = ((theirs.decode() + 1) / 2).clamp(0, 1).movedim(1, -1)
    assert expected.std() > 0.01
    torch.testing.assert_close(ours.decode(), expected, rtol=1e-4, atol=1e-4)


def test_engine_and_nodes_are_measured_with_idle_networks(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = Ours(task)
    subject.prepare_idle()
    monkeypatch.setattr(nn.Conv2d, "forward", None)  # calling a layer would be an error
    monkeypatch.setattr(PackedConv2d, "forward", None)
    subject.idle_picture()
    assert len(list(Path(task.checkpoint.parents[2], "output").glob("benchmark*.png"))) == 2


@pytest.mark.parametrize(("ratio", "verdict"), [(0.9, "met"), (0.91, "missed")])
def test_a_target_is_met_up_to_its_value(ratio: float, verdict: str) -> None:
    assert Row("step", "1 s", "1 s", ratio, 0.9).cells[-1].endswith(verdict)


def test_a_run_computes_keys_and_values_of_its_prompts_once(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    project = CrossAttention.project

    def counted(self: CrossAttention, context: Tensor) -> tuple[Tensor, Tensor]:
        calls.extend([1] * (context.shape[1] == TOKENS))
        return project(self, context)

    monkeypatch.setattr(CrossAttention, "project", counted)
    subject = Ours(task)
    subject.picture()
    network = subject.runtime.pool.checkpoint(task.checkpoint, subject.runtime.compute).model.network
    readers = [name for name, part in network.named_modules() if name.endswith("attn2")]
    assert len(calls) == len(readers) == 16
