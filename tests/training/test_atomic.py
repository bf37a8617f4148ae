from __future__ import annotations

import json
from pathlib import Path

import pytest

from ldm_nodes.training.atomic import MARK, new_folder, remove_partial, write_file, write_json, write_text


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    write_text(path, "before")

    def fail(partial: Path) -> None:
        assert path.read_text() == "before"
        partial.write_text("half")
        raise OSError("The disk is full.")

    with pytest.raises(OSError, match="full"):
        write_file(path, fail)
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]
    write_json(path, {"b": 1, "a": [2]})
    assert json.loads(path.read_text()) == {"a": [2], "b": 1}


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    def fail() -> None:
        with new_folder(tmp_path / "made") as partial:
            (partial / "one").write_text("1")
            assert not (tmp_path / "made").exists()
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        fail()
    assert not list(tmp_path.iterdir())
    for text in ("1", "2"):
        with new_folder(tmp_path / "made") as partial:
            (partial / "one").write_text(text)
    assert (tmp_path / "made" / "one").read_text() == "2"


def test_what_the_killed_leave_behind_is_removed(tmp_path: Path) -> None:
    (tmp_path / f".step.1{MARK}").mkdir()
    (tmp_path / f".step.1{MARK}" / "half").write_text("")
    (tmp_path / f".notes.2{MARK}").write_text("")
    (tmp_path / "kept").write_text("")
    remove_partial(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["kept"]
