from __future__ import annotations

import multiprocessing
import os
import stat
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from ldm_nodes.imaging import metadata, saving
from ldm_nodes.imaging.errors import CannotSaveError, NotAPictureError
from ldm_nodes.imaging.naming import start_series
from ldm_nodes.imaging.saving import Encoding

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RAMP = np.linspace(0, 1, 24 * 32 * 4, dtype=np.float32).reshape(24, 32, 4)
PROMPT = {"1": {"class_type": "KSampler", "inputs": {"text": "日本 \U0001f98a", "cfg": 7.5}}}


def reopened(path: Path) -> NDArray[Any]:
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_alpha_is_kept_in_png_and_lossless_webp(tmp_path: Path) -> None:
    for encoding in (Encoding("png"), Encoding("webp", lossless=True)):
        (saved,) = saving.save_pictures([RAMP], start_series(tmp_path, "rgba"), {}, encoding)
        opaque = reopened(saved.path)[..., 3] > 0
        np.testing.assert_array_equal(reopened(saved.path)[opaque], saving.to_uint8(RAMP)[opaque])


def test_jpeg_drops_alpha_and_stays_close(tmp_path: Path) -> None:
    (saved,) = saving.save_pictures([RAMP], start_series(tmp_path, "fox"), {}, Encoding("jpeg", quality=95))
    assert saved.path.suffix == ".jpg"
    difference = reopened(saved.path).astype(float) - saving.to_uint8(RAMP)[..., :3]
    assert np.abs(difference).mean() < 2


def test_one_channel_is_grey(tmp_path: Path) -> None:
    (saved,) = saving.save_pictures([RAMP[..., :1]], start_series(tmp_path, "grey"), {})
    np.testing.assert_array_equal(reopened(saved.path), saving.to_uint8(RAMP[..., :1])[..., 0])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_an_error_not_black(value: float, tmp_path: Path) -> None:
    picture = RAMP.copy()
    picture[3, 4] = value
    with pytest.raises(NotAPictureError, match=r"4 of 3,072 values .* NaN or infinite"):
        saving.save_pictures([picture], start_series(tmp_path, "fox"), {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 2), (0, 4, 3), (1, 4, 4, 3)])
def test_arrays_that_are_no_pictures(shape: tuple[int, ...]) -> None:
    with pytest.raises(NotAPictureError, match=r"got the shape \("):
        saving.to_uint8(np.zeros(shape, np.float32))


@pytest.mark.parametrize("kind", ["png", "webp", "jpeg"])
def test_metadata_survives_every_format(kind: saving.Kind, tmp_path: Path) -> None:
    provenance = {"sha256": "ab" * 32, "sigmas": [14.6, 0.0]}
    texts = metadata.describe("workflow", PROMPT, {"workflow": {"nodes": []}, "note": "plain"}, provenance)
    (saved,) = saving.save_pictures([RAMP], start_series(tmp_path, "fox"), texts, Encoding(kind))
    found = metadata.read(saved.path)
    assert (found.prompt, found.workflow, found.provenance) == (PROMPT, {"nodes": []}, provenance)
    assert found.other == {"note": "plain"}
    assert saved.notice == ""


def test_a_graph_too_large_for_jpeg_is_left_out_with_a_notice(tmp_path: Path) -> None:
    texts = metadata.describe("workflow", PROMPT, {"workflow": {"nodes": ["n" * 70_000]}})
    (saved,) = saving.save_pictures([RAMP], start_series(tmp_path, "fox"), texts, Encoding("jpeg"))
    assert saved.notice.startswith("workflow did not fit into the jpeg file")
    assert metadata.read(saved.path) == metadata.Embedded(prompt=PROMPT)


def test_a_picture_too_wide_for_webp_is_one_clear_sentence(tmp_path: Path) -> None:
    wide = np.zeros((1, 16_384, 3), np.uint8)
    with pytest.raises(CannotSaveError, match="16384x1 cannot be written as webp"):
        saving.save_pictures([wide], start_series(tmp_path, "wide"), {}, Encoding("webp"))


def test_a_name_taken_after_counting_is_never_replaced(tmp_path: Path) -> None:
    series = start_series(tmp_path, "fox")
    (tmp_path / "fox_00001_.png").write_text("somebody else's")
    saved = saving.save_pictures([RAMP, RAMP], series, {})
    assert [file.path.name for file in saved] == ["fox_00002_.png", "fox_00003_.png"]
    assert (tmp_path / "fox_00001_.png").read_text() == "somebody else's"


def test_two_processes_share_a_folder_without_loss(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        names = pool.starmap(save_ten, [(tmp_path, b"a"), (tmp_path, b"b")])
    assert len({*names[0], *names[1]}) == 20
    contents = [(tmp_path / name).read_bytes() for name in (*names[0], *names[1])]
    assert contents == [b"a"] * 10 + [b"b"] * 10
    assert len(list(tmp_path.iterdir())) == 20


def save_ten(folder: Path, data: bytes) -> list[str]:
    return [saving.publish(data, start_series(folder, "fox"), 0, ".bin").name for _ in range(10)]


def test_file_systems_without_hard_links_are_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    series = start_series(tmp_path, "fox")
    (tmp_path / "fox_00001_.bin").write_bytes(b"old")
    assert saving.publish(b"new", series, 0, ".bin").name == "fox_00002_.bin"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "fox_00001_.bin": b"old",
        "fox_00002_.bin": b"new",
    }


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotSaveError, match=r"fox_00001_\.bin cannot be written: No space left on device"):
        saving.publish(b"data", start_series(tmp_path, "fox"), 0, ".bin")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_vanished_is_one_clear_sentence(tmp_path: Path) -> None:
    series = start_series(tmp_path, "gone/fox")
    series.folder.rmdir()
    with pytest.raises(CannotSaveError, match="cannot be written: No such file"):
        saving.publish(b"data", series, 0, ".bin")


def test_files_get_the_permissions_of_ordinary_files(tmp_path: Path) -> None:
    path = saving.publish(b"data", start_series(tmp_path, "fox"), 0, ".bin")
    (tmp_path / "ordinary").touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "ordinary").stat().st_mode)
