"""Configurations as plain trees: YAML with OmegaConf's numbers, dotted overrides, and the differences of two trees.

The original reads its files with OmegaConf, where `1e-6` is a number; to plain YAML 1.1 it is a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml

from ..models.errors import WrongConfig

Tree = dict[str, Any]

MAX_BYTES = 1 << 20

_NUMBER = re.compile(
    r"""^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+
    |[-+]?\.[0-9_]+(?:[eE][-+]?[0-9]+)?
    |[-+]?\.(?:inf|Inf|INF)
    |\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)
_FLOAT = "tag:yaml.org,2002:float"
_DATE = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """YAML's safe loader with OmegaConf's idea of a number, without dates, and with keys that occur once."""

    def close(self) -> None:
        """Let go of the text."""
        self.dispose()

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice!r} occurs twice", node.start_mark)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_FLOAT, _DATE)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_FLOAT, _NUMBER, list("-+0123456789."))


def read_tree(path: Path) -> Tree:
    """Read a YAML file whose top level is a table.

    Raises:
        WrongConfig: when it is missing, too large or no such YAML.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongConfig(f"The configuration {path} cannot be read: {_reason(error)}.") from error
    if len(text) > MAX_BYTES:
        raise WrongConfig(f"{path.name} is larger than {MAX_BYTES} bytes; it is no configuration.")
    tree = _parsed(text, path.name)
    if not isinstance(tree, dict):
        raise WrongConfig(f"{path.name} is no configuration; expected sections such as `model:` and `data:`.")
    return tree


def with_overrides(tree: Mapping[str, Any], overrides: Sequence[str]) -> Tree:
    """Return a copy of a tree in which `a.b=value` has replaced or added a value; an entry of a list has a number.

    Raises:
        WrongConfig: when an override cannot be read, or goes through something that is no table.
    """
    result: Tree = _copied(tree)
    for override in overrides:
        path, equals, text = override.partition("=")
        names = path.split(".")
        if not equals or not all(names):
            raise WrongConfig(f"The override {override!r} cannot be read; expected a.b=value.")
        place: Any = result
        for name in names[:-1]:
            place = _entered(place, name, override)
        _put(place, names[-1], _parsed(text, f"the override {override!r}"), override)
    return result


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the leaves of a tree by their dotted paths; lists are leaves."""
    leaves: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            leaves |= flat(value, f"{prefix}{name}.")
        else:
            leaves[f"{prefix}{name}"] = value
    return leaves


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the dotted paths at which two trees differ, each with both values; None stands for absent."""
    old, new = flat(before), flat(after)
    paths = sorted(old.keys() | new.keys())
    return {path: (old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)}


def _parsed(text: str, what: str) -> Any:
    try:
        with closing(_Loader(text)) as loader:
            return loader.get_single_data()
    except (yaml.YAMLError, RecursionError) as error:
        raise WrongConfig(f"{what} is not readable as YAML ({' '.join(str(error).split())}).") from error


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _entered(place: Any, name: str, override: str) -> Any:
    if isinstance(place, list):
        return place[_position(place, name, override)]
    if not isinstance(place, dict):
        raise WrongConfig(f"The override {override!r} goes into {name!r}, which lies in a plain value.")
    if place.get(name) is None:
        place[name] = {}
    return place[name]


def _put(place: Any, name: str, value: Any, override: str) -> None:
    if isinstance(place, list):
        place[_position(place, name, override)] = value
    elif isinstance(place, dict):
        place[name] = value
    else:
        raise WrongConfig(f"The override {override!r} would put {name!r} into a plain value.")


def _position(place: list[Any], name: str, override: str) -> int:
    if not name.isdigit() or int(name) >= len(place):
        raise WrongConfig(f"The override {override!r} asks for entry {name!r} of a list of {len(place)}.")
    return int(name)


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
