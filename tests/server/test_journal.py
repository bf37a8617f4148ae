from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldm_nodes.server import journal as module
from ldm_nodes.server.access import Access
from ldm_nodes.server.journal import DENSE, MOST, SPARSE, Journal, JournalFull, UnknownVersion, Version, kept

from .house import House, serving

DAY = 86_400.0


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def append(journal: Journal, text: bytes, document: str = "a", label: str = "", dirty: bool = True) -> Version:
    return journal.append(document, text, nodes=1, label=label, name="A", dirty=dirty)


def file_of(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "journal").glob("*.journal")
    return path


def test_versions_come_back_word_for_word_newest_first(journal: Journal) -> None:
    append(journal, b' {"n":  1}', label="Add a node")
    append(journal, '{"n": "ü"}'.encode(), label="Move it")
    assert [(version.number, version.label) for version in journal.versions("a")] == [(2, "Move it"), (1, "Add a node")]
    assert [journal.text("a", number) for number in (1, 2)] == [b' {"n":  1}', '{"n": "ü"}'.encode()]
    with pytest.raises(UnknownVersion):
        journal.text("a", 3)
    assert journal.versions("b") == []


def test_what_did_not_change_is_not_kept_twice(journal: Journal) -> None:
    first = append(journal, b"{}")
    assert append(journal, b"{}") == first
    assert append(journal, b"{}", dirty=False).number == 2, "that it was saved is news"


@pytest.mark.parametrize("cut", [2, 10, 40])
def test_a_torn_last_record_is_as_if_it_had_not_been_written(journal: Journal, tmp_path: Path, cut: int) -> None:
    append(journal, b'{"n": 1}')
    append(journal, b'{"n": 2}')
    path = file_of(tmp_path)
    path.write_bytes(path.read_bytes()[:-cut])
    assert [version.number for version in journal.versions("a")] == [1]
    assert journal.documents()[0].number == 1
    append(journal, b'{"n": 3}')
    assert [journal.text("a", version.number) for version in journal.versions("a")] == [b'{"n": 3}', b'{"n": 1}']


def test_spoiled_bytes_cost_one_version(journal: Journal, tmp_path: Path) -> None:
    for number in range(3):
        append(journal, b'{"n": %d}' % number)
    path = file_of(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:30] + b"X" + lines[1][31:] + lines[2])
    assert [version.number for version in journal.versions("a")] == [3, 1]


def test_a_process_that_is_killed_while_it_writes_leaves_every_version_it_had_told_of(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from ldm_nodes.server.journal import Journal; "
        "j = Journal(pathlib.Path(sys.argv[1])); n = 0\n"
        "while True:\n"
        '    n += 1; text = b\'{"n": %d, "pad": "%s"}\' % (n, b\'x\' * 5000)\n'
        "    j.append('a', text, nodes=1, label='', name='', dirty=True); print(n, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "journal")], stdout=subprocess.PIPE)
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(20)]
    process.kill()
    told += [int(line) for line in process.stdout.read().split()]
    process.wait()
    process.stdout.close()
    found = Journal(tmp_path / "journal")
    versions = found.versions("a")
    assert versions[0].number in (told[-1], told[-1] + 1)
    assert json.loads(found.text("a", told[-1]))["n"] == told[-1]


def test_many_versions_are_thinned_and_the_newest_all_kept(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    for number in range(MOST + 1):
        now += 1.0
        append(journal, b'{"n": %d}' % number)
    numbers = [version.number for version in journal.versions("a")]
    assert numbers[:DENSE] == list(range(MOST + 1, MOST + 1 - DENSE, -1))
    assert DENSE < len(numbers) <= DENSE + SPARSE
    assert append(journal, b"{}").records == len(numbers) + 1


@given(st.lists(st.floats(0, 400 * DAY), max_size=400).map(sorted))
def test_the_law_of_thinning(times: list[float]) -> None:
    now = 400 * DAY
    found = kept(times, now)
    assert found == sorted(set(found))
    assert found[-DENSE:] == list(range(len(times)))[-DENSE:]
    assert len(found) <= DENSE + SPARSE
    sparse = [times[index] for index in found[:-DENSE]]
    assert all(later - earlier >= 60.0 for earlier, later in pairwise(sparse))
    assert kept([times[index] for index in found], now)[-DENSE:] == list(range(len(found)))[-DENSE:]


def test_old_versions_stay_a_day_apart() -> None:
    times = [day * DAY for day in range(40)] + [40 * DAY + second for second in range(DENSE)]
    assert kept(times, 41 * DAY) == list(range(len(times)))


def test_versions_go_along_when_a_document_gets_a_name(journal: Journal) -> None:
    append(journal, b'{"n": 1}', "tab-1")
    append(journal, b'{"n": 2}', "workflows/a.json")
    append(journal, b'{"n": 3}', "tab-1")
    journal.move("tab-1", "workflows/a.json")
    found = journal.versions("workflows/a.json")
    assert [journal.text("workflows/a.json", version.number) for version in found] == [
        b'{"n": 3}', b'{"n": 2}', b'{"n": 1}'
    ]  # fmt: skip
    assert [version.document for version in journal.documents()] == ["workflows/a.json"]
    with pytest.raises(UnknownVersion):
        journal.move("tab-1", "b")


def test_documents_are_listed_by_their_last_change(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    for now, document in enumerate(["a", "b", "a"]):
        monkeypatch.setattr(time, "time", lambda now=now: float(now))
        append(journal, b'{"n": %d}' % now, document)
    assert [(version.document, version.time) for version in journal.documents()] == [("a", 2.0), ("b", 1.0)]
    journal.delete("a")
    assert [version.document for version in journal.documents()] == ["b"]


def test_a_full_journal_gives_up_old_versions_before_it_refuses(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", quota=4000)
    noise = [json.dumps({"n": [hash((number, i)) for i in range(40)]}).encode() for number in range(30)]
    for text in noise[:4]:
        append(journal, text, "rests")
    for text in noise[4:10]:
        append(journal, text, "works")
    assert len(journal.versions("rests")) == 1, "what rests gives way first"
    assert journal.text("works", journal.versions("works")[0].number) == noise[9]

    def fill() -> None:
        for number, text in enumerate(noise):
            append(journal, text, f"more-{number}")

    with pytest.raises(JournalFull, match="delete some"):
        fill()
    assert len(journal.documents()) > 3, "no document lost its newest version"


def test_long_versions_are_found_from_the_end_of_the_file(journal: Journal) -> None:
    long = json.dumps({"n": [hash(("long", i)) for i in range(30_000)]}).encode()
    append(journal, long)
    append(journal, long + b" ")
    assert journal.documents()[0].number == 2


@pytest.fixture
def two(tmp_path: Path) -> Iterator[House]:
    with serving(tmp_path, works=False, access=Access(tokens={"t-ann": "ann", "t-bob": "bob"})) as house:
        yield house


KEY = quote("workflows/ä b.json", safe="")


def test_the_routes_keep_list_and_give_back(idle: House) -> None:
    first = idle.ask("POST", f"/journal/{KEY}?label=Add&name=b&dirty=true", raw=b'{"nodes": [1, 2]}')
    assert first.status == 200
    assert first.json | {"time": 0} == {
        "document": "workflows/ä b.json", "number": 1, "time": 0, "label": "Add", "name": "b", "nodes": 2, "size": 17,
        "dirty": True,
    }  # fmt: skip
    assert idle.get("/journal").json == [first.json]
    assert idle.get(f"/api/journal/{KEY}").json == [first.json]
    assert idle.get(f"/journal/{KEY}/1").body == b'{"nodes": [1, 2]}'
    assert idle.get(f"/journal/{KEY}/7").status == 404
    assert idle.get(f"/journal/{KEY}/x").status == 404
    assert idle.ask("POST", f"/journal/{KEY}/move/other", raw=b"").status == 204
    assert idle.ask("POST", f"/journal/{KEY}/move/other", raw=b"").status == 404
    assert idle.ask("DELETE", "/journal/other").status == 204
    assert idle.get("/journal").json == []


@pytest.mark.parametrize(("text", "said"), [(b"[1]", "JSON object"), (b"{", "not JSON"), (b"[" * 9000, "deep")])
def test_only_documents_are_kept(idle: House, text: bytes, said: str) -> None:
    answer = idle.ask("POST", "/journal/a", raw=text)
    assert (answer.status, said in answer.text) == (400, True), answer.text
    assert idle.get("/journal").json == []


def test_a_version_may_not_be_too_large(idle: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ldm_nodes.server.routes.journal.LARGEST", 10)
    assert idle.ask("POST", "/journal/a", raw=b'{"nodes": []}').status == 413


def test_names_too_long_for_a_document_are_refused(idle: House) -> None:
    assert idle.get(f"/journal/{'x' * 1001}").status == 400


def test_users_have_journals_of_their_own(two: House, tmp_path: Path) -> None:
    ann, bob = ({"Authorization": f"Bearer t-{name}"} for name in ("ann", "bob"))
    assert two.ask("POST", "/journal/a", headers=ann, raw=b"{}").status == 200
    assert two.ask("GET", "/journal", headers=bob).json == []
    assert two.ask("GET", "/journal/a/1", headers=bob).status == 404
    assert two.get("/journal").status == 401
    assert two.ask("GET", "/userdata/..%2F.journal%2Fann%2Fx", headers=ann).status == 403
    assert [path.parent.name for path in tmp_path.rglob("?*.journal")] == ["ann"]


def test_a_full_quota_is_said_in_one_sentence(idle: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ldm_nodes.server.routes.journal.Journal", lambda root: Journal(root, quota=10))
    answer = idle.ask("POST", "/journal/a", raw=b'{"nodes": []}')
    assert (answer.status, answer.text) == (
        507, "The versions of your documents take up all the room they may; delete some of them.\n"
    )  # fmt: skip
    assert module.QUOTA == 1 << 30
