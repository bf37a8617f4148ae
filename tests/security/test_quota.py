"""What clients send fills no disk: each user has room, and the queue keeps some (threat 39)."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ldm_nodes.server.quota import BLOCK, MB, SPARE, NoRoom, Quota, Quotas, taken
from tests.server.house import House, serving

from .studio import as_user, png, studio, upload

KB = 1 << 10
SMALL = Quotas(Quota(100 * KB, "--upload-quota"), Quota(50 * KB, "--userdata-quota"))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[House]:
    """A server with little room."""
    with serving(tmp_path, works=False, quotas=SMALL) as house:
        yield house


def test_line_39_uploads_beyond_the_quota_are_refused_in_words(small: House, tmp_path: Path) -> None:
    assert upload(small, "a.bin", bytes(90 * KB)).status == 200
    refused = upload(small, "b.bin", bytes(20 * KB))
    assert refused.status == 507
    for words in ("take 90 KB of 100 KB", "needs 20 KB more", "--upload-quota"):
        assert words in refused.text
    assert [path.name for path in (tmp_path / "input").iterdir()] == ["a.bin"], "nothing is left of it"
    assert upload(small, "a.bin", bytes(95 * KB), overwrite="true").status == 200, "it takes the old one's place"
    assert upload(small, "a.bin", bytes(10 * KB), overwrite="true").status == 200
    assert upload(small, "b.bin", bytes(20 * KB)).status == 200


def test_line_39_masks_count_too(small: House, tmp_path: Path) -> None:
    upload(small, "full.bin", bytes(100 * KB - 2 * BLOCK))
    upload(small, "a.png", png())
    fields = {"original_ref": '{"filename": "a.png", "type": "input"}'}
    assert small.upload("/upload/mask", fields, "m.png", png()).status == 200
    assert small.upload("/upload/mask", fields, "n.png", png()).status == 507


def test_line_39_ten_thousand_tiny_files_are_not_nothing(small: House) -> None:
    answers = [upload(small, f"{number}.bin", bytes([number])).status for number in range(30)]
    assert answers == [200] * 25 + [507] * 5


def test_line_39_settings_and_workflows_have_room_of_their_own(small: House) -> None:
    upload(small, "a.bin", bytes(100 * KB))
    assert small.ask("POST", "/userdata/a.json", raw=bytes(40 * KB)).status == 200
    refused = small.ask("POST", "/userdata/b.json", raw=bytes(20 * KB))
    assert refused.status == 507
    assert "--userdata-quota" in refused.text
    assert small.post("/settings", {"Comfy.Text": "x" * 20 * KB}).status == 507
    assert small.get("/settings").json == {}
    assert small.ask("POST", "/userdata/a.json", raw=bytes(41 * KB)).status == 200
    assert small.ask("DELETE", "/userdata/a.json").status == 204
    assert small.post("/settings", {"Comfy.Text": "x" * 20 * KB}).status == 200


def test_line_39_each_user_has_room_of_his_own(tmp_path: Path) -> None:
    quotas = Quotas(Quota(100 * KB, "--upload-quota"))
    with studio(tmp_path, "anna", "bert", "keeper", quotas=quotas) as house:
        assert upload(house, "a.bin", bytes(90 * KB), "anna").status == 200
        for user in ("anna", "bert", "keeper"):
            expected = 507 if user == "anna" else 200
            assert upload(house, "b.bin", bytes(60 * KB), user).status == expected, user
        assert upload(house, "c.bin", bytes(60 * KB), "bert", subfolder="users/keeper").status == 507
        assert house.ask("POST", "/userdata/a.txt", headers=as_user("anna"), raw=bytes(KB)).status == 200


def test_two_at_once_do_not_share_the_last_room(tmp_path: Path) -> None:
    quota, refused = Quota(10 * BLOCK, "--x"), []
    gate = threading.Barrier(4)

    def write() -> None:
        gate.wait()
        try:
            with quota.room(tmp_path, 6 * BLOCK):
                gate.wait(5)
        except NoRoom as error:
            refused.append(error)
            gate.wait(5)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 3
    with quota.room(tmp_path, 10 * BLOCK):
        pass


def test_the_disk_keeps_room_for_the_queue(small: House, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=SPARE + 10 * KB))
    assert upload(small, "a.bin", bytes(5 * KB)).status == 200
    refused = upload(small, "b.bin", bytes(20 * KB))
    assert refused.status == 507
    assert f"but for {SPARE // MB} MB" in refused.text


def test_what_counts(tmp_path: Path) -> None:
    for name, size in {"a": 1, "b/c": 10_000, "users/anna/d": 20_000}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    os.symlink(tmp_path, tmp_path / "b" / "circle")
    assert taken(tmp_path) == BLOCK + 10_000 + 20_000 + BLOCK
    assert taken(tmp_path, "users") == BLOCK + 10_000 + BLOCK
    assert taken(tmp_path / "nothing") == 0
