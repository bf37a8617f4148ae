from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.models.errors import WrongConfig
from ldm_nodes.training.data_config import DataConfig, SourceConfig, read_data
from ldm_nodes.training.errors import DataError
from ldm_nodes.training.pictures import Framing
from tests.training.tiny import folder_of, noise, save


def read(train: Any, **params: Any) -> DataConfig:
    return read_data({"params": {"batch_size": 2, "train": train, **params}}, [])


def test_every_setting_arrives(tmp_path: Path) -> None:
    words = tmp_path / "synonyms.json"
    words.write_text(json.dumps({"cat": ["kitten"]}))
    train = {
        "folder": "pictures", "caption": "folder", "size": 32, "crop": "random", "min_side": 0.5, "mirror": 0.25,
        "caption_dropout": 0.1, "kept": ["not"], "synonym_rate": 0.2, "synonyms": str(words),
    }  # fmt: skip
    config = read(train, num_workers=5, cache="latents", cache_dtype="float16", validation={"csv": "other.csv"})
    assert config.batch_size == 2
    assert config.threads == 5
    assert config.cache == Path("latents")
    assert config.cache_dtype == "float16"
    assert config.train.sources == (SourceConfig("folder", Path("pictures"), "folder"),)
    assert config.train.framing(99) == Framing(32, "random", 0.5, 0.25)
    assert config.train.wording.synonyms == {"cat": ["kitten"]}
    assert config.train.wording.kept == {"not"}
    assert (config.train.wording.dropout, config.train.wording.replacement) == (0.1, 0.2)
    assert config.validation is not None
    assert config.validation.sources == (SourceConfig("csv", Path("other.csv")),)
    assert config.validation.framing(99) == Framing(99)


def test_sources_of_all_kinds_are_joined(tmp_path: Path) -> None:
    folder_of(tmp_path / "folder", 2)
    save(tmp_path / "table" / "a.png", noise(8, 8))
    (tmp_path / "table" / "table.csv").write_text("path,caption\na.png,from a table\n")
    save(tmp_path / "listed" / "b.png", noise(8, 8))
    (tmp_path / "names.txt").write_text("b.png\n")
    sources = [
        {"folder": str(tmp_path / "folder")},
        {"csv": str(tmp_path / "table" / "table.csv")},
        {"list": str(tmp_path / "names.txt"), "root": str(tmp_path / "listed")},
    ]
    dataset = read({"sources": sources, "size": 8}).train.dataset()
    assert [sample.path.name for sample in dataset.samples] == ["000.png", "001.png", "a.png", "b.png"]
    assert dataset.samples[2].captions == ("from a table",)


@pytest.mark.parametrize("params", [{"size": 16, "degradation": "bsrgan"}, {"config": {"size": 16}}])
def test_the_size_of_the_originals_data_sets_is_read(params: dict[str, Any]) -> None:
    ignored: list[str] = []
    train = {"target": "ldm.data.imagenet.ImageNetTrain", "params": params, "folder": "pictures"}
    config = read_data({"params": {"batch_size": 1, "wrap": True, "train": train}}, ignored)
    assert config.train.size == 16
    assert set(ignored) >= {"data.params.wrap", "data.params.train.target"}
    assert ("data.params.train.params.degradation" in ignored) == ("degradation" in params)


@pytest.mark.parametrize(
    ("train", "params", "says"),
    [
        ({"folder": "a", "csv": "b"}, {}, "names folder and csv; list several sources under"),
        ({"folder": "a", "sise": 3}, {}, "data.params.train has no key sise"),
        ({"folder": "a", "size": 0}, {}, "data.params.train.size is 0"),
        ({"folder": "a", "crop": "left"}, {}, "data.params.train.crop is 'left'; expected center or random"),
        ({"folder": "a", "mirror": 2}, {}, "data.params.train.mirror is 2; expected a number from 0 to 1"),
        ({"folder": "a", "caption": "x"}, {}, "data.params.train.caption is 'x'"),
        ({"folder": "a", "synonyms": "absent.json"}, {}, "no readable JSON"),
        ({"folder": "a", "synonyms": [1]}, {}, "synonyms is list"),
        ({"sources": ["a"]}, {}, "sources holds 'a'"),
        ({"folder": "a"}, {"batch_size": "many"}, "data.params.batch_size is 'many'"),
        ({"folder": "a"}, {"num_workers": -1}, "data.params.num_workers is -1"),
        ({"folder": "a"}, {"cache_dtype": "int8"}, "data.params.cache_dtype is 'int8'"),
        ({"folder": "a"}, {"batchsize": 2}, "data.params has no key batchsize"),
        ([1], {}, "data.params.train is"),
    ],
)
def test_wrong_settings_are_told(train: Any, params: dict[str, Any], says: str) -> None:
    with pytest.raises(WrongConfig, match=says):
        read(train, **params)


@pytest.mark.parametrize("train", [{}, None, {"size": 3}])
def test_pictures_must_be_somewhere(train: Any) -> None:
    with pytest.raises(DataError, match="The configuration names no pictures; say where they are"):
        read(train)
