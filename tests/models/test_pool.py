from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

import ldm_nodes
from ldm_nodes.engine.memory import Memory
from ldm_nodes.models.devices import Compute
from ldm_nodes.models.errors import UnreadableFile
from ldm_nodes.models.pool import EndlessShelf, ModelPool
from ldm_nodes.models.text_encoder import TextEncoder
from ldm_nodes.nodes.sizes import weigh

ASSETS = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints"
FP32 = Compute(torch.device("cpu"), torch.float32)
BF16 = Compute(torch.device("cpu"), torch.bfloat16)
NAMES = ("tiny-class-v1.safetensors", "tiny-class-v1.yaml")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).write_bytes((ASSETS / name).read_bytes())
    return tmp_path / NAMES[0]


def test_a_model_is_loaded_once_however_often_it_is_asked_for(path: Path) -> None:
    pool = ModelPool()
    one = pool.checkpoint(path, FP32)
    assert pool.checkpoint(path, FP32) is one
    assert pool.checkpoint(path.parent / "." / path.name, FP32) is one
    assert one.nbytes > 2_000_000


def test_another_type_or_another_part_is_another_model(path: Path) -> None:
    pool = ModelPool()
    one, two = pool.checkpoint(path, FP32), pool.checkpoint(path, BF16)
    assert one is not two
    assert pool.first_stage(path, FP32) is pool.first_stage(path, FP32)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_changed_is_loaded_again(name: str, path: Path) -> None:
    pool = ModelPool()
    one = pool.checkpoint(path, FP32)
    os.utime(path.with_name(name), ns=(1, 1))
    assert pool.checkpoint(path, FP32) is not one


def _nbytes(path: Path) -> int:
    """Return what the pool makes room for before it loads a file."""
    room: list[int] = []
    shelf = EndlessShelf()
    shelf.reserve = room.append  # type: ignore[method-assign, assignment]
    ModelPool(shelf).checkpoint(path, FP32)
    return room[0]


def test_room_is_made_before_a_model_is_loaded(path: Path) -> None:
    loaded = ModelPool().checkpoint(path, FP32)
    assert _nbytes(path) == pytest.approx(loaded.nbytes, rel=0.02)


def test_the_least_recently_used_model_makes_room(path: Path) -> None:
    size = weigh(ModelPool().checkpoint(path, FP32)).nbytes
    memory = Memory(int(2.5 * size), weigh)
    pool = ModelPool(memory)
    copies = [path.with_name(f"{index}.safetensors") for index in range(3)]
    for copy in copies:
        copy.write_bytes(path.read_bytes())
        copy.with_suffix(".yaml").write_bytes(path.with_suffix(".yaml").read_bytes())
    first, second = (pool.checkpoint(copy, FP32) for copy in copies[:2])
    memory.next_run()
    assert pool.checkpoint(copies[0], FP32) is first
    for _ in range(100):  # loading takes different times, and age outweighs them in the end
        memory.next_run()
        memory.touch([next(key for key, run in memory.ages().items() if run == memory.run - 1)])
    pool.checkpoint(copies[2], FP32)
    assert memory.used_bytes <= memory.budget_bytes
    assert pool.checkpoint(copies[0], FP32) is first
    assert pool.checkpoint(copies[1], FP32) is not second


def test_threads_share_one_load(path: Path) -> None:
    pool = ModelPool()
    with ThreadPoolExecutor(4) as threads:
        loaded = list(threads.map(lambda _: pool.checkpoint(path, FP32), range(8)))
    assert len({id(model) for model in loaded}) == 1


def test_a_failure_is_not_kept(path: Path) -> None:
    pool, good = ModelPool(), path.read_bytes()
    path.write_bytes(b"")
    with pytest.raises(UnreadableFile):
        pool.checkpoint(path, FP32)
    path.write_bytes(good)
    assert pool.checkpoint(path, FP32).config.family == "ldm-class"
    with pytest.raises(UnreadableFile, match="No such file"):
        pool.checkpoint(path.with_name("other.ckpt"), FP32)


def test_hashes_are_of_the_bytes_and_follow_the_file(path: Path) -> None:
    pool = ModelPool()
    assert pool.sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(b"abc")
    assert pool.sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_hash_of_a_folder_is_that_of_the_list_of_its_files(tmp_path: Path) -> None:
    for name, text in (("unet/b", "1"), ("model_index.json", "2"), (".cache/c", "3")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    lines = (
        f"{hashlib.sha256(b'2').hexdigest()}  model_index.json\n"
        f"{hashlib.sha256(b'1').hexdigest()}  unet/b\n"
    )  # fmt: skip
    pool = ModelPool()
    assert pool.sha256(tmp_path) == hashlib.sha256(lines.encode()).hexdigest()
    (tmp_path / "unet" / "b").write_text("12")
    assert pool.sha256(tmp_path) != hashlib.sha256(lines.encode()).hexdigest()


def test_folders_of_embeddings_reach_the_prompts(tmp_path: Path) -> None:
    loaded = ModelPool(embeddings=(tmp_path,)).checkpoint(ASSETS / "tiny-sd-v1.safetensors", FP32)
    assert isinstance(loaded.conditioner, TextEncoder)
    assert loaded.conditioner.folders == (tmp_path,)
