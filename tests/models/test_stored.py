from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from ldm_nodes.models.errors import UnreadableFile
from ldm_nodes.models.stored import MappedFile, StoredTensor, contiguous_stride, extent

if TYPE_CHECKING:
    from pathlib import Path


def test_strides_and_extents_are_torchs() -> None:
    for shape in ((), (3,), (2, 0, 4), (2, 3, 4)):
        tensor = torch.empty(shape)
        assert contiguous_stride(shape) == tensor.contiguous().stride() or not tensor.numel()
        assert extent(shape, contiguous_stride(shape)) == tensor.numel()
    assert extent((2, 3), (10, 2)) == 15


def test_a_strided_tensor_comes_out_contiguous(tmp_path: Path) -> None:
    numbers = torch.arange(24, dtype=torch.int16)
    (tmp_path / "raw").write_bytes(bytes(1) + numbers.numpy().tobytes())
    stored = StoredTensor(MappedFile(tmp_path / "raw"), 1 + 2 * 3, torch.int16, (4, 3), (1, 6))
    got = stored.load()
    assert torch.equal(got, numbers[3:].as_strided((4, 3), (1, 6)))
    assert got.is_contiguous()


def test_the_file_is_never_written(tmp_path: Path) -> None:
    path = tmp_path / "raw"
    path.write_bytes(bytes(64))
    file = MappedFile(path)
    file.buffer[0] = 1
    del file
    assert path.read_bytes() == bytes(64)


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "raw").touch()
    with pytest.raises(UnreadableFile, match="raw is empty"):
        MappedFile(tmp_path / "raw")


CHILD = """
import sys, torch
from pathlib import Path
from ldm_nodes.models.checkpoint import open_checkpoint
def peak():  # of this program alone, in bytes
    (line,) = (line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
checkpoint = open_checkpoint(Path(sys.argv[1]))
checkpoint.tensor("0", torch.bfloat16)
before = peak()
kept = [checkpoint.tensor(key, torch.bfloat16) for key in checkpoint.tensors]
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_casting_a_whole_file_takes_its_size_and_one_tensor_more(tmp_path: Path) -> None:
    """Neither the mapped file nor a float32 copy may stay in memory beside the weights."""
    count, numel = 40, 4 << 20
    save_file({str(i): torch.ones(numel, dtype=torch.float16) for i in range(count)}, tmp_path / "m.safetensors")
    command = [sys.executable, "-c", CHILD, str(tmp_path / "m.safetensors")]
    grown = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert count * numel * 2 * 0.9 < grown < (count + 3) * numel * 2
