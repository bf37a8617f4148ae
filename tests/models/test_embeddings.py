"""Every form of embedding file, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from ldm_nodes.models.embeddings import find_embedding, read_embedding
from ldm_nodes.models.errors import ModelError

ROWS = torch.arange(6.0).reshape(2, 3)
WIDE = torch.arange(8.0).reshape(2, 4)


@pytest.mark.parametrize("name", ["learned.pt", "learned.bin", "old.pt"])
def test_pickled_forms(tmp_path: Path, name: str) -> None:
    a1111 = {
        "string_to_token": {"*": 265},
        "string_to_param": {"*": torch.nn.Parameter(ROWS)},
        "name": "learned",
        "step": 500,
        "sd_checkpoint": None,
        "sd_checkpoint_name": None,
    }
    contents: dict[str, object] = {"<a.cat>": ROWS} if name == "learned.bin" else dict(a1111)
    torch.save(contents, tmp_path / name, _use_new_zipfile_serialization=name != "old.pt")
    torch.testing.assert_close(read_embedding(tmp_path / name, "l"), ROWS)


@pytest.mark.parametrize(
    ("tensors", "tower", "expected"),
    [
        ({"emb_params": ROWS}, "l", ROWS),
        ({"<cat>": ROWS[0]}, "l", ROWS[:1]),
        ({"clip_g": WIDE, "clip_l": ROWS}, "l", ROWS),
        ({"clip_g": WIDE, "clip_l": ROWS}, "g", WIDE),
        ({"emb_params": ROWS}, "g", ROWS),
    ],
)
def test_safetensors_forms(tmp_path: Path, tensors: dict[str, Tensor], tower: str, expected: Tensor) -> None:
    save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, tmp_path / "x.safetensors")
    torch.testing.assert_close(read_embedding(tmp_path / "x.safetensors", tower), expected)


@pytest.mark.parametrize("tensor", [torch.zeros(1, 2, 3), torch.zeros(4, dtype=torch.int64), torch.tensor(1.0)])
def test_other_tensors_are_no_embedding(tmp_path: Path, tensor: Tensor) -> None:
    save_file({"weight": tensor}, tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match="expected an embedding"):
        read_embedding(tmp_path / "x.safetensors", "l")


class Malicious:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("owned"),)  # type: ignore[return-value]


def test_a_file_that_wants_to_run_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"string_to_param": {"*": ROWS}, "extra": Malicious()}, tmp_path / "bad.pt")
    with pytest.raises(ModelError):
        read_embedding(tmp_path / "bad.pt", "l")
    assert not (tmp_path / "owned").exists()


def test_names_are_found_with_and_without_extension_first_folder_first(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for path in (second / "cat.pt", second / "v1.5.bin", first / "sub" / "dog.safetensors", second / "cat.safetensors"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    folders = [first, second]
    assert find_embedding("cat.pt", folders) == second / "cat.pt"
    assert find_embedding("cat", folders) == second / "cat.safetensors"
    assert find_embedding("v1.5", folders) == second / "v1.5.bin"
    assert find_embedding("sub/dog", folders) == first / "sub" / "dog.safetensors"
    (first / "cat.pt").touch()
    assert find_embedding("cat.pt", folders) == first / "cat.pt"
    assert find_embedding("absent", folders) is None


@pytest.mark.parametrize("name", ["../secret", "sub/../../secret", "", ".", "\0", "x" * 5000])
def test_names_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "embeddings"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "secret.pt").touch()
    assert find_embedding(name, [folder]) is None


def test_an_absolute_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.pt").touch()
    assert find_embedding(str(tmp_path / "secret.pt"), [tmp_path / "embeddings"]) is None


@pytest.mark.parametrize("name", ["link", "folder/secret", "../secret", "learned/../../secret"])
def test_nothing_outside_the_folders_is_found(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "embeddings"
    (folder / "learned").mkdir(parents=True)
    save_file({"emb_params": ROWS}, tmp_path / "secret.safetensors")
    (folder / "link.safetensors").symlink_to(tmp_path / "secret.safetensors")
    (folder / "folder").symlink_to(tmp_path, target_is_directory=True)
    assert find_embedding(name, [folder]) is None
    assert find_embedding(str(tmp_path / "secret"), [folder]) is None
