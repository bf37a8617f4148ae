"""LPIPS: layers and names, the files that it loads, gradients, and the pictures that it refuses."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from ldm_nodes.models.checkpoint import read_tensors
from ldm_nodes.models.errors import UnreadableFile, WrongWeights
from ldm_nodes.training.lpips import HEADS, LPIPS, VGG16, LinearHead, find_perceptual, random_lpips, read_lpips, unit

if TYPE_CHECKING:
    from collections.abc import Callable

NARROW = (2, 3, 4, 4, 4)
SLICES = {1: (0, 2), 2: (5, 7), 3: (10, 12, 14), 4: (17, 19, 21), 5: (24, 26, 28)}


def pictures(count: int = 2, side: int = 16, dtype: torch.dtype = torch.float32, seed: int = 0) -> Tensor:
    return torch.rand(count, 3, side, side, dtype=dtype, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.fixture(scope="module")
def trained() -> LPIPS:
    """A network at full width whose weights are exact in half precision, as the files below hold them."""
    network = random_lpips(1)
    for parameter in network.parameters():
        parameter.copy_(parameter.half().float())
    return network


@pytest.fixture(scope="module")
def vgg(trained: LPIPS, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Torchvision's layout, with a classifier beside the features."""
    state = {f"features.{key.split('.', 1)[1]}": value.half() for key, value in trained.net.state_dict().items()}
    path: Path = tmp_path_factory.mktemp("vgg") / "vgg16.safetensors"
    save_file({**state, "classifier.6.bias": torch.zeros(1000)}, path)
    return path


def test_convolutions_stand_where_torchvision_has_them() -> None:
    convolutions = {name for name, part in VGG16(NARROW).named_modules() if isinstance(part, nn.Conv2d)}
    assert convolutions == {f"slice{k}.{index}" for k, indexes in SLICES.items() for index in indexes}


def test_slices_end_at_the_relus_before_each_pooling() -> None:
    last = [list(part.named_children())[-1] for part in VGG16(NARROW).children()]
    assert [name for name, _ in last] == ["3", "8", "15", "22", "29"]
    assert all(isinstance(layer, nn.ReLU) for _, layer in last)


def test_feature_maps_halve_from_slice_to_slice() -> None:
    shapes = [tuple(features.shape) for features in VGG16(NARROW)(pictures(1, 48))]
    assert shapes == [(1, width, 48 >> k, 48 >> k) for k, width in enumerate(NARROW)]


def test_names_are_the_originals() -> None:
    names = set(LPIPS().state_dict())
    convolutions = {f"net.slice{k}.{index}" for k, indexes in SLICES.items() for index in indexes}
    assert names == (
        {"scaling_layer.shift", "scaling_layer.scale"}
        | {f"lin{k}.model.1.weight" for k in range(5)}
        | {f"{name}.{kind}" for name in convolutions for kind in ("weight", "bias")}
    )


def test_the_network_is_frozen_but_pictures_get_gradients() -> None:
    network, x = random_lpips(0, NARROW), pictures().requires_grad_()
    network(x, pictures(seed=1)).sum().backward()
    assert x.grad is not None
    assert x.grad.abs().sum() > 0
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_gradients_are_the_derivatives() -> None:
    network, y = random_lpips(3, NARROW).double(), pictures(1, dtype=torch.float64, seed=1)
    x = pictures(1, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: network(x, y), (x,), fast_mode=True)


def test_gradients_are_finite_where_no_channel_responds() -> None:
    features = torch.zeros(1, 4, 2, 2, requires_grad=True)
    unit(features.relu()).square().sum().backward()  # type: ignore[no-untyped-call]
    assert features.grad is not None
    assert torch.equal(features.grad, torch.zeros(1, 4, 2, 2))


def test_distance_is_symmetric_positive_and_zero_only_between_equals() -> None:
    network, x, y = random_lpips(0, NARROW), pictures(), pictures(seed=1)
    assert torch.equal(network(x, x), torch.zeros(2, 1, 1, 1))
    assert (network(x, y) > 0).all()
    torch.testing.assert_close(network(x, y), network(y, x))


def test_grey_pictures_count_as_three_equal_channels() -> None:
    network, x, y = random_lpips(0, NARROW), pictures()[:, :1], pictures(seed=1)[:, :1]
    torch.testing.assert_close(network(x, y), network(x.expand(-1, 3, -1, -1), y.expand(-1, 3, -1, -1)))


def test_training_mode_changes_nothing() -> None:
    network, x, y = random_lpips(0, NARROW), pictures(), pictures(seed=1)
    assert torch.equal(network.eval()(x, y), network.train()(x, y))


def test_dropout_on_demand_is_noise_about_the_same_mean() -> None:
    head = LinearHead(64, use_dropout=True)
    nn.init.constant_(head.model[1].weight, 1 / 64)  # type: ignore[arg-type]
    f, g = (torch.randn(500, 64, 4, 4, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    exact, noisy = head.eval()(f, g), head.train()(f, g)
    assert not torch.equal(exact, noisy)
    torch.testing.assert_close(noisy.mean(), exact.mean(), rtol=0.02, atol=0)


def test_random_features_depend_on_the_seed_alone() -> None:
    x, y = pictures(), pictures(seed=1)
    torch.manual_seed(1)
    first = random_lpips(7, NARROW)(x, y)
    torch.manual_seed(2)
    assert torch.equal(random_lpips(7, NARROW)(x, y), first)
    assert not torch.equal(random_lpips(8, NARROW)(x, y), first)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (torch.zeros(1, 3, 16, 16), torch.zeros(1, 3, 16, 18), "one shape"),
        (torch.zeros(1, 3, 15, 16), torch.zeros(1, 3, 15, 16), "at least 16 pixels"),
        (torch.zeros(1, 4, 16, 16), torch.zeros(1, 4, 16, 16), r"\(B, 3, height, width\)"),
        (torch.zeros(3, 16, 16), torch.zeros(3, 16, 16), r"got \(3, 16, 16\)"),
    ],
)
def test_pictures_that_cannot_be_compared(x: Tensor, y: Tensor, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LPIPS(NARROW)(x, y)


def test_the_public_heads_are_the_public_heads() -> None:
    assert hashlib.md5(HEADS.read_bytes(), usedforsecurity=False).hexdigest() == "d507d7349b931f0638a25a48a722f98a"


def test_torchvision_features_with_the_public_heads(vgg: Path, trained: LPIPS) -> None:
    network, heads = read_lpips(vgg, HEADS), read_tensors(HEADS)
    for name, value in trained.net.state_dict().items():
        assert torch.equal(network.net.state_dict()[name], value)
    for index, head in enumerate(network.heads):
        assert torch.equal(head.state_dict()["model.1.weight"], heads[f"lin{index}.model.1.weight"])
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert network(pictures(), pictures(seed=1)).shape == (2, 1, 1, 1)


@pytest.mark.parametrize("prefix", ["", "loss.perceptual_loss."])
def test_a_file_that_carries_the_whole_loss(prefix: str, trained: LPIPS, tmp_path: Path) -> None:
    path = tmp_path / "first_stage.safetensors"
    save_file({prefix + key: value.half() for key, value in trained.state_dict().items()}, path)
    x, y = pictures(), pictures(seed=1)
    assert torch.equal(read_lpips(path)(x, y), trained(x, y))
    assert not torch.equal(read_lpips(path, HEADS)(x, y), trained(x, y))


def test_the_public_heads_are_there_without_being_named(vgg: Path) -> None:
    x, y = pictures(), pictures(seed=1)
    assert torch.equal(read_lpips(vgg)(x, y), read_lpips(vgg, HEADS)(x, y))
    assert "Redistribution and use" in (HEADS.parent / "LICENSE").read_text()


def without_a_layer(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key: value for key, value in state.items() if not key.startswith("features.28.")}


def with_a_narrow_layer(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {**state, "features.0.weight": torch.zeros(8, 3, 3, 3)}


def of_another_network(_: dict[str, Tensor]) -> dict[str, Tensor]:
    return {"conv1.weight": torch.zeros(64, 3, 7, 7)}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (without_a_layer, r"lacks slice5\.28\.weight, slice5\.28\.bias"),
        (with_a_narrow_layer, r"slice1\.0\.weight has shape \(8, 3, 3, 3\), expected \(64, 3, 3, 3\)"),
        (of_another_network, r"other\.safetensors holds no VGG16 features"),
    ],
)
def test_files_with_other_weights(
    spoil: Callable[[dict[str, Tensor]], dict[str, Tensor]], said: str, vgg: Path, tmp_path: Path
) -> None:
    path = tmp_path / "other.safetensors"
    save_file(spoil(read_tensors(vgg)), path)
    with pytest.raises(WrongWeights, match=said):
        read_lpips(path, HEADS)


def test_heads_of_another_network(vgg: Path, tmp_path: Path) -> None:
    path = tmp_path / "alex.safetensors"
    save_file({f"lin{k}.model.1.weight": torch.zeros(1, 64, 1, 1) for k in range(5)}, path)
    with pytest.raises(WrongWeights, match=r"alex\.safetensors .* expected \(1, 128, 1, 1\)"):
        read_lpips(vgg, path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"nowhere\.pth cannot be opened"):
        find_perceptual(tmp_path / "nowhere.pth")


def test_a_file_gives_lpips_and_says_which(vgg: Path) -> None:
    found = find_perceptual(vgg, HEADS)
    assert isinstance(found.network, LPIPS)
    assert "vgg16.safetensors" in found.notice


def test_without_a_file_there_is_no_perceptual_loss_and_it_says_so() -> None:
    found = find_perceptual(None)
    assert found.network is None
    assert "perceptual weight is 0" in found.notice


def test_random_features_are_used_only_if_asked_for_and_say_so() -> None:
    found = find_perceptual(None, random_seed=5)
    assert found.network is not None
    assert "random VGG16 features (seed 5)" in found.notice
    x, y = pictures(), pictures(seed=1)
    assert torch.equal(found.network(x, y), random_lpips(5)(x, y))
