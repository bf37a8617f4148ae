from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import save_file

from ldm_nodes.models.checkpoint import open_checkpoint
from ldm_nodes.models.errors import UnreadableFile

if TYPE_CHECKING:
    from pathlib import Path


def written(path: Path, header: Any, data: bytes = b"", length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + data)
    return path


def entry(start: int = 0, stop: int = 8, shape: Any = (2,), dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, stop]}


def test_every_dtype_and_shape_reads_as_the_official_library_wrote_it(tmp_path: Path) -> None:
    dtypes = (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16)
    tensors = {str(dtype): (torch.arange(12).reshape(3, 4) - 5).to(dtype) for dtype in dtypes}
    tensors |= {"bool": torch.tensor([True, False, True]), "u8": torch.tensor([7, 255], dtype=torch.uint8)}
    tensors |= {"scalar": torch.tensor(3.5), "none": torch.empty(0, 5), "f8": torch.ones(3).to(torch.float8_e4m3fn)}
    save_file(tensors, tmp_path / "all.safetensors", metadata={"format": "pt", "title": "x"})
    checkpoint = open_checkpoint(tmp_path / "all.safetensors")
    assert checkpoint.metadata == {"format": "pt", "title": "x"}
    assert checkpoint.tensors.keys() == tensors.keys()
    for key, tensor in tensors.items():
        got = checkpoint.tensor(key)
        assert got.dtype == tensor.dtype
        assert torch.equal(got.double(), tensor.double())


def test_floats_are_cast_and_integers_are_not(tmp_path: Path) -> None:
    save_file({"w": torch.tensor([1.5, 2.25]).half(), "ids": torch.tensor([1, 2])}, tmp_path / "m.safetensors")
    checkpoint = open_checkpoint(tmp_path / "m.safetensors")
    assert torch.equal(checkpoint.tensor("w", torch.bfloat16), torch.tensor([1.5, 2.25], dtype=torch.bfloat16))
    assert checkpoint.tensor("ids", torch.bfloat16).dtype == torch.int64


def test_a_loaded_tensor_survives_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save_file({"w": torch.arange(5000.0)}, path)
    tensor = open_checkpoint(path).tensor("w")
    path.unlink()
    tensor += 1
    assert torch.equal(tensor, torch.arange(5000.0) + 1)


def test_a_tensor_can_be_loaded_again_after_its_pages_went(tmp_path: Path) -> None:
    save_file({"w": torch.arange(50_000.0)}, tmp_path / "m.safetensors")
    checkpoint = open_checkpoint(tmp_path / "m.safetensors")
    checkpoint.tensor("w").zero_()
    assert torch.equal(checkpoint.tensor("w"), torch.arange(50_000.0))


BAD: dict[str, tuple[Any, bytes, int | None, str]] = {
    "length 2^63": (b'{"a":1}', b"", 2**63, "claims 9223372036854775808 bytes"),
    "length of the file": (b'{"a":1}', b"", 8, "cut off"),
    "not JSON": (b'{"a":', b"", None, "not valid JSON"),
    "not UTF-8": (b'{"\xff":1}', b"", None, "not valid JSON"),
    "deep JSON": (b'{"a":' + b"[" * 200_000, b"", None, "not valid JSON"),
    "duplicate": (b'{"a":{},"b":{},"a":{}}', b"", None, "'a' appears twice"),
    "unknown dtype": ({"w": entry(dtype="F99")}, bytes(8), None, "unknown type 'F99'"),
    "no dtype": ({"w": {}}, b"", None, "unknown type"),
    "not a table": ({"w": 3}, b"", None, "is not a table"),
    "negative size": ({"w": entry(shape=(-2,))}, bytes(8), None, "impossible shape"),
    "fractional size": ({"w": entry(shape=(2.0,))}, bytes(8), None, "impossible shape"),
    "boolean size": ({"w": entry(shape=(True,), stop=4)}, bytes(4), None, "impossible shape"),
    "huge product": ({"w": entry(shape=(2**62, 4))}, bytes(8), None, "do not agree"),
    "too many dimensions": ({"w": entry(shape=(1,) * 40, stop=4)}, bytes(4), None, "impossible shape"),
    "outside": ({"w": entry(stop=80, shape=(20,))}, bytes(8), None, "outside the file"),
    "backwards": ({"w": entry(start=8, stop=0)}, bytes(8), None, "outside the file"),
    "wrong bytes": ({"w": entry(shape=(3,))}, bytes(8), None, "do not agree"),
    "overlap": ({"a": entry(), "b": entry(4, 12)}, bytes(12), None, "overlap"),
    "hole": ({"a": entry(), "b": entry(12, 20)}, bytes(20), None, "holes"),
    "tail": ({"a": entry()}, bytes(99), None, "91 bytes follow"),
    "metadata": ({"__metadata__": {"a": 1}, "a": entry()}, bytes(8), None, "__metadata__"),
    "nothing": ({}, b"", None, "no tensors"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_header_that_lies_is_refused(case: str, tmp_path: Path) -> None:
    header, data, length, reason = BAD[case]
    path = written(tmp_path / "bad.safetensors", header, data, length)
    with pytest.raises(UnreadableFile, match=reason) as caught:
        open_checkpoint(path)
    assert str(caught.value).startswith("bad.safetensors")


def test_a_hundred_megabytes_of_header_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.safetensors"
    with path.open("wb") as file:
        file.write((100 << 20).to_bytes(8, "little") + b"{")
        file.truncate((100 << 20) + 100)
    with pytest.raises(UnreadableFile, match="are not accepted"):
        open_checkpoint(path)


def test_a_download_that_stopped_is_named(tmp_path: Path) -> None:
    save_file({"w": torch.ones(1000)}, tmp_path / "whole.safetensors")
    path = tmp_path / "part.safetensors"
    path.write_bytes((tmp_path / "whole.safetensors").read_bytes()[:-100])
    with pytest.raises(UnreadableFile, match=r"bytes; it is probably cut off\.$"):
        open_checkpoint(path)
