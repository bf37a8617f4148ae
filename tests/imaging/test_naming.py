from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldm_nodes.imaging.errors import CannotSaveError, NameRefusedError
from ldm_nodes.imaging.naming import split_prefix, start_series

PIECES = st.sampled_from(
    ["..", ".", "/", "\\", "a", "b.", " ", "C:", "nul", "\0", "%width%", "%2e%2e", "~", "é", "\u202e"]
)


@given(st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=30))
def test_a_prefix_is_refused_or_stays_inside(prefix: str) -> None:
    root = Path("/srv/output")
    try:
        parent, stem = split_prefix(prefix)
    except NameRefusedError:
        return
    inside = (root / parent / f"{stem}_00001_.png").resolve()
    assert inside.is_relative_to(root)
    assert ".." not in (root / parent / stem).parts


def test_dots_that_stay_inside_are_resolved(tmp_path: Path) -> None:
    series = start_series(tmp_path, "a/../b/./fox")
    assert (series.subfolder, series.stem) == ("b", "fox")
    assert series.folder == (tmp_path / "b").resolve()


def test_long_counters_and_foreign_names_are_understood(tmp_path: Path) -> None:
    for name in ("fox_00041_.webp", "fox_٤٢_.png", "fox_-99_.png", "fox_", "fox", "foxes_99_.png"):
        (tmp_path / name).touch()
    assert start_series(tmp_path, "fox").counter == 42


def test_a_file_in_the_place_of_the_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(CannotSaveError, match="'taken' cannot be created"):
        start_series(tmp_path, "taken/fox")


def test_a_loop_of_links_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(CannotSaveError, match="cannot be created"):
        start_series(tmp_path, "one/fox")
