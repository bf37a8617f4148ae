"""File names and picture files from strangers (threats 12, 13, 19, 25)."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from ldm_nodes.imaging import metadata, reading, saving
from ldm_nodes.imaging.errors import ImagingError, NameRefusedError, UnreadablePictureError
from ldm_nodes.imaging.latent_file import save_latent
from ldm_nodes.imaging.naming import start_series
from ldm_nodes.settings import FileNotInFolder, Folders

if TYPE_CHECKING:
    from pathlib import Path

PIXELS = np.zeros((1, 2, 2, 3), np.float32)
ESCAPES = [
    "..", "../x", "../../x", "a/../../x", "a/b/../../../x", "..\\x", "a\\..\\..\\x", "..\\..\\windows\\x", "/x",
    "/etc/x", "....//x", "//server/share/x", "\\\\server\\share\\x", "\\x", "C:\\x", "C:/x", "c:x", "a/C:/x", "x\0",
    "x\0.png", "a\0/x", "x\ny", "x\r\ny", "nul", "NUL", "con/x", "a/aux.txt/x", "COM1", "lpt9/x", "con .png", ".. /x",
    "..\t/x", "a./x", "a /x", ".../x", "", ".", "./", "a/..", "\ud800", "x" * 5000, "../" * 200 + "x",
]  # fmt: skip
HARMLESS = ["%2e%2e/x", "..%2fx", "a\0/../x", "~/x", "$HOME/x", "<img onerror=1>", "a;rm -rf b", "|x", "-rf", "%n%s"]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Lay out an output folder with a file beside it that nobody may reach."""
    (tmp_path / "base" / "output").mkdir(parents=True)
    (tmp_path / "secret.png").touch()
    return Folders.under(tmp_path / "base")


@pytest.mark.parametrize("prefix", ESCAPES)
def test_prefixes_that_lead_out_are_refused_by_name(prefix: str, folders: Folders) -> None:
    before = everything(folders)
    with pytest.raises(NameRefusedError, match="give a name below the output folder"):
        start_series(folders.output, prefix)
    assert everything(folders) == before


@pytest.mark.parametrize("prefix", HARMLESS)
def test_what_only_looks_dangerous_stays_inside(prefix: str, folders: Folders) -> None:
    before = everything(folders)
    series = start_series(folders.output, prefix)
    (saved,) = saving.save_pictures(PIXELS, series, {})
    latent = save_latent(PIXELS, series, {})
    assert saved.path.is_relative_to(folders.output.resolve())
    assert latent.path.is_relative_to(folders.output.resolve())
    assert {path for path in everything(folders) - before if not path.is_relative_to(folders.output)} == set()


@pytest.mark.parametrize("name", [*ESCAPES, "../../secret.png", "sub/../../../secret.png", "..\\..\\secret.png"])
@pytest.mark.parametrize("marker", ["", " [output]", " [temp]", " [input]"])
def test_names_of_inputs_never_leave_their_folder(name: str, marker: str, folders: Folders) -> None:
    with pytest.raises(FileNotInFolder):
        folders.annotated(name + marker)


def test_folders_that_are_links_to_the_outside_are_refused(folders: Folders, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (folders.output / "link").symlink_to(tmp_path / "outside")
    (folders.output / "up").symlink_to("..")
    for prefix in ("link/x", "link/deeper/x", "up/x", "up/outside/x"):
        with pytest.raises(NameRefusedError, match="leads outside the output folder"):
            start_series(folders.output, prefix)
    assert list((tmp_path / "outside").iterdir()) == []


def test_links_that_stay_inside_are_followed(folders: Folders) -> None:
    (folders.output / "real").mkdir()
    (folders.output / "link").symlink_to("real")
    (saved,) = saving.save_pictures(PIXELS, start_series(folders.output, "link/x"), {})
    assert saved.path == folders.output.resolve() / "real" / "x_00001_.png"


def test_a_link_planted_under_the_next_name_is_not_written_through(folders: Folders, tmp_path: Path) -> None:
    series = start_series(folders.output, "x")
    (folders.output / "x_00001_.png").symlink_to(tmp_path / "planted.png")
    (saved,) = saving.save_pictures(PIXELS, series, {})
    assert saved.path.name == "x_00002_.png"
    assert not (tmp_path / "planted.png").exists()


@pytest.mark.parametrize("size", [(100_000, 100_000), (2**31 - 1, 1), (60_000, 1500)])
def test_pictures_that_declare_absurd_sizes_are_refused_before_decoding(size: tuple[int, int], tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png(size, [(b"IDAT", zlib.compress(b"\0" * 64))]))
    for read in (reading.read_picture, metadata.read, lambda path: reading.read_mask(path, "alpha")):
        with pytest.raises(UnreadablePictureError, match=r"'bomb\.png' is (larger than|damaged)"):
            read(tmp_path / "bomb.png")


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "tif"])
def test_frame_bombs_are_cut_short(suffix: str, tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((4, 4, 3), 12 * level, np.uint8)) for level in range(20)]
    frames[0].save(tmp_path / f"bomb.{suffix}", save_all=True, append_images=frames[1:])
    with pytest.raises(UnreadablePictureError, match="unfolds to more than 8 frames"):
        reading.read_picture(tmp_path / f"bomb.{suffix}", reading.Limits(frames=8))


@pytest.mark.parametrize("chunk", ["zTXt", "iTXt"])
@pytest.mark.parametrize("after_pixels", [False, True])
def test_compressed_text_bombs_are_refused(chunk: str, after_pixels: bool, tmp_path: Path) -> None:
    header = b"workflow\0\0" if chunk == "zTXt" else b"workflow\0\1\0\0\0"
    text = (chunk.encode(), header + zlib.compress(b"x" * (64 << 20)))
    pixels = (b"IDAT", zlib.compress(b"\0" * 13 * 4))
    (tmp_path / "bomb.png").write_bytes(png((4, 4), [pixels, text] if after_pixels else [text, pixels]))
    with pytest.raises(UnreadablePictureError, match=r"'bomb\.png' is damaged"):
        metadata.read(tmp_path / "bomb.png")


def test_many_texts_do_not_add_up(tmp_path: Path) -> None:
    texts = [(b"zTXt", b"k%d\0\0" % n + zlib.compress(b"x" * 1_000_000)) for n in range(100)]
    (tmp_path / "bomb.png").write_bytes(png((4, 4), [*texts, (b"IDAT", zlib.compress(b"\0" * 13 * 4))]))
    with pytest.raises(UnreadablePictureError, match=r"'bomb\.png' is damaged"):
        metadata.read(tmp_path / "bomb.png")


def test_formats_off_the_list_are_never_decoded(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n")
    with pytest.raises(UnreadablePictureError, match="is not a picture, or none of"):
        reading.read_picture(tmp_path / "x.png")
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / "x.ppm")
    with pytest.raises(UnreadablePictureError, match="is not a picture, or none of"):
        reading.read_picture(tmp_path / "x.ppm")


def test_messages_do_not_tell_where_the_folders_are(folders: Folders, tmp_path: Path) -> None:
    messages = []
    for attempt in (
        lambda: reading.read_picture(tmp_path / "none.png"),
        lambda: start_series(folders.output, "../x"),
        lambda: start_series(tmp_path / "secret.png", "x"),
    ):
        with pytest.raises(ImagingError) as caught:
            attempt()
        messages.append(str(caught.value))
    assert not [message for message in messages if str(tmp_path) in message]


def everything(folders: Folders) -> set[Path]:
    return set(folders.base.parent.rglob("*"))


def png(size: tuple[int, int], chunks: list[tuple[bytes, bytes]]) -> bytes:
    """Build an RGB PNG file from its chunks; the header declares `size` whatever the pixels are."""
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    body = [(b"IHDR", header), *chunks, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in body
    )
