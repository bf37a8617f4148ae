"""Folders: which files have names, and that no name leads out."""

from __future__ import annotations

from pathlib import Path

import pytest

from ldm_nodes.settings import FileNotInFolder, Folders

OUTSIDE = [
    "../secret.safetensors",
    "..\\secret.safetensors",
    "sub/../../../secret.safetensors",
    "/etc/passwd",
    "C:\\Windows\\win.ini",
    "\\\\server\\share\\x.safetensors",
    "a\0.safetensors",
    "",
    ".",
    "..",
    "link.safetensors",
    "linked/inner.safetensors",
]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    base = tmp_path / "base"
    checkpoints = base / "models" / "checkpoints"
    (checkpoints / "sub").mkdir(parents=True)
    (checkpoints / "a.safetensors").touch()
    (checkpoints / "sub" / "b.CKPT").touch()
    (checkpoints / "notes.txt").touch()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "inner.safetensors").touch()
    for place in (base / "models", base, tmp_path):
        (place / "secret.safetensors").touch()
    (checkpoints / "link.safetensors").symlink_to(tmp_path / "secret.safetensors")
    (checkpoints / "linked").symlink_to(outside)
    return Folders(base, base / "output", base / "input", base / "temp", bundled=base / "nothing")


def test_names_are_relative_sorted_and_only_of_the_kind(folders: Folders) -> None:
    assert folders.names("checkpoints") == ("a.safetensors", "sub/b.CKPT")


@pytest.mark.parametrize("name", ["sub/b.CKPT", "sub\\b.CKPT"])
def test_both_slashes_find_a_file(folders: Folders, name: str) -> None:
    assert folders.find("checkpoints", name).name == "b.CKPT"


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_name_leads_out(folders: Folders, name: str) -> None:
    with pytest.raises(FileNotInFolder, match=r"No file .* among checkpoints"):
        folders.find("checkpoints", name)


def test_missing_and_forbidden_sound_the_same(folders: Folders) -> None:
    def complaint(name: str) -> str:
        with pytest.raises(FileNotInFolder) as caught:
            folders.find("checkpoints", name)
        return str(caught.value).replace(repr(name), "NAME")

    assert complaint("../secret.safetensors") == complaint("../absent.safetensors") == complaint("absent")


def test_a_marker_picks_the_folder(folders: Folders) -> None:
    for folder in (folders.input, folders.output, folders.temp):
        folder.mkdir(parents=True)
        (folder / "x.png").touch()
    found = [folders.annotated(f"x.png{marker}") for marker in ("", " [input]", " [output]", " [temp]")]
    assert found == [folders.input / "x.png", folders.input / "x.png", folders.output / "x.png", folders.temp / "x.png"]


def test_what_ships_inside_is_found_last(tmp_path: Path) -> None:
    folders = Folders.under(tmp_path)
    assert "tiny-sd-v1.safetensors" in folders.names("checkpoints")
    own = tmp_path / "models" / "checkpoints" / "tiny-sd-v1.safetensors"
    own.parent.mkdir(parents=True)
    own.touch()
    assert folders.find("checkpoints", "tiny-sd-v1.safetensors") == own
