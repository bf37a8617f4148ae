"""Reading files that `torch.save` wrote: zip archives (torch 1.6 and later) and the stream format before them.

Only the reader of `unpickle.py` looks at the pickles inside. Storages are taken from the file in place, so they must be
uncompressed, as torch writes them; there is nothing to inflate and so no archive bomb.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, cast

from .errors import UnreadableFile
from .pickled import Inert, PickledTensor, Storage
from .stored import MappedFile, StoredTensor
from .unpickle import Machine

MAX_PICKLE = 256 << 20
MAX_DEPTH = 8  # of tables within tables in which tensors are looked for
MAX_NAME = 1000
STREAM_MAGIC = 0x1950A86A20F9469CFC6C
STREAM_VERSION = 1001
_LOCAL_HEADER = 30
# What else a training run saves; these hold tensors too, but not the model's.
_NOT_WEIGHTS = frozenset({"optimizer_states", "optimizer", "lr_schedulers", "callbacks", "loops", "scaler"})

Place = Callable[[Storage], tuple[MappedFile, int]]


@dataclass(frozen=True)
class Contents:
    """What a torch file says: its tensors by name, and the plain numbers beside them (`global_step`, `epoch`)."""

    tensors: dict[str, StoredTensor]
    scalars: dict[str, int | float | str] = field(default_factory=dict)


def read_zip(file: MappedFile) -> Contents:
    """Return the contents of a zip archive that `torch.save` wrote.

    Raises:
        UnreadableFile: when it is damaged, compressed, or no archive of torch.
        UnsafeFile: when its pickle asks for anything but tensors.
    """
    try:
        entries = {info.filename: info for info in zipfile.ZipFile(cast("IO[bytes]", file.buffer)).infolist()}
    except (zipfile.BadZipFile, ValueError, OSError, UnicodeDecodeError, NotImplementedError) as error:
        raise UnreadableFile(f"{file.path.name} is a zip archive that is cut off or damaged ({error}).") from error
    root = _root(file, entries)
    if _record(file, entries, root + "byteorder")[0:3] == b"big":
        raise UnreadableFile(f"{file.path.name} was written on a big-endian machine; such files are not supported.")
    tree = Machine(file.path.name).run(io.BytesIO(_record(file, entries, root + "data.pkl")))

    def place(storage: Storage) -> tuple[MappedFile, int]:
        start, length = _locate(file, entries, f"{root}data/{storage.key}")
        if length < (storage.first + storage.numel) * storage.dtype.itemsize:
            raise UnreadableFile(f"{file.path.name} is damaged: the numbers {storage.key!r} are shorter than stated.")
        return file, start

    return _contents(file, tree, place)


def read_stream(file: MappedFile) -> Contents:
    """Return the contents of a file in torch's format before 1.6: five pickles, then the storages one by one."""
    name = file.path.name
    stream = cast("IO[bytes]", file.buffer)
    stream.seek(0)
    first = Machine(name).run(stream)
    if first != STREAM_MAGIC or type(first) is not int:
        raise UnreadableFile(f"{name} is a plain Python pickle, not a file of tensors that torch saved.")
    if Machine(name).run(stream) != STREAM_VERSION:
        raise UnreadableFile(f"{name} has an unknown version of torch's old file format.")
    Machine(name).run(stream)
    tree, keys = Machine(name).run(stream), Machine(name).run(stream)
    starts: dict[str, tuple[int, int]] = {}
    sizes = _storages(tree)
    position = stream.tell()
    for key in filter(lambda key: isinstance(key, str), keys if isinstance(keys, list) else ()):
        count = int.from_bytes(file.bytes(position, 8), "little")
        starts[key] = (position + 8, count)
        position += 8 + count * sizes.get(key, 0)
    return _contents(file, tree, lambda storage: _stream_place(file, starts, storage))


def _stream_place(file: MappedFile, starts: dict[str, tuple[int, int]], storage: Storage) -> tuple[MappedFile, int]:
    start, count = starts.get(storage.key, (0, -1))
    used = storage.first + storage.numel
    if count < used or start + used * storage.dtype.itemsize > file.size:
        raise UnreadableFile(f"{file.path.name} is cut off or damaged: some of its numbers are missing.")
    return file, start


def _storages(tree: Any) -> dict[str, int]:
    """Return the bytes per number of every storage that the tree refers to."""
    return {tensor.storage.key: tensor.storage.dtype.itemsize for _, tensor in _walk(tree)}


def _root(file: MappedFile, entries: dict[str, zipfile.ZipInfo]) -> str:
    pickles = sorted((name for name in entries if name.split("/")[-1] == "data.pkl"), key=len)
    if not pickles:
        raise UnreadableFile(f"{file.path.name} is a zip archive, but not one that torch saved; unpack it first.")
    root = pickles[0].removesuffix("data.pkl")
    if any(name.startswith(root + "code/") for name in entries):
        raise UnreadableFile(f"{file.path.name} is a TorchScript program; expected a checkpoint with tensors only.")
    return root


def _locate(file: MappedFile, entries: dict[str, zipfile.ZipInfo], name: str) -> tuple[int, int]:
    """Return the byte offset and length of an uncompressed record."""
    info = entries.get(name)
    if info is None:
        raise UnreadableFile(f"{file.path.name} is damaged: its record {name!r} is missing.")
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
        raise UnreadableFile(f"{file.path.name} is a compressed archive; torch saves without compression. Unpack it.")
    header = file.bytes(info.header_offset, _LOCAL_HEADER) if info.header_offset >= 0 else b""
    start = info.header_offset + _LOCAL_HEADER + sum(int.from_bytes(header[i : i + 2], "little") for i in (26, 28))
    if header[:4] != b"PK\x03\x04" or start + info.file_size > file.size:
        raise UnreadableFile(f"{file.path.name} is damaged: its record {name!r} lies outside the file.")
    return start, info.file_size


def _record(file: MappedFile, entries: dict[str, zipfile.ZipInfo], name: str) -> bytes:
    """Return a small record, empty if there is none."""
    if name not in entries:
        return b""
    start, length = _locate(file, entries, name)
    if length > MAX_PICKLE:
        raise UnreadableFile(f"{file.path.name} has a table of contents of {length} bytes; {MAX_PICKLE} are accepted.")
    return file.bytes(start, length)


def _contents(file: MappedFile, tree: Any, place: Place) -> Contents:
    if isinstance(tree, Inert):
        raise UnreadableFile(f"{file.path.name} holds a Python object ({tree.name}); expected a table of tensors.")
    weights = tree
    scalars: dict[str, int | float | str] = {}
    if isinstance(tree, dict):
        weights = tree.get("state_dict", tree)
        scalars = {key: value for key, value in tree.items() if isinstance(key, str) and _is_scalar(value)}
    tensors = {name: tensor.stored(place) for name, tensor in _walk(weights)}
    if any(len(name) > MAX_NAME for name in tensors):
        raise UnreadableFile(f"{file.path.name} names a tensor with more than {MAX_NAME} characters.")
    if not tensors:
        raise UnreadableFile(f"{file.path.name} holds no tensors.")
    return Contents(tensors, scalars)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, float | str) or (isinstance(value, int) and abs(value) < 2**63)


def _walk(tree: Any) -> Iterator[tuple[str, PickledTensor]]:
    """Find the tensors of nested tables and lists, each container once; names are joined by dots."""
    seen: set[int] = set()
    waiting: list[tuple[str, int, Any]] = [("", 0, tree)]
    while waiting:
        name, depth, value = waiting.pop()
        if isinstance(value, PickledTensor):
            yield name, value
        elif isinstance(value, dict | list | tuple) and id(value) not in seen and depth < MAX_DEPTH:
            seen.add(id(value))
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            children = [
                (f"{name}.{key}"[-MAX_NAME - 1 :] if name else str(key), depth + 1, child)
                for key, child in pairs
                if key not in _NOT_WEIGHTS
            ]
            waiting.extend(reversed(children))
