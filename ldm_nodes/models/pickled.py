"""What a pickle may name, and what each name becomes here: records that describe tensors, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import torch

from .stored import StoredTensor, extent

if TYPE_CHECKING:
    from .unpickle import Machine

MAX_DIMENSIONS = 64

STORAGE_DTYPES: dict[str, torch.dtype] = {
    "DoubleStorage": torch.float64, "FloatStorage": torch.float32, "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16, "LongStorage": torch.int64, "IntStorage": torch.int32,
    "ShortStorage": torch.int16, "CharStorage": torch.int8, "ByteStorage": torch.uint8, "BoolStorage": torch.bool,
    "UntypedStorage": torch.uint8,
}  # fmt: skip
DTYPES: dict[str, torch.dtype] = {name: value for name, value in vars(torch).items() if isinstance(value, torch.dtype)}

# Objects of these modules are training leftovers; they become placeholders and nothing is imported.
INERT_MODULES = (
    "pytorch_lightning", "lightning", "lightning_fabric", "omegaconf", "numpy.core.multiarray",
    "numpy._core.multiarray", "numpy.dtypes", "torch.optim",
)  # fmt: skip
_INERT_BUILTINS = (
    "object", "set", "frozenset", "int", "long", "float", "str", "unicode", "bool", "bytes", "complex", "dict", "list",
    "tuple", "slice",
)  # fmt: skip
INERT_NAMES = frozenset({
    "collections.defaultdict", "collections.Counter", "copyreg._reconstructor", "copy_reg._reconstructor",
    "numpy.dtype", "numpy.ndarray", "argparse.Namespace", "pathlib.PosixPath", "pathlib.WindowsPath", "typing.Any",
    "torch.device", "torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.Parameter", "_codecs.encode",
    *(f"{module}.{name}" for module in ("builtins", "__builtin__") for name in _INERT_BUILTINS),
})  # fmt: skip

Rebuild = Callable[["Machine", tuple[Any, ...]], Any]


@dataclass(frozen=True, eq=False)
class Inert:
    """Stands for an object that is not wanted: it keeps the name and nothing else."""

    name: str


@dataclass(frozen=True)
class Storage:
    """A run of numbers that tensors are cut from."""

    key: str
    dtype: torch.dtype
    numel: int
    first: int = 0


@dataclass(frozen=True)
class Function:
    """A name that a pickle may apply, with what to do instead of calling it."""

    name: str
    apply: Rebuild


@dataclass(frozen=True)
class PickledTensor:
    """A tensor as a pickle describes it, checked against its storage; `place` tells where its bytes are."""

    storage: Storage
    dtype: torch.dtype
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    def stored(self, place: Callable[[Storage], tuple[Any, int]]) -> StoredTensor:
        """Return the tensor in its file; `place` maps a storage to (file, byte offset)."""
        file, start = place(self.storage)
        start += self.storage.first * self.storage.dtype.itemsize + self.offset * self.dtype.itemsize
        return StoredTensor(file, start, self.dtype, self.shape, self.stride)


def _tensor(machine: Machine, storage: Any, dtype: torch.dtype, offset: Any, shape: Any, stride: Any) -> PickledTensor:
    """Describe a tensor after checking that it stays inside its storage and is not larger than it."""
    sizes_are_sound = (
        all(isinstance(value, tuple) and len(value) <= MAX_DIMENSIONS for value in (shape, stride))
        and len(shape) == len(stride)
        and all(type(value) is int and 0 <= value < 2**63 for value in (offset, *shape, *stride))
    )
    if not isinstance(storage, Storage) or not sizes_are_sound:
        raise machine.refuse("a tensor of impossible sizes")
    room = storage.numel * storage.dtype.itemsize // dtype.itemsize
    if offset + extent(shape, stride) > room or prod(shape) > room:
        raise machine.refuse(f"a tensor of shape {shape} from a storage of {room} numbers")
    return PickledTensor(storage, dtype, offset, shape, stride)


def _rebuild_tensor(machine: Machine, arguments: tuple[Any, ...]) -> PickledTensor:
    storage, offset, shape, stride = arguments[:4]
    if not isinstance(storage, Storage):
        raise machine.refuse("a tensor without a storage")
    return _tensor(machine, storage, storage.dtype, offset, shape, stride)


def _rebuild_typed_tensor(machine: Machine, arguments: tuple[Any, ...]) -> PickledTensor:
    storage, offset, shape, stride, _, _, dtype = arguments[:7]
    if not isinstance(dtype, torch.dtype):
        raise machine.refuse("a tensor of an unknown type")
    return _tensor(machine, storage, dtype, offset, shape, stride)


def _rebuild_parameter(machine: Machine, arguments: tuple[Any, ...]) -> PickledTensor:
    if not isinstance(arguments[0], PickledTensor):
        raise machine.refuse("a parameter without a tensor")
    return arguments[0]


def _rebuild_subclass(machine: Machine, arguments: tuple[Any, ...]) -> Any:
    function, _, inner = arguments[:3]
    return machine.apply(function, inner)


def _ordered_dict(machine: Machine, arguments: tuple[Any, ...]) -> dict[Any, Any]:
    table: dict[Any, Any] = {}
    for key, value in arguments[0] if arguments else ():
        set_item(machine, table, key, value)
    return table


def _size(machine: Machine, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(arguments[0], list | tuple):
        raise machine.refuse("a size that is no list")
    return tuple(arguments[0])


_FUNCTIONS: dict[str, Rebuild] = {
    "torch._utils._rebuild_tensor": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v3": _rebuild_typed_tensor,
    "torch._utils._rebuild_parameter": _rebuild_parameter,
    "torch._utils._rebuild_parameter_with_state": _rebuild_parameter,
    "torch._tensor._rebuild_from_type_v2": _rebuild_subclass,
    "collections.OrderedDict": _ordered_dict,
    "torch.Size": _size,
}


def find(machine: Machine, module: str, name: str) -> Function | Inert | torch.dtype:
    """Return what stands for the global `module.name`; names outside the lists are refused."""
    full = f"{module}.{name}"
    if full in _FUNCTIONS:
        return Function(full, _FUNCTIONS[full])
    if module in ("torch", "torch.cuda", "torch.storage"):
        if name in STORAGE_DTYPES:
            return STORAGE_DTYPES[name]
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
    if full in INERT_NAMES or any(module == root or module.startswith(root + ".") for root in INERT_MODULES):
        return Inert(full)
    raise machine.refuse(full)


def set_item(machine: Machine, table: Any, key: Any, value: Any) -> None:
    """Set an entry of a plain table. Keys are kept simple: hashing deeply nested tuples can exhaust the C stack."""
    if isinstance(table, Inert):
        return
    if not isinstance(table, dict):
        raise machine.refuse(f"setting items of a {type(table).__name__}")
    table[_key(machine, key)] = value


def _key(machine: Machine, key: Any) -> Any:
    if _is_simple(key) or (isinstance(key, tuple) and all(map(_is_simple, key))):
        return key
    raise machine.refuse(f"a table with a {type(key).__name__} as key")


def _is_simple(key: Any) -> bool:
    if isinstance(key, int):
        return abs(key) < 2**63
    return isinstance(key, str | float | bytes | Inert | torch.dtype) or key is None
