"""The options of `ldm-nodes serve`, from the command line, the environment and a TOML file; the first of them wins.

An option `--output-directory` is `LDM_NODES_OUTPUT_DIRECTORY` in the environment and `output-directory` in the file.
"""

from __future__ import annotations

import argparse
import os
import tomllib
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from ..settings import PREVIEW_METHODS
from .limit_options import add_limit_options

PREFIX = "LDM_NODES_"
FILE = "ldm_nodes.toml"
MANY = frozenset({"extra-model-paths-config", "models-dir", "packs", "allow-override", "allow-host", "user"})
"""Options that may be given more than once: a list in the file, parts between commas in the environment."""


FLAGS = frozenset({"allow-downloads", "disable-packs"})
"""Options without a value: true or false in the file and in the environment."""


class BadConfiguration(ValueError):
    """A file of options that cannot be used; the message says why."""


def add_serve_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to the command, but for those of computing and caching, which others share."""
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"options in TOML (default: {FILE} of the base)")
    _add_access(parser)
    _add_folders(parser)
    _add_manners(parser)
    add_limit_options(parser)


def _add_access(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--listen", nargs="?", const="0.0.0.0", default="127.0.0.1", metavar="ADDRESS",
        help="addresses to listen on, between commas (default: 127.0.0.1; alone: all, with a token)",
    )  # fmt: skip
    parser.add_argument("--port", type=int, default=8188, metavar="N", help="port (default: 8188; 0: any)")
    parser.add_argument("--tls-certfile", type=Path, metavar="FILE", help="certificate to encrypt connections with")
    parser.add_argument("--tls-keyfile", type=Path, metavar="FILE", help="its key")
    parser.add_argument("--token", metavar="TEXT", help="what clients must send; better in the environment or a file")
    _add_many(parser, "--user", "users", "NAME=TOKEN", "a user with a queue view and files of his own")
    parser.add_argument("--public-url", metavar="URL", help="where a reverse proxy shows this server")
    _add_many(parser, "--allow-host", "hosts", "NAME", "a name that this server goes by beside localhost")
    parser.add_argument("--allow-downloads", action="store_true", help="let clients have models fetched")


def _add_folders(parser: argparse.ArgumentParser) -> None:
    for name, what in {
        "input": "uploaded files (default: input/)",
        "output": "saved files (default: output/)",
        "temp": "previews, in a folder temp/ of it",
        "user": "settings and workflows (default: user/)",
    }.items():
        parser.add_argument(f"--{name}-directory", type=Path, metavar="DIR", help=what)
    _add_many(parser, "--extra-model-paths-config", "model_paths", "FILE", "folders of models in ComfyUI's YAML", Path)
    _add_many(parser, "--models-dir", "models_dirs", "DIR", "another folder laid out like models/", Path)
    _add_many(parser, "--packs", "packs", "DIR", "a folder of node packs (default: custom_nodes/)", Path)
    _add_many(parser, "--allow-override", "allow_override", "NAME", "a node that packs may replace by their own")
    parser.set_defaults(only="")
    parser.add_argument("--disable-packs", action="store_true", help="load no node packs")


def _add_manners(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--frontend", default="editor", metavar="WHICH", help="editor, comfyui or a folder of pages")
    parser.add_argument(
        "--preview-method", choices=tuple(PREVIEW_METHODS), default="auto",
        help="pictures of unfinished work: by a linear map (auto, latent2rgb), by the model's own autoencoder, made "
        "small (autoencoder, taesd), or none (default: auto)",
    )  # fmt: skip
    parser.add_argument(
        "--start", choices=("last", "run", "paused"), default="last", dest="on_start",
        help="whether the queue starts as it was left, running or paused",
    )  # fmt: skip
    parser.add_argument("--log-format", choices=("text", "json"), default="text", help="lines for people or machines")
    parser.add_argument(
        "--patience", type=float, default=5.0, metavar="SECONDS",
        help="how long a running job may finish at the end before it goes back into the queue",
    )  # fmt: skip


def _add_many(
    parser: argparse.ArgumentParser, name: str, to: str, value: str, what: str, kind: type[str] | type[Path] = str
) -> None:
    """Add an option that may be given many times."""
    what = f"{what}; may be given many times"
    parser.add_argument(name, action="append", default=[], type=kind, metavar=value, dest=to, help=what)


def layered(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return a command line with what a file and the environment say before what was typed, which therefore wins.

    Args:
        argv: what was typed after `serve`.
        environ: the environment.

    Raises:
        BadConfiguration: the file cannot be read, or is not one of options.
    """
    typed = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    typed.add_argument("--config", type=Path, default=environ.get(f"{PREFIX}CONFIG"))
    typed.add_argument("--base-dir", type=Path, default=Path(environ.get(f"{PREFIX}BASE_DIR", "")))
    known, _ = typed.parse_known_args([text for text in argv if text not in ("-h", "--help")])
    path = Path(known.config) if known.config else known.base_dir / FILE
    told = _file(path) if known.config or path.is_file() else {}
    return [*_as_arguments(told), *_as_arguments(_environment(environ)), *argv]


def forget_tokens(environ: MutableMapping[str, str] = os.environ) -> None:
    """Take the tokens out of the environment once they are read: no node, and no program of one, needs to know them."""
    for option in ("TOKEN", "USER"):
        environ.pop(PREFIX + option, None)


def _file(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfiguration(f"The options in {path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadConfiguration(f"The options in {path} are not TOML: {error}.") from error


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in environ.items():
        option = name.removeprefix(PREFIX).lower().replace("_", "-")
        if name.startswith(PREFIX) and option in OPTIONS:
            found[option] = value.split(",") if option in MANY else value
    return found


def _as_arguments(told: Mapping[str, Any]) -> Iterator[str]:
    for name, value in told.items():
        option = name.replace("_", "-")
        if option == "config":
            continue
        if option not in OPTIONS:
            raise BadConfiguration(f"There is no option {name!r}. Options are {', '.join(sorted(OPTIONS))}.")
        if option in FLAGS:
            yield from [f"--{option}"] if _is_true(option, value) else []
            continue
        for one in _values(option, value):
            yield f"--{option}={one}"


def _is_true(option: str, value: Any) -> bool:
    spelled = str(value).lower()
    if spelled not in ("true", "false", "1", "0"):
        raise BadConfiguration(f"The option {option!r} is true or false; received {value!r}.")
    return spelled in ("true", "1")


def _values(option: str, value: Any) -> list[Any]:
    if option == "user" and isinstance(value, dict):
        return [f"{name}={token}" for name, token in value.items()]
    if isinstance(value, list) and option in MANY:
        return value
    if isinstance(value, bool | dict | list):
        raise BadConfiguration(f"The option {option!r} takes a text or a number.")
    return [value]


OPTIONS = frozenset({
    "allow-downloads", "allow-host", "allow-override", "base-dir", "cache", "cache-dir", "cache-dir-size", "config",
    "device",
    "disable-packs",
    "extra-model-paths-config", "frontend", "input-directory", "keep-days", "keep-events", "keep-jobs", "keep-size",
    "listen", "log-format", "max-upload-size", "metadata",
    "models-dir", "noise", "output-directory", "packs", "patience", "port", "precision", "preview-method",
    "public-url", "start",
    "temp-directory", "tls-certfile", "tls-keyfile", "token", "upload-quota", "user", "user-directory",
    "userdata-quota",
})  # fmt: skip
