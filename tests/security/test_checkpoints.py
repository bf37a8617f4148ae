"""Model files that attack: none may run anything, none may exhaust the process (threat list 20 to 24)."""

from __future__ import annotations

import ast
import io
import os
import pickle
import struct
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

import ldm_nodes
from ldm_nodes.models.checkpoint import open_checkpoint
from ldm_nodes.models.errors import ModelError, UnreadableFile, UnsafeFile
from ldm_nodes.models.unpickle import Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Call:
    """Pickles as a call of `function`."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.function, self.arguments


def archive(
    path: Path, data: bytes, storages: dict[str, bytes] | None = None, method: int = zipfile.ZIP_STORED
) -> Path:
    with zipfile.ZipFile(path, "w", method) as out:
        out.writestr("archive/data.pkl", data)
        for key, value in (storages or {}).items():
            out.writestr(f"archive/data/{key}", value)
    return path


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def number(value: int) -> bytes:
    raw = value.to_bytes(16, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def tensor_pickle(numel: int, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], key: str = "0") -> bytes:
    def numbers(values: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(map(number, values)) + b"t"

    storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(key) + text("cpu") + number(numel) + b"tQ"
    rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n"
    arguments = b"(" + storage + number(offset) + numbers(shape) + numbers(stride) + b"\x89}t"
    return b"\x80\x02}" + text("w") + rebuild + arguments + b"Rs."


GADGETS: dict[str, Callable[[str], Any]] = {
    "posix.system": lambda mark: Call(os.system, f"touch {mark}"),
    "builtins.eval": lambda mark: Call(eval, f"open({mark!r}, 'w')"),
    "builtins.exec": lambda mark: Call(exec, f"open({mark!r}, 'w')"),
    "builtins.getattr": lambda mark: Call(getattr, Call(__import__, "os"), "system"),
    "builtins.__import__": lambda mark: Call(__import__, "antigravity"),
    "io.open": lambda mark: Call(open, mark, "w"),
    "torch.serialization.load": lambda mark: Call(torch.load, mark),
    "torch.storage._load_from_bytes": lambda mark: Call(torch.storage._load_from_bytes, b"x"),
    "torch.hub.load": lambda mark: Call(torch.hub.load, mark),
    "os.mkdir": lambda mark: Call(os.mkdir, mark),
}


@pytest.mark.parametrize("wrap", ["zip", "nested", "stream", "bare", "beside tensors"])
@pytest.mark.parametrize("name", GADGETS)
def test_calls_are_refused_by_name_and_not_made(name: str, wrap: str, tmp_path: Path) -> None:
    mark = tmp_path / "was-here"
    payload = GADGETS[name](str(mark))
    path = tmp_path / "evil.ckpt"
    match wrap:
        case "zip":
            torch.save(payload, path)
        case "nested":
            torch.save({"state_dict": {"w": torch.ones(2)}, "callbacks": {"x": [payload]}}, path)
        case "stream":
            torch.save({"w": payload}, path, _use_new_zipfile_serialization=False)
        case "bare":
            path.write_bytes(pickle.dumps(payload))
        case _:
            torch.save({"w": torch.ones(2), "hidden": payload}, path)
    before = dict(os.environ), os.getcwd()
    with pytest.raises(UnsafeFile, match="nothing in it was run") as caught:
        open_checkpoint(path)
    assert name.split(".")[-1] in str(caught.value) or "__import__" in str(caught.value)
    assert not mark.exists()
    assert (dict(os.environ), os.getcwd()) == before


@pytest.mark.parametrize("protocol", [2, 4])
def test_os_system_is_named(protocol: int, tmp_path: Path) -> None:
    path = archive(tmp_path / "evil.ckpt", pickle.dumps(Call(os.system, "true"), protocol=protocol))
    with pytest.raises(UnsafeFile, match=r"asks for '(posix|nt)\.system'"):
        open_checkpoint(path)


RAW: dict[str, bytes] = {
    "INST": b"\x80\x02(X\x04\x00\x00\x00trueios\nsystem\n.",
    "OBJ": b"\x80\x02(cos\nsystem\nX\x04\x00\x00\x00trueo.",
    "NEWOBJ": b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85\x81.",
    "STACK_GLOBAL": b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.",
    "STACK_GLOBAL dotted": b"\x80\x04\x8c\x05torch\x8c\x0bos.system.x\x93.",
    "global with spaces": b"\x80\x02cos system\nx\n.",
    "EXT1": b"\x80\x02\x82\x01.",
    "EXT2": b"\x80\x02\x83\x01\x00.",
    "EXT4": b"\x80\x02\x84\x01\x00\x00\x00.",
    "PERSID": b"\x80\x02Pabc\n.",
    "NEXT_BUFFER": b"\x80\x05\x97.",
    "build on a function": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n}X\x01\x00\x00\x00aK\x01sb.",
    "build on a dtype": b"\x80\x02ctorch\nfloat32\n}b.",
    "call of a text": b"\x80\x02X\x01\x00\x00\x00a)R.",
    "call of a dtype": b"\x80\x02ctorch\nfloat32\n)R.",
    "function as storage": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(ctorch\nSize\nK\x00))\x89}tR.",
    "list as key": b"\x80\x02}]K\x01s.",
    "deep tuple as key": b"\x80\x02})" + b"\x85" * 100_000 + b"K\x01s.",
    "items of a number": b"\x80\x02K\x01K\x02K\x03s.",
    "append to a number": b"\x80\x02K\x01K\x02a.",
}


@pytest.mark.parametrize("case", RAW)
def test_tricks_with_instructions_are_refused(case: str, tmp_path: Path) -> None:
    with pytest.raises(UnsafeFile, match=r"evil\.ckpt asks for"):
        open_checkpoint(archive(tmp_path / "evil.ckpt", RAW[case]))


DAMAGED: dict[str, bytes] = {
    "empty": b"",
    "no end": b"\x80\x02}",
    "pop from nothing": b"\x80\x020.",
    "memo of nothing": b"\x80\x02h\x07.",
    "huge memo index": b"\x80\x02}r\xff\xff\xff\xffj\xfe\xff\xff\xff.",
    "unknown instruction": b"\x80\x02\xff.",
    "text longer than the file": b"\x80\x04\x8d" + (2**62).to_bytes(8, "little") + b"x.",
    "mark missing": b"\x80\x02t.",
    "odd items": b"\x80\x02}(K\x01u.",
    "short stack": b"\x80\x02K\x01\x87.",
    "call without arguments": b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n)R.",
    "digits": b"\x80\x02I" + b"9" * 10_000 + b"\n.",
    "unknown reference": b"\x80\x02(X\x07\x00\x00\x00storagetQ.",
    "not a table": b"\x80\x02K\x01.",
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_pickles_end_in_one_sentence(case: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        open_checkpoint(archive(tmp_path / "bad.ckpt", DAMAGED[case]))
    assert str(caught.value).startswith("bad.ckpt")


def test_rebuilds_nested_without_end_do_not_exhaust_the_stack(tmp_path: Path) -> None:
    wrap = b"q\x010h\x00Nh\x01\x87"  # inner -> (rebuild, None, inner)
    data = b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\nq\x00)" + wrap * 50_000 + b"R."
    with pytest.raises(UnreadableFile, match="recursion"):
        open_checkpoint(archive(tmp_path / "deep.ckpt", data))


SIZES: dict[str, tuple[int, int, tuple[int, ...], tuple[int, ...]]] = {
    "past the end": (4, 0, (5,), (1,)),
    "offset past the end": (4, 3, (2,), (1,)),
    "stride past the end": (4, 0, (2, 2), (3, 2)),
    "negative offset": (4, -1, (2,), (1,)),
    "negative size": (4, 0, (-2,), (1,)),
    "negative stride": (4, 3, (2,), (-1,)),
    "one number seen a billion times": (4, 0, (10**9,), (0,)),
    "product beyond 64 bits": (4, 0, (2**40, 2**40), (0, 0)),
    "sizes beyond 64 bits": (4, 0, (2**70,), (0,)),
    "uneven": (4, 0, (2, 2), (1,)),
}


@pytest.mark.parametrize("case", SIZES)
def test_tensors_cannot_reach_beyond_their_storage(case: str, tmp_path: Path) -> None:
    data = tensor_pickle(*SIZES[case])
    with pytest.raises(UnsafeFile, match="a tensor of"):
        open_checkpoint(archive(tmp_path / "evil.ckpt", data, {"0": bytes(16)}))


def test_a_storage_shorter_than_stated_is_refused(tmp_path: Path) -> None:
    data = tensor_pickle(1000, 0, (1000,), (1,))
    with pytest.raises(UnreadableFile, match="shorter than stated"):
        open_checkpoint(archive(tmp_path / "evil.ckpt", data, {"0": bytes(16)}))


@pytest.mark.parametrize("key", ["1", "../../../etc/passwd", "/etc/passwd"])
def test_a_storage_is_looked_for_only_inside_the_archive(key: str, tmp_path: Path) -> None:
    data = tensor_pickle(4, 0, (4,), (1,), key)
    with pytest.raises(UnreadableFile, match="is missing"):
        open_checkpoint(archive(tmp_path / "evil.ckpt", data, {"0": bytes(16)}))


def test_an_archive_that_inflates_is_refused(tmp_path: Path) -> None:
    data = tensor_pickle(50_000_000, 0, (50_000_000,), (1,))
    path = archive(tmp_path / "bomb.ckpt", data, {"0": bytes(200_000_000)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(UnreadableFile, match="compressed archive"):
        open_checkpoint(path)


def test_a_record_said_to_lie_elsewhere_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.ckpt", tensor_pickle(4, 0, (4,), (1,)), {"0": bytes(16)})
    raw = path.read_bytes()
    at = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 4)
    path.write_bytes(raw[: at + 42] + (7).to_bytes(4, "little") + raw[at + 46 :])
    with pytest.raises(UnreadableFile, match="lies outside the file"):
        open_checkpoint(path)


def test_shared_lists_do_not_multiply(tmp_path: Path) -> None:
    """Thirty lists, each holding the one before twice: a billion leaves for who follows every path."""
    doubled = b"]q\x00" + b"".join(b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(60))
    with pytest.raises(UnreadableFile, match="no tensors"):
        open_checkpoint(archive(tmp_path / "a.ckpt", b"\x80\x02" + doubled + b"."))


def test_names_do_not_grow_without_end(tmp_path: Path) -> None:
    """One long key, kept once, under which tables nest: the joined names would fill any memory."""
    key = b"X" + (1 << 20).to_bytes(4, "little") + b"k" * (1 << 20) + b"q\x000"
    nested = b"}" + b"h\x00}" * 50_000 + b"s" * 50_000 + b"."
    with pytest.raises(UnreadableFile, match="no tensors"):
        open_checkpoint(archive(tmp_path / "a.ckpt", b"\x80\x02" + key + nested))
    tensor = tensor_pickle(4, 0, (4,), (1,))[2:-2].replace(text("w"), b"h\x00")
    with pytest.raises(UnreadableFile, match="more than 1000 characters"):
        open_checkpoint(archive(tmp_path / "b.ckpt", b"\x80\x02" + key + tensor + b"s.", {"0": bytes(16)}))


def test_numbers_of_any_length_are_survived(tmp_path: Path) -> None:
    huge = b"\x8b" + (100_000).to_bytes(4, "little") + b"\x7f" * 100_000
    tensor = tensor_pickle(4, 0, (4,), (1,))[2:-1]
    data = b"\x80\x02" + tensor + text("global_step") + huge + b"s."
    checkpoint = open_checkpoint(archive(tmp_path / "a.ckpt", data, {"0": bytes(16)}))
    assert checkpoint.global_step is None
    with pytest.raises(UnsafeFile, match="a table with a int as key"):
        open_checkpoint(archive(tmp_path / "b.ckpt", b"\x80\x02}" + huge + b"K\x01s."))


def test_an_error_stays_short(tmp_path: Path) -> None:
    with pytest.raises(UnsafeFile) as caught:
        open_checkpoint(archive(tmp_path / "a.ckpt", b"\x80\x02cos\n" + b"x" * 1_000_000 + b"\n."))
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("zipped", [True, False])
def test_a_damaged_byte_anywhere_ends_in_a_sentence_or_in_tensors(zipped: bool, tmp_path: Path) -> None:
    torch.save({"w": torch.ones(3), "i": torch.tensor([1])}, tmp_path / "a", _use_new_zipfile_serialization=zipped)
    whole = (tmp_path / "a").read_bytes()
    for position in range(0, len(whole), 7):
        (tmp_path / "b.ckpt").write_bytes(whole[:position] + bytes([whole[position] ^ 0x55]) + whole[position + 1 :])
        with suppress(ModelError):
            checkpoint = open_checkpoint(tmp_path / "b.ckpt")
            assert sum(checkpoint.tensor(key).numel() for key in checkpoint.tensors) <= len(whole)


def test_a_list_that_holds_itself_ends(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no tensors"):
        open_checkpoint(archive(tmp_path / "a.ckpt", b"\x80\x02]q\x00h\x00a."))


def test_placeholders_are_inert() -> None:
    stream = io.BytesIO(
        b"\x80\x02cpytorch_lightning.callbacks.model_checkpoint\nModelCheckpoint\n)R}X\x01\x00\x00\x00aK\x01sb."
    )
    made = Machine("x").run(stream)
    assert made.name == "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint"
    assert not hasattr(made, "a")


def loads(tree: ast.AST) -> Iterator[str]:
    """Name what a module imports that can unpickle, and the calls of it that could."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name.split(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.split(".")[0]
            case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr="load")):
                yield "torch.load"
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="load"), keywords=keywords):
                safe = any(k.arg == "allow_pickle" and ast.unparse(k.value) == "False" for k in keywords)
                yield "" if safe else "numpy.load"


def test_the_package_has_no_other_way_to_unpickle() -> None:
    forbidden = {"pickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "torch.load", "numpy.load"}
    for path in Path(ldm_nodes.__file__).parent.rglob("*.py"):
        assert not set(loads(ast.parse(path.read_text()))) & forbidden, path
    assert {"pickle", "torch.load"} <= set(loads(ast.parse("import pickle\ntorch.load(x)")))
