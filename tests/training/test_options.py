from __future__ import annotations

from typing import Any

import pytest

from ldm_nodes.models.errors import WrongConfig
from ldm_nodes.training.options import Options, read_options


def read(**tree: Any) -> tuple[Options, list[str]]:
    ignored: list[str] = []
    return read_options(tree, ignored), ignored


def test_lightnings_settings_count_where_they_mean_something() -> None:
    lightning = {
        "trainer": {
            "benchmark": True, "accumulate_grad_batches": 2, "max_epochs": 3, "gradient_clip_val": 0.5,
            "gpus": "0,", "max_steps": -1, "log_every_n_steps": 50,
        },
        "callbacks": {"image_logger": {"target": "main.ImageLogger", "params": {"batch_frequency": 7, "clamp": True}}},
        "modelcheckpoint": {"params": {"every_n_train_steps": 11, "save_top_k": 2, "monitor": "val/loss"}},
        "logger": {"target": "x"},
    }  # fmt: skip
    options, ignored = read(lightning=lightning)
    assert options == Options(accumulate=2, epochs=3, clip=0.5, log_every=50, sample_every=7, save_every=11, keep=2)
    assert ignored == [
        "lightning.trainer.benchmark", "lightning.trainer.gpus", "lightning.callbacks.image_logger.clamp",
        "lightning.modelcheckpoint.monitor", "lightning.logger",
    ]  # fmt: skip


def test_the_own_section_wins() -> None:
    options, _ = read(lightning={"trainer": {"accumulate_grad_batches": 2}}, training={"accumulate": 4})
    assert options.accumulate == 4


@pytest.mark.parametrize(
    ("given", "precision"), [(16, "bf16"), ("bf16", "bf16"), ("bf16-mixed", "bf16"), (32, "fp32"), (None, "fp32")]
)
def test_half_precision_is_bfloat16(given: Any, precision: str) -> None:
    options, ignored = read(lightning={"trainer": {"precision": given}})
    assert options.precision == precision
    assert ("bfloat16 stands in" in "".join(ignored)) == (given == 16)


@pytest.mark.parametrize(
    ("training", "says"),
    [
        ({"step": 1}, "training has no key step; it knows accumulate"),
        ({"steps": 0}, "training.steps is 0; expected a whole number of at least 1"),
        ({"steps": 1.5}, "training.steps is 1.5"),
        ({"steps": True}, "training.steps is True"),
        ({"clip": -1}, "training.clip is -1; expected a number of at least 0"),
        ({"precision": "fp16"}, "training.precision is 'fp16'; expected fp32 or bf16"),
        ({"compile": 1}, "training.compile is 1; expected true or false"),
        (3, "training is 3; expected a table"),
    ],
)
def test_wrong_options_are_told(training: Any, says: str) -> None:
    with pytest.raises(WrongConfig, match=says):
        read(training=training)


def test_nothing_given_is_the_default() -> None:
    assert read(training={"channels_last": None, "steps": None})[0] == Options()


def test_steps_follow_from_epochs() -> None:
    assert Options(steps=7, epochs=3).total_steps(100, 10) == 7
    assert Options(epochs=3).total_steps(100, 10) == 30
    assert Options(epochs=1).total_steps(3, 10) == 1
    assert Options().total_steps(10, 10) == 1000  # Lightning's 1000 epochs
