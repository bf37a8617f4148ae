from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
import torch.nn.functional as F

from ldm_nodes.models.autoencoder import AutoencoderKL, VQModelInterface
from ldm_nodes.models.model_config import ClassConfig
from ldm_nodes.training.conditions import check_data, conditions, drop_captions, drop_classes, drop_context
from ldm_nodes.training.data import Dataset, Sample
from ldm_nodes.training.errors import DataError
from tests.training.tiny import (
    ADM,
    CAPTIONS,
    CLASSES,
    FAMILIES,
    HYBRID,
    HYBRID_ADM,
    INPAINTING,
    SEMANTIC,
    TEXT,
    UNCONDITIONAL,
    UPSCALING,
    batch_of,
    model_of,
)

if TYPE_CHECKING:
    from ldm_nodes.models.model_config import ModelConfig

SOME = torch.tensor([True, False, False, True])
NONE = torch.zeros(4, dtype=torch.bool)
BATCH = batch_of()
SIZE = (4, 4)


@pytest.mark.parametrize("config", FAMILIES, ids=lambda config: f"{config.family}-{config.conditioning_key}")
def test_the_network_runs_on_what_every_family_is_told(config: ModelConfig) -> None:
    model = model_of(config)
    x = torch.randn(4, 4, 4, 4)
    with torch.no_grad():
        told = conditions(model, BATCH, NONE, SIZE)
        out = model.apply_model(x, torch.zeros(4), told)
        assert out.shape == x.shape
        if told:
            others = {
                name: [part.flip(0) for part in value] if isinstance(value, list) else value.flip(0)
                for name, value in told.items()
            }
            assert not torch.allclose(model.apply_model(x, torch.zeros(4), others), out)


def test_captions_become_the_encoders_context() -> None:
    model = model_of(CAPTIONS)
    encode = model.text_encoder().encode_plain
    with torch.no_grad():
        [context] = conditions(model, BATCH, SOME, SIZE)["c_crossattn"]
        torch.testing.assert_close(context, encode(["", BATCH.caption[1], BATCH.caption[2], ""]))
        [zeros] = conditions(model, BATCH, SOME, SIZE, "zeros")["c_crossattn"]
    assert not zeros[SOME].any()
    torch.testing.assert_close(zeros[~SOME], context[~SOME])


def test_classes_become_one_token() -> None:
    model = model_of(CLASSES)
    with torch.no_grad():
        [context] = conditions(model, BATCH, SOME, SIZE)["c_crossattn"]
        expected = model.condition(torch.tensor([2, 1, 0, 2]))
    assert context.shape == (4, 1, 16)
    assert torch.equal(context, expected)


def test_classes_enter_the_time_embedding() -> None:
    told = conditions(model_of(ADM), BATCH, SOME, SIZE)
    assert told["c_crossattn"][0].tolist() == [2, 1, 0, 2]
    told = conditions(model_of(HYBRID_ADM), BATCH, SOME, SIZE)
    assert told["c_adm"].tolist() == [2, 1, 0, 2]
    assert {name: len(told[name]) for name in ("c_concat", "c_crossattn")} == {"c_concat": 1, "c_crossattn": 1}


def test_the_inpainting_model_of_the_paper_sees_black_holes_and_a_mask_from_minus_1_to_1() -> None:
    model = model_of(INPAINTING)
    assert BATCH.image is not None
    assert BATCH.mask is not None
    assert isinstance(model.first_stage_model, VQModelInterface)
    [beside] = conditions(model, BATCH, SOME, SIZE)["c_concat"]
    masked = (1 - BATCH.mask) * ((BATCH.image + 1) / 2) * 2 - 1  # scripts/inpaint.py works from 0 to 1
    with torch.no_grad():
        torch.testing.assert_close(beside[:, :4], model.first_stage_model.encode(masked))
    assert torch.equal(beside[:, 4:], F.interpolate(BATCH.mask, SIZE) * 2 - 1)


def test_stable_diffusions_inpainting_model_sees_a_mask_and_grey_holes() -> None:
    model = model_of(replace(HYBRID, scale_factor=0.5))
    assert BATCH.image is not None
    assert BATCH.mask is not None
    assert isinstance(model.first_stage_model, AutoencoderKL)
    told = conditions(model, BATCH, SOME, SIZE)
    [beside] = told["c_concat"]
    assert torch.equal(beside[:, :1], F.interpolate(BATCH.mask, SIZE))
    with torch.no_grad():
        grey = model.first_stage_model.encode(BATCH.image * (BATCH.mask < 0.5)).mode()
    torch.testing.assert_close(beside[:, 1:], 0.5 * grey)
    assert told["c_crossattn"][0].shape[-1] == 16


def test_a_second_picture_stands_beside_the_latent() -> None:
    assert BATCH.condition is not None
    assert BATCH.image is not None
    [beside] = conditions(model_of(UPSCALING), BATCH, SOME, SIZE)["c_concat"]
    torch.testing.assert_close(beside, F.avg_pool2d(BATCH.condition, 2))
    alone = replace(BATCH, condition=None)
    [beside] = conditions(model_of(UPSCALING), alone, SOME, SIZE)["c_concat"]
    torch.testing.assert_close(beside, F.avg_pool2d(BATCH.image, 2))
    model = model_of(SEMANTIC)
    [beside] = conditions(model, BATCH, SOME, SIZE)["c_concat"]
    with torch.no_grad():
        torch.testing.assert_close(beside, model.condition(BATCH.condition))


def test_an_unconditional_model_is_told_nothing() -> None:
    assert conditions(model_of(UNCONDITIONAL), BATCH, SOME, SIZE) == {}


def dataset_of(*samples: Sample) -> Dataset:
    return Dataset.of(samples)


CAT, DOG, NEITHER = (Sample(Path("a.png"), class_name=name) for name in ("cat", "dog", None))
CAPTIONED = Sample(Path("a.png"), ("a cat",))


@pytest.mark.parametrize(
    ("config", "dataset", "dropout"),
    [
        (CLASSES, dataset_of(CAT, DOG), 0.1),
        (ADM, dataset_of(CAT, DOG, NEITHER), 0.0),
        (CAPTIONS, dataset_of(CAPTIONED, NEITHER), 0.1),
        (replace(CAPTIONS, conditioner=TEXT), dataset_of(CAPTIONED), 0.1),
        (UNCONDITIONAL, dataset_of(NEITHER), 0.0),
        (INPAINTING, dataset_of(NEITHER), 0.0),
    ],
)
def test_data_that_suits_a_model(config: ModelConfig, dataset: Dataset, dropout: float) -> None:
    check_data(config, dataset, dropout)


@pytest.mark.parametrize(
    ("config", "dataset", "dropout", "message"),
    [
        (CLASSES, dataset_of(NEITHER), 0.1, "reads classes and the data has none"),
        (ADM, dataset_of(CAPTIONED), 0.0, "reads classes and the data has none"),
        (CAPTIONS, dataset_of(CAT), 0.1, "reads captions and the data has none"),
        (replace(CAPTIONS, conditioner=TEXT), dataset_of(CAT), 0.1, "reads captions and the data has none"),
        (
            replace(CLASSES, conditioner=ClassConfig(16, 2)),
            dataset_of(CAT, DOG),
            0.1,
            r"2 classes and one more that stands for none; the model has 2\. Set n_classes to 3",
        ),
        (replace(CLASSES, conditioner=ClassConfig(16, 1)), dataset_of(CAT, DOG), 0.0, r"2 classes; the model has 1\."),
    ],
)
def test_data_that_does_not_suit(config: ModelConfig, dataset: Dataset, dropout: float, message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_data(config, dataset, dropout)


def test_dropping() -> None:
    assert drop_captions(["a", "b"], torch.tensor([False, True])) == ["a", ""]
    assert drop_classes(torch.tensor([0, 1, -1]), torch.tensor([True, False, False]), 4).tolist() == [3, 1, 3]
    assert drop_classes(torch.tensor([0, 3]), torch.tensor([False, False]), 4).tolist() == [0, 3]
    assert drop_context(torch.ones(2, 1, 1), torch.tensor([False, True])).flatten().tolist() == [1, 0]


@pytest.mark.parametrize(
    ("labels", "dropped", "message"),
    [
        ([0, 4], [False, False], "class number 4; the model has 4 classes"),
        ([0, 3], [True, False], "set n_classes to 5"),
    ],
)
def test_classes_that_the_model_has_no_room_for(labels: list[int], dropped: list[bool], message: str) -> None:
    with pytest.raises(DataError, match=message):
        drop_classes(torch.tensor(labels), torch.tensor(dropped), 4)


@pytest.mark.parametrize(
    ("config", "missing", "message"),
    [
        (HYBRID, "mask", "needs pictures and masks"),
        (INPAINTING, "image", "needs pictures and masks"),
        (replace(UPSCALING, unet=replace(UPSCALING.unet, in_channels=6)), "", "has 3 channels; the model takes 2"),
        (replace(CLASSES, conditioner=None), "", "reads neither"),
        (replace(ADM, unet=replace(ADM.unet, num_classes="continuous")), "", "numbered classes only"),
    ],
)
def test_data_that_a_model_cannot_use(config: ModelConfig, missing: str, message: str) -> None:
    batch = replace(BATCH, **({missing: None} if missing else {}))  # type: ignore[arg-type]
    with pytest.raises(DataError, match=message):
        conditions(model_of(config), batch, SOME, SIZE)


def test_cached_latents_are_not_enough_for_a_model_that_is_shown_pictures() -> None:
    with pytest.raises(DataError, match="turn the cache off"):
        conditions(model_of(UPSCALING), replace(BATCH, image=None, condition=None), SOME, SIZE)
