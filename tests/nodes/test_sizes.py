"""What values weigh: memory counts once, however many look at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import ldm_nodes
from ldm_nodes.models.devices import Compute
from ldm_nodes.models.loader import load_checkpoint
from ldm_nodes.nodes.sizes import OVERHEAD, weigh

ASSETS = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints"


@pytest.mark.parametrize(
    ("value", "nbytes"),
    [
        ((), 0),
        ((1, 2.5, True, None), 0),
        (("four",), 4),
        (({"samples": torch.zeros(1, 4, 8, 8)},), 1024),
        ((np.zeros(10),), 80),
        ((torch.zeros(0),), 0),
        ((torch.zeros(100)[:1],), 400),
        ((object(),), 0),
    ],
)
def test_the_memory_behind_a_value_is_what_it_weighs(value: Any, nbytes: int) -> None:
    assert weigh(value).nbytes == OVERHEAD + nbytes


def test_views_of_one_memory_are_one_part() -> None:
    tensor = torch.zeros(100)
    assert weigh((tensor, tensor[:5], [tensor.view(10, 10)])).parts == weigh((tensor,)).parts
    assert len(weigh((tensor, tensor.clone())).parts) == 2


def test_a_list_that_contains_itself_is_weighed() -> None:
    endless: list[Any] = ["four"]
    endless.append(endless)
    assert weigh(endless).own == OVERHEAD + 4


@pytest.mark.parametrize("packed", [False, True])
def test_the_parts_of_a_checkpoint_are_those_of_the_whole(packed: bool) -> None:
    compute = Compute(torch.device("cpu"), torch.float32)
    loaded = load_checkpoint(ASSETS / "tiny-sd-v1.safetensors", compute, packed=packed)
    whole = weigh(loaded)
    assert whole.nbytes == pytest.approx(loaded.nbytes, rel=0.01, abs=20_000)
    for part in (loaded.model, loaded.conditioner, loaded.first_stage):
        assert 100_000 < weigh((part,)).nbytes < whole.nbytes
        assert weigh((part,)).parts.items() <= whole.parts.items()
    assert weigh((loaded.model.with_options(eta=0.5),)).parts == weigh((loaded.model,)).parts
