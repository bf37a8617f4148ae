"""The data of the model in the box: which subjects, which pairs, which words; and how the model is measured."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from ldm_nodes.models.tokenizer import SD, Tokenizer, read_vocabulary
from ldm_nodes.training.config import read_config
from ldm_nodes.training.errors import DataError
from ldm_nodes.training.recipes import emoji
from ldm_nodes.training.recipes.evaluate_emoji import background_of, features, rank
from ldm_nodes.training.recipes.merges import merges_of
from ldm_nodes.training.recipes.subjects import Subject, subjects_of
from ldm_nodes.training.sources import from_table

RECIPES = Path(emoji.__file__).parent


def entry(name: str, *short_names: str, subcategory: str = "animal-mammal", **other: Any) -> dict[str, Any]:
    image = f"{short_names[0]}.png"
    given = {"name": name, "short_name": short_names[0], "short_names": [*short_names], "image": image}
    return {**given, "subcategory": subcategory, "has_img_google": True, **other}


ENTRIES = [
    entry("TIGER FACE", "tiger"),
    entry("TIGER", "tiger2"),
    entry("LION FACE", "lion_face"),
    entry("RED APPLE", "apple", subcategory="food-fruit"),
    entry("HEAVY BLACK HEART", "heart", subcategory="heart"),
    entry("KEYCAP 1", "one", subcategory="keycap"),
    entry("CAMEL", "camel", has_img_google=False),
]


def package(folder: Path, entries: list[dict[str, Any]], extra: str | None = None) -> Path:
    """Pack a package of grey pictures as npm does."""
    picture = io.BytesIO()
    Image.new("RGBA", (64, 64), (90, 90, 90, 128)).save(picture, "PNG")
    path = folder / "package.tgz"
    with tarfile.open(path, "w:gz") as archive:
        names = [emoji.PICTURES + str(one["image"]) for one in entries]
        contents = {emoji.TABLE: json.dumps(entries).encode(), **dict.fromkeys(names, picture.getvalue())}
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        if extra is not None:
            info = tarfile.TarInfo(extra)
            info.type, info.linkname = tarfile.SYMTYPE, "elsewhere"
            archive.addfile(info)
    return path


def test_subjects_are_named_apart() -> None:
    found = {subject.name: subject.synonyms for subject in subjects_of(ENTRIES)}
    assert found == {
        "lion face": ("lion",),
        "red apple": ("apple",),
        "red heart": ("heart",),
        "tiger": (),
        "tiger face": (),
    }


def test_a_tenth_of_the_pairs_is_held_out_and_never_trained_on() -> None:
    subjects = [Subject(f"subject {number}", (), f"{number}.png") for number in range(50)]
    train, held_out = emoji.pairs_of(subjects)
    assert (len(train), len(held_out)) == (360, 40)
    assert not {(pair.subject.name, pair.color) for pair in train} & {
        (pair.subject.name, pair.color) for pair in held_out
    }


def test_the_data_set_is_made_from_a_package(tmp_path: Path) -> None:
    path = package(tmp_path, ENTRIES)
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    made = emoji.make(tmp_path / "data", path, integrity=f"sha512-{digest}")
    assert made == "5 subjects, 36 pairs to train on, 4 held out"
    samples = from_table(tmp_path / "data" / "train.csv")
    assert len(samples) == 72
    assert all(sample.path.is_file() for sample in samples)
    for sample in samples:
        color = next(name for name, value in emoji.BACKGROUNDS.items() if value == sample.background)
        assert color in sample.captions[0].replace(",", "").split()


def test_the_core_is_part_of_the_training_data(tmp_path: Path) -> None:
    emoji.write(tmp_path, subjects_of(ENTRIES), emoji.read_package(package(tmp_path, ENTRIES))[1])
    train, core = (from_table(tmp_path / name) for name in ("train.csv", "core.csv"))
    assert set(core) < set(train)
    assert {sample.class_name for sample in core} == {"red apple", "red heart", "tiger face"}


def test_another_file_than_the_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="its checksum is sha512-"):
        emoji.verify(package(tmp_path, ENTRIES), emoji.INTEGRITY)


def test_links_and_other_archives_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="which is no file"):
        emoji.read_package(package(tmp_path, ENTRIES, extra=emoji.PICTURES + "link.png"))
    (tmp_path / "no.tgz").write_bytes(b"no archive")
    with pytest.raises(DataError, match="not readable"):
        emoji.read_package(tmp_path / "no.tgz")


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert emoji.main([str(tmp_path / "data"), "--package", str(package(tmp_path, ENTRIES))]) == 1
    assert capsys.readouterr().err.startswith("package.tgz is not emoji-datasource-google@16.0.0")


def test_merges_make_frequent_words_one_token(tmp_path: Path) -> None:
    lines = merges_of(["red apple", "red pear", "red bed"], 99)
    assert lines[0] == "e d</w>"
    path = tmp_path / "merges.txt"
    path.write_text("\n".join(["#version: 0.2", *lines]))
    tokenizer = Tokenizer(SD, vocabulary=read_vocabulary(path))
    assert [len(tokenizer.ids(word)) for word in ("red", "apple", "pear", "bed", "bread")] == [1, 1, 1, 1, 5]
    merged = ["".join(line.split()) for line in lines]
    assert len(set(merged)) == len(merged)


@pytest.mark.parametrize("name", ["emoji_autoencoder", "emoji_ldm"])
def test_the_recipes_are_configurations(name: str) -> None:
    config = read_config(RECIPES / f"{name}.yaml")
    assert config.data.batch_size in (16, 32)
    assert config.ignored == () or config.ignored == ("model.params.monitor",)


def test_backgrounds_are_told_by_the_edge() -> None:
    pictures = torch.zeros(8, 64, 64, 3)
    for number, color in enumerate(emoji.BACKGROUNDS.values()):
        pictures[number] = torch.tensor(color) / 255 * 0.9 + 0.03
    pictures[:, 8:-8, 8:-8] = 0.5
    assert background_of(pictures) == [*emoji.BACKGROUNDS]


def test_a_rank_counts_what_is_nearer() -> None:
    candidates = features(torch.tensor([0.0, 0.5, 1.0])[:, None, None, None].expand(3, 64, 64, 3))
    dark = features(torch.full((1, 64, 64, 3), 0.1))[0]
    assert [rank(dark, candidates, right) for right in range(3)] == [0, 1, 2]


def test_tables_quote_captions_with_commas(tmp_path: Path) -> None:
    emoji.write(tmp_path, subjects_of(ENTRIES), emoji.read_package(package(tmp_path, ENTRIES))[1])
    with (tmp_path / "held_out.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["path", "caption", "class", "background"]
    assert {len(row) for row in rows} == {4}
