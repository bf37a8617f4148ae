"""The node that says what to train on: folders, captions, classes, and what cannot be taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.errors import InputError
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.nodes.training_data import load_image_folder
from ldm_nodes.settings import FileNotInFolder
from ldm_nodes.training.presets import dataset_of
from tests.training.tiny import folder_of, noise, save


@pytest.fixture
def folder(runtime: Runtime) -> Path:
    return folder_of(runtime.folders.input / "pets", 4)


def captions(context: Context[Runtime], kind: str, folder: str = "pets") -> list[tuple[str, ...]]:
    section = load_image_folder(folder, captions=kind, context=context).result
    return [sample.captions for sample in dataset_of(section).samples]


def test_it_says_what_it_found(folder: Path, context: Context[Runtime]) -> None:
    shown = load_image_folder("pets", context=context).ui
    assert shown == {"text": ["4 pictures, 4 with captions; classes: 0 cat, 1 dog"]}


def test_captions_come_from_where_they_are_said_to_be(folder: Path, context: Context[Runtime]) -> None:
    assert captions(context, "file names")[0] == ("picture 0",), "a caption file comes first"
    for path in folder.rglob("*.txt"):
        path.unlink()
    save(folder / "cat" / "a_grey-cat.png", noise(8, 8))
    assert captions(context, "file names")[2] == ("a grey cat",)
    assert captions(context, "folder names")[0] == ("cat",)
    assert captions(context, "caption files")[0] == ()


def test_captions_come_from_a_table(folder: Path, context: Context[Runtime]) -> None:
    (folder / "pets.csv").write_text("path,caption\ncat/000.png,a tabby\n")
    assert captions(context, "table") == [("a tabby",)]
    (folder / "other.csv").touch()
    with pytest.raises(InputError, match="a folder with 2 CSV files") as raised:
        captions(context, "table")
    assert raised.value.input_name == "captions"


def test_subfolders_can_be_taken_alone(folder: Path, context: Context[Runtime]) -> None:
    assert context.runtime.folders.folder_names("input") == (
        "pets", "pets/cat", "pets/dog", "shapes", "shapes/circle", "shapes/ring", "shapes/square", "shapes/triangle",
    )  # fmt: skip
    assert len(captions(context, "file names", "pets/cat")) == 2


def test_the_example_pictures_are_there_without_an_input_folder(context: Context[Runtime]) -> None:
    found = captions(context, "file names", "shapes")
    assert len(found) == 24
    assert ("red ring",) in found


@pytest.mark.parametrize("name", ["nowhere", "", ".", "..", "../outside", "/etc", "pets/../../outside", "a\0b"])
def test_no_name_leads_out_of_the_input_folder(name: str, folder: Path, context: Context[Runtime]) -> None:
    (context.runtime.folders.base / "outside").mkdir()
    save(context.runtime.folders.base / "outside" / "secret.png", noise(8, 8))
    with pytest.raises(FileNotInFolder, match=r"No folder .* below input/\. Found there: pets"):
        load_image_folder(name, context=context)


def test_a_folder_without_pictures_is_not_offered(context: Context[Runtime]) -> None:
    (context.runtime.folders.input / "empty").mkdir(parents=True)
    assert "empty" not in context.runtime.folders.folder_names("input")
    with pytest.raises(ValueError, match="The folder 'empty' has no pictures"):
        load_image_folder("empty", context=context)


def test_a_changed_folder_has_another_fingerprint(folder: Path, runtime: Runtime) -> None:
    fingerprint = load_image_folder.spec.fingerprint
    assert fingerprint is not None
    before = fingerprint(folder="pets", folders=runtime.folders)
    assert fingerprint(folder="pets", folders=runtime.folders) == before
    (folder / "cat" / "000.txt").write_text("another caption")
    assert fingerprint(folder="pets", folders=runtime.folders) != before
