"""The catalogue is made once and used again, and never told as it was before a file came or went."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any

import pytest

from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.sockets import Choice
from ldm_nodes.engine.spec import node
from ldm_nodes.server.catalogue import STEP, Catalogue, CatalogueCache
from ldm_nodes.settings import Folders

from .house import House

LATER = 10**18
"""A moment long after everything that these tests do."""


@node("Model", category="test")
def model(name: Annotated[str, Choice(lambda folders: folders.names("checkpoints"))]) -> None: ...


@node("Folder", category="test")
def folder(name: Annotated[str, Choice(lambda folders: folders.folder_names("input"))]) -> None: ...


LISTED = ["x"]


@node("Other", category="test")
def other(name: Annotated[str, Choice(lambda folders: LISTED)]) -> None: ...


@node("Late", category="test")
def late() -> None: ...


class Shop:
    """A catalogue that counts how often it is made."""

    def __init__(self, base: Path, *nodes: Any) -> None:
        self.registry = Registry(*(nodes or (model, folder)))
        self.folders = Folders.under(base)
        self.now = LATER
        self.cache = CatalogueCache(lambda: self.now * 4)
        self.made = 0
        self.bundled = {*self.folders.names("checkpoints"), *self.folders.folder_names("input")}

    def told(self, entries: Any) -> Any:
        self.made += 1
        return entries

    def now_is(self) -> Catalogue:
        return self.cache.current(self.registry, self.folders, self.told)

    def names(self, name: str = "Model") -> list[str]:
        found = json.loads(self.now_is().text)
        assert json.loads(self.now_is().one(name)) == {name: found[name]}
        names: list[str] = found[name]["input"]["required"]["name"][0]
        return [name for name in names if name not in self.bundled]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    (tmp_path / "models" / "checkpoints" / "sd" / "v1").mkdir(parents=True)
    (tmp_path / "input").mkdir()
    return Shop(tmp_path)


def test_it_is_made_once_while_nothing_changes(shop: Shop) -> None:
    first = shop.now_is()
    assert [shop.now_is() is first for _ in range(3)] == [True, True, True]
    assert shop.made == 1


def test_a_file_that_comes_goes_or_is_renamed_is_seen_at_once(shop: Shop, tmp_path: Path) -> None:
    assert shop.names() == []
    path = tmp_path / "models" / "checkpoints" / "sd" / "v1" / "a.safetensors"
    for change, names in (
        (lambda: path.write_bytes(b""), ["sd/v1/a.safetensors"]),
        (lambda: path.rename(path.with_name("b.ckpt")), ["sd/v1/b.ckpt"]),
        (lambda: path.with_name("b.ckpt").rename(path.parents[1] / "b.ckpt"), ["sd/b.ckpt"]),
        (lambda: (path.parents[1] / "b.ckpt").unlink(), []),
    ):
        change()
        assert shop.names() == names


def test_a_folder_that_comes_is_seen_and_what_comes_into_it_later(shop: Shop, tmp_path: Path) -> None:
    assert shop.names() == []
    new = tmp_path / "output" / "checkpoints" / "mine"
    new.mkdir(parents=True)
    assert shop.names() == []
    (new / "c.safetensors").write_bytes(b"")
    assert shop.names() == ["mine/c.safetensors"]
    (tmp_path / "input" / "set").mkdir()
    assert shop.names("Folder") == []
    (tmp_path / "input" / "set" / "a.png").write_bytes(b"")
    assert shop.names("Folder") == ["set"]


def test_a_whole_folder_put_in_the_place_of_another_is_seen(shop: Shop, tmp_path: Path) -> None:
    folder, other = tmp_path / "models" / "checkpoints", tmp_path / "other"
    other.mkdir()
    (other / "d.ckpt").write_bytes(b"")
    assert shop.names() == []
    folder.rename(tmp_path / "old")
    other.rename(folder)
    os.utime(folder, ns=((tmp_path / "old").stat().st_atime_ns, (tmp_path / "old").stat().st_mtime_ns))
    assert shop.names() == ["d.ckpt"]


def test_what_was_read_just_after_a_change_is_not_trusted(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "models" / "checkpoints"
    stamp = path.stat().st_mtime_ns
    shop.cache = CatalogueCache(lambda: stamp + STEP)
    assert shop.names() == []
    (path / "e.ckpt").write_bytes(b"")
    os.utime(path, ns=(stamp, stamp))  # as where a folder's time moves in long steps
    assert shop.names() == ["e.ckpt"]


def test_a_list_of_something_else_than_our_folders_is_made_anew_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path, other)
    assert shop.names("Other") == ["x"]
    monkeypatch.setattr(f"{__name__}.LISTED", ["x", "y"])
    assert shop.names("Other") == ["x", "y"]


def test_a_class_that_comes_is_seen(shop: Shop) -> None:
    shop.now_is()
    shop.registry.register(late)
    assert "Late" in shop.now_is().entries
    assert shop.now_is().one("Never") == "{}"


def test_every_user_has_a_list_of_his_own(shop: Shop) -> None:
    of_a = shop.cache.current(shop.registry, shop.folders.of_user("a"), shop.told)
    own = shop.folders.of_user("a").input
    (own / "mine").mkdir(parents=True)
    (own / "mine" / "a.png").write_bytes(b"")
    now = shop.cache.current(shop.registry, shop.folders.of_user("a"), shop.told)
    assert "mine" in now.entries["Folder"]
    assert now.tag != of_a.tag
    of_b = shop.cache.current(shop.registry, shop.folders.of_user("b"), shop.told)
    assert "mine" not in of_b.entries["Folder"]


def test_who_has_it_already_is_told_only_that(idle: House, tmp_path: Path) -> None:
    first = idle.get("/object_info")
    tag = first.headers["etag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = idle.get("/object_info", If_None_Match=known)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert idle.get("/object_info", If_None_Match='"other"').json == first.json
    (tmp_path / "input" / "new.png").write_bytes(b"")
    changed = idle.get("/object_info", If_None_Match=tag)
    assert (changed.status, "new.png" in changed.text) == (200, True)
    assert changed.headers["etag"] != tag
    assert changed.headers["content-type"] == "application/json; charset=utf-8"
