from __future__ import annotations

import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ldm_nodes.models.checkpoint import ema_key, open_checkpoint, read_tensors
from ldm_nodes.models.errors import UnreadableFile
from tests import golden

ASSETS = Path(golden.__file__).parents[1] / "ldm_nodes" / "assets" / "checkpoints"
GOLDEN = golden.ROOT / "11_checkpoint"


def tensors() -> dict[str, Tensor]:
    base = torch.arange(24.0)
    return {
        "plain": base.reshape(4, 6).clone(),
        "part of a storage": base[5:9],
        "transposed": base.reshape(4, 6).T,
        "half": base.half(),
        "bfloat16": base.bfloat16(),
        "float8": base.to(torch.float8_e4m3fn),
        "ids": torch.arange(77).expand(1, -1),
        "flag": torch.tensor(True),
        "count": torch.tensor(7, dtype=torch.int32),
        "empty": torch.empty(0, 3),
    }


def assert_same(got: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert got.keys() == expected.keys()
    for key, tensor in expected.items():
        assert got[key].dtype == tensor.dtype, key
        assert got[key].is_contiguous()
        assert torch.equal(got[key].double(), tensor.double()), key


@pytest.mark.parametrize("zipped", [True, False])
def test_what_torch_saves_is_read_back(zipped: bool, tmp_path: Path) -> None:
    expected = tensors()
    torch.save(expected, tmp_path / "a.pt", _use_new_zipfile_serialization=zipped)
    assert_same(read_tensors(tmp_path / "a.pt"), expected)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_pickle_protocol_is_read(protocol: int, tmp_path: Path) -> None:
    state = OrderedDict(w=nn.Parameter(torch.ones(3)), b=torch.zeros(2))
    torch.save({"state_dict": state, "global_step": 12}, tmp_path / "a.ckpt", pickle_protocol=protocol)
    checkpoint = open_checkpoint(tmp_path / "a.ckpt")
    assert checkpoint.global_step == 12
    assert_same({key: checkpoint.tensor(key) for key in checkpoint.tensors}, {"w": torch.ones(3), "b": torch.zeros(2)})


def test_a_module_state_dict_keeps_its_names(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    torch.save(module.state_dict(), tmp_path / "a.pth")
    assert_same(read_tensors(tmp_path / "a.pth"), dict(module.state_dict()))


def test_training_leftovers_are_passed_over(tmp_path: Path) -> None:
    weights = {"w": nn.Parameter(torch.ones(3))}
    optimizer = torch.optim.AdamW(weights.values())
    weights["w"].grad = torch.ones(3)
    optimizer.step()
    saved = {
        "epoch": 3, "global_step": 99, "state_dict": weights, "optimizer_states": [optimizer.state_dict()],
        "callbacks": {"early": {"best": torch.tensor(1.0)}}, "hyper": {1, 2}, "numbers": frozenset({3}),
    }  # fmt: skip
    torch.save(saved, tmp_path / "a.ckpt")
    checkpoint = open_checkpoint(tmp_path / "a.ckpt")
    assert list(checkpoint.tensors) == ["w"]
    assert (checkpoint.global_step, checkpoint.scalars["epoch"]) == (99, 3)


def test_nested_tables_without_state_dict_are_joined_by_dots(tmp_path: Path) -> None:
    saved = {"string_to_token": {"*": 265}, "string_to_param": {"*": torch.ones(2, 768)}, "name": "cat", "step": 500}
    torch.save(saved, tmp_path / "cat.pt")
    assert list(read_tensors(tmp_path / "cat.pt")) == ["string_to_param.*"]


def test_the_published_ckpt_and_safetensors_hold_the_same(tmp_path: Path) -> None:
    one = open_checkpoint(GOLDEN / "tiny-sd-v1.ckpt")
    two = open_checkpoint(ASSETS / "tiny-sd-v1.safetensors")
    manifest = golden.load("11_checkpoint", "tiny_sd_v1").manifest["checkpoint"]
    assert one.global_step == manifest["global_step"]
    assert len(one.tensors) == len(two.tensors) == manifest["tensors"]
    for key in two.tensors:
        assert one.tensor(key).dtype == two.tensor(key).dtype
        assert torch.equal(one.tensor(key), two.tensor(key)), key


def test_the_extension_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "really-a-ckpt.safetensors"
    path.write_bytes((GOLDEN / "tiny-sd-v1.ckpt").read_bytes())
    assert open_checkpoint(path).format == "torch"


def test_averaged_weights_are_found_from_the_names_of_the_parameters() -> None:
    assert ema_key("model.diffusion_model.out.0.bias") == "model_ema.diffusion_modelout0bias"
    raw = open_checkpoint(ASSETS / "tiny-sd-v1.safetensors")
    averaged = raw.with_ema()
    name = "model.diffusion_model.input_blocks.1.0.in_layers.2.weight"
    stored = raw.tensor("model_ema.diffusion_modelinput_blocks10in_layers2weight")
    assert torch.equal(averaged.tensor(name), stored)
    assert not torch.equal(raw.tensor(name), stored)


def test_asking_for_averages_that_are_not_there_is_an_error(tmp_path: Path) -> None:
    torch.save({"model.diffusion_model.w": torch.ones(1), "model_ema.decay": torch.ones(1)}, tmp_path / "a.ckpt")
    checkpoint = open_checkpoint(tmp_path / "a.ckpt")
    assert not checkpoint.has_ema
    with pytest.raises(UnreadableFile, match="no averaged"):
        checkpoint.with_ema()


def test_a_part_is_seen_without_its_prefix() -> None:
    part = open_checkpoint(ASSETS / "tiny-sd-v1.safetensors").under("first_stage_model.")
    assert part.shape("post_quant_conv.weight") == (4, 4, 1, 1)
    assert not part.has("model.")


FOREIGN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "zeros": (bytes(5000), "filled with zeros"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n", "Git LFS pointer"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(50), "7z archive"),
    "rar": (b"Rar!\x1a\x07\x01\x00" + bytes(50), "RAR archive"),
    "gzip": (b"\x1f\x8b\x08" + bytes(50), "gzip archive"),
    "tar": (bytes([97]) + bytes(256) + b"ustar\x0000" + bytes(300), "tar archive"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG picture"),
    "gguf": (b"GGUF\x03\x00\x00\x00" + bytes(50), "GGUF"),
    "html": (b"<!DOCTYPE html><html>404</html>", "HTML page"),
    "json": (b'{"error": "not found"}', "JSON text"),
    "text": (b"Access to this model is restricted.", "text file"),
    "noise": (bytes(range(200, 256)) * 20, "not known here"),
    "empty zip": (b"PK\x05\x06" + bytes(18), "empty zip"),
    "cut zip": (b"PK\x03\x04" + bytes(500), "cut off or damaged"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_foreign_file_is_named(case: str, tmp_path: Path) -> None:
    data, reason = FOREIGN[case]
    path = tmp_path / "model.ckpt"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match=reason) as caught:
        open_checkpoint(path)
    assert "\n" not in str(caught.value)


def test_a_zip_of_something_else_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.ckpt", "w") as archive:
        archive.writestr("model.safetensors", b"x")
    with pytest.raises(UnreadableFile, match="not one that torch saved"):
        open_checkpoint(tmp_path / "a.ckpt")


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file"):
        open_checkpoint(tmp_path / "a.ckpt")
    with pytest.raises(UnreadableFile, match="directory"):
        open_checkpoint(tmp_path)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_torch_file_is_refused(zipped: bool, keep: float, tmp_path: Path) -> None:
    torch.save({"w": torch.ones(4000), "v": torch.ones(4000)}, tmp_path / "a", _use_new_zipfile_serialization=zipped)
    whole = (tmp_path / "a").read_bytes()
    (tmp_path / "b.ckpt").write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(UnreadableFile, match=r"cut off|damaged"):
        open_checkpoint(tmp_path / "b.ckpt")


def test_a_whole_pickled_module_is_refused(tmp_path: Path) -> None:
    torch.save(nn.Linear(1, 1), tmp_path / "a.pt")
    with pytest.raises(ValueError, match=r"torch\.nn\.modules\.linear\.Linear"):
        open_checkpoint(tmp_path / "a.pt")
