from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ldm_nodes.training.data import NO_CLASS, WHITE, Dataset, Sample, stream
from ldm_nodes.training.errors import DataError
from ldm_nodes.training.sources import MAX_CAPTIONS, from_folder, from_list, from_table
from tests.training.tiny import noise, save

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = noise(4, 4)


def test_a_folder_gives_captions_and_classes(tmp_path: Path) -> None:
    save(tmp_path / "b" / "deep" / "2.png", PICTURE)
    save(tmp_path / "a" / "1.jpg", PICTURE).with_suffix(".txt").write_text("a red apple\n\n  an apple \n")
    save(tmp_path / "0.webp", PICTURE)
    (tmp_path / "notes.md").write_text("no picture")
    samples = from_folder(tmp_path)
    assert samples == [
        Sample(tmp_path / "0.webp"),
        Sample(tmp_path / "a" / "1.jpg", ("a red apple", "an apple"), "a"),
        Sample(tmp_path / "b" / "deep" / "2.png", (), "b"),
    ]


@pytest.mark.parametrize(("fallback", "caption"), [("none", ()), ("folder", ("red fruit",)), ("name", ("big apple",))])
def test_names_can_stand_in_for_captions(tmp_path: Path, fallback: str, caption: tuple[str, ...]) -> None:
    save(tmp_path / "red_fruit" / "big-apple.png", PICTURE)
    assert from_folder(tmp_path, fallback)[0].captions == caption  # type: ignore[arg-type]


def test_hidden_pictures_and_links_to_elsewhere_are_left_out(tmp_path: Path) -> None:
    outside = save(tmp_path / "outside.png", PICTURE)
    root = tmp_path / "data"
    save(root / "a.png", PICTURE)
    save(root / ".cache" / "b.png", PICTURE)
    save(root / "._c.png", PICTURE)
    (root / "link.png").symlink_to(outside)
    (root / "inner.png").symlink_to(root / "a.png")
    assert [sample.path.name for sample in from_folder(root)] == ["a.png", "inner.png"]


def test_folders_without_pictures_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"'empty' has no pictures; expected files that end in \.bmp"):
        from_folder(tmp_path / "empty")
    with pytest.raises(DataError, match="'nowhere' does not exist"):
        from_folder(tmp_path / "nowhere")


@pytest.mark.parametrize(("content", "reason"), [(b"\xff\xfe\x00", "UTF-8"), (b"x" * (MAX_CAPTIONS + 1), "larger")])
def test_caption_files_that_are_none(tmp_path: Path, content: bytes, reason: str) -> None:
    save(tmp_path / "a.png", PICTURE).with_suffix(".txt").write_bytes(content)
    with pytest.raises(DataError, match=rf"'a\.txt'.*{reason}"):
        from_folder(tmp_path)


def test_a_table(tmp_path: Path) -> None:
    table = tmp_path / "data.csv"
    table.write_text(
        "\ufefffile_name,Text,class,background,condition,score\n"
        'a.png,"a red, round apple",fruit,blue,maps/a.png,1\n'
        "sub/b.png,,,#102030,,2\n"
        "c.png\n",
        encoding="utf-8",
    )
    assert from_table(table) == [
        Sample(tmp_path / "a.png", ("a red, round apple",), "fruit", (0, 0, 255), tmp_path / "maps/a.png"),
        Sample(tmp_path / "sub/b.png", background=(16, 32, 48)),
        Sample(tmp_path / "c.png", background=WHITE),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("caption,class\nx,y\n", r"has the columns caption, class; one of them must be path"),
        ("", "has the columns none"),
        ("path\n../secret.png\n", r"line 2: the path '\.\./secret\.png' does not lie inside"),
        ("path\n/etc/passwd\n", "does not lie inside"),
        ("path,caption\n,x\n", "line 2: the path '' does not"),
        ("path,background\na.png,bluish\n", "line 2: 'bluish' is no colour"),
        ("path\n" + "x" * 200_000 + "\n", "field larger than field limit"),
    ],
)
def test_tables_that_cannot_be(tmp_path: Path, text: str, message: str) -> None:
    table = tmp_path / "data.csv"
    table.write_text(text)
    with pytest.raises(DataError, match=message):
        from_table(table)


def test_a_table_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(b"\xff\xfe\x00\x01")
    for table in (tmp_path / "data.csv", tmp_path / "none.csv"):
        with pytest.raises(DataError, match=r"\.csv is not a readable CSV file"):
            from_table(table)


def test_a_list(tmp_path: Path) -> None:
    listing = tmp_path / "lists" / "train.txt"
    listing.parent.mkdir()
    listing.write_text("a.png\n\n sub/b.png \n")
    assert [sample.path for sample in from_list(listing, tmp_path)] == [tmp_path / "a.png", tmp_path / "sub/b.png"]
    assert from_list(listing)[0].path == listing.parent / "a.png"
    listing.write_text("../a.png\n")
    with pytest.raises(DataError, match=r"train\.txt: the path"):
        from_list(listing)
    with pytest.raises(DataError, match="not a readable list"):
        from_list(tmp_path / "none.txt")


def test_sources_mix_and_classes_are_numbered_by_name(tmp_path: Path) -> None:
    one, two, three = (Sample(tmp_path / name, class_name=kind) for name, kind in (("1", "b"), ("2", None), ("3", "a")))
    dataset = Dataset.of([one, two], [three])
    assert dataset.class_names == ("a", "b")
    assert [dataset.label(index) for index in range(len(dataset))] == [1, NO_CLASS, 0]
    with pytest.raises(DataError, match="nothing to train on"):
        Dataset.of([], [])


def test_streams_differ_wherever_something_differs() -> None:
    places = [("order", 0, 0), ("order", 0, 0, 0), ("view", 0, 0, 0), ("view", 1, 0, 0), ("view", 0, 1, 0)]
    first = [stream(purpose, *numbers).random() for purpose, *numbers in places]  # type: ignore[arg-type]
    assert first[0] == stream("order", 0, 0).random()
    assert len({*first}) >= len(places) - 1  # the first two may be one, which is why purposes differ
