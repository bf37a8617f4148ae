"""Which commands there are and what they take."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import get_args

from .. import __version__
from ..settings import DeviceName, Folders, MetadataLevel, NoiseMode, Precision, Settings
from .cache_options import add_cache_options, cache_settings
from .download_options import add_download_options
from .serve_options import BadConfiguration, add_serve_options, layered

GRAPH_HELP = "a graph: JSON in API format or of the editor, or a picture that carries one"
Command = Callable[[argparse.Namespace], int]


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse a command line; `command` of the result is the function to call with it. Exits with 2 on a bad one."""
    parser = argparse.ArgumentParser(
        prog="ldm-nodes", description="Latent diffusion as a graph of typed nodes.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"ldm_nodes {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (
        _add_run,
        _add_validate,
        _add_convert,
        _add_export,
        _add_requirements,
        _add_lock,
        _add_verify,
        _add_nodes,
        _add_packs,
        _add_models,
        _add_inspect,
        _add_train,
        _add_evaluate,
        _add_serve,
        _add_dev,
        _add_new_pack,
        _add_link_comfyui,
    ):
        add(commands)
    arguments, late = parser.parse_known_args(_with_layers(parser, sys.argv[1:] if argv is None else argv))
    # argparse takes positional arguments in one place only; overrides may follow options.
    if late and not (getattr(arguments, "takes_overrides", False) and all(map(_is_override, late))):
        parser.error(f"unrecognized arguments: {' '.join(late)}")
    if late:
        arguments.overrides += late
    return arguments


def _with_layers(parser: argparse.ArgumentParser, argv: Sequence[str]) -> Sequence[str]:
    """Return the command line together with what a server's file and environment say."""
    if list(argv[:1]) != ["serve"]:
        return argv
    try:
        return ["serve", *layered(argv[1:])]
    except BadConfiguration as error:
        parser.error(str(error))


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Collect what the command line says into settings; what it does not offer keeps its default."""
    chosen = {name: value for name, value in vars(arguments).items() if name in Settings.__dataclass_fields__}
    folders = Folders.under(arguments.base_dir, getattr(arguments, "output_dir", None))
    return Settings(**{**chosen, "folders": folders, "cache": cache_settings(arguments)})


def _command(name: str) -> Command:
    """Return the function `run` of the file `name`, loaded when it is called, so that `--help` is instant."""

    def call(arguments: argparse.Namespace) -> int:
        return int(import_module(f".{name.replace('-', '_')}", __package__).run(arguments))

    return call


_Commands = argparse._SubParsersAction  # argparse offers no public name for it


def _add(
    commands: _Commands[argparse.ArgumentParser], name: str, what: str, *, inner: bool = False
) -> argparse.ArgumentParser:
    """Add a command; an `inner` one stands below another and leaves what that was given before it."""
    parser = commands.add_parser(name, help=what, description=what, allow_abbrev=False)
    parser.set_defaults(command=_command(name))
    base, told = (argparse.SUPPRESS, argparse.SUPPRESS) if inner else (Path(), False)
    parser.add_argument(
        "--base-dir", type=Path, default=base, metavar="DIR", help="folder of models/ and input/ (default: here)"
    )
    parser.add_argument("--json", action="store_true", default=told, help="print one JSON document instead of text")
    return parser


def _add_run(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "run", "Run graphs and save their pictures.")
    parser.add_argument("graphs", nargs="+", type=Path, metavar="GRAPH", help=GRAPH_HELP)
    parser.add_argument(
        "--set", action="append", default=[], metavar="NODE.INPUT=VALUE", dest="overrides",
        help='replace an input, as in --set 3.seed=7 --set 6.text="a red fox"; may be given many times',
    )  # fmt: skip
    parser.add_argument("--output-dir", type=Path, metavar="DIR", help="where to save (default: output/)")
    _add_compute_options(parser)
    _add_metadata_option(parser)
    parser.add_argument("--explain", action="store_true", help="say of every node why it ran, or why it did not")
    add_cache_options(parser)


def _add_compute_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", choices=get_args(DeviceName), default="auto", help="where to compute")
    parser.add_argument(
        "--precision", choices=get_args(Precision), default="auto", help="numbers that networks compute in"
    )
    parser.add_argument(
        "--noise", choices=get_args(NoiseMode), default="comfyui",
        help="comfyui: the draws ComfyUI makes; per_index: picture i of a batch equals the single run with that index",
    )  # fmt: skip


def _add_validate(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "validate", "Check graphs without running them; all problems are listed at once.")
    parser.add_argument("graphs", nargs="+", type=Path, metavar="GRAPH", help=GRAPH_HELP)


def _add_convert(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "convert", "Turn editor documents into API prompts, and API prompts into documents.")
    parser.add_argument(
        "source", type=Path, metavar="A", help="a graph, a picture that carries one, or a folder of them"
    )
    parser.add_argument(
        "target", type=Path, metavar="B", help="the JSON file to write, or the folder for the files of A"
    )
    parser.add_argument(
        "--to", choices=("api", "ui"),
        help="the format to write; default: the one that A is not in",
    )  # fmt: skip
    parser.add_argument(
        "--object-info", type=Path, metavar="FILE",
        help="what another server answers to /object_info, saved: its node classes are used instead of ours",
    )  # fmt: skip


def _add_export(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "export", "Write a graph as Python source, which can be read, changed, run and loaded.")
    parser.add_argument("graph", type=Path, metavar="GRAPH", help=GRAPH_HELP)
    parser.add_argument("target", nargs="?", type=Path, metavar="FILE", help="the file to write (default: print it)")


def _add_requirements(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "requirements", "List the node classes and files that a graph needs, and what is missing.")
    parser.add_argument("graph", type=Path, metavar="GRAPH", help=GRAPH_HELP)


def _add_lock(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "lock", "Write down what a graph's pixels depend on: versions, files, device, precision.")
    parser.add_argument("graph", type=Path, metavar="GRAPH", help=GRAPH_HELP)
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="the lock to write (default: GRAPH with the ending .lock.json)"
    )
    _add_compute_options(parser)


def _add_verify(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "verify", "Name everything in which this machine differs from a lock.")
    parser.add_argument("lock", type=Path, metavar="LOCK", help="what `ldm-nodes lock` wrote")
    parser.add_argument("--rehash", action="store_true", help="read every file, even if size and time are as before")


def _add_nodes(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "nodes", "List the nodes, or describe one.")
    parser.add_argument("name", nargs="?", metavar="NAME", help="the node to describe")
    parser.add_argument("--stubs", action="store_true", help="print the nodes as methods for type checkers and editors")


def _add_packs(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "packs", "Load the node packs, and say what became of each.")
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="one pack, with everything about it")
    parser.add_argument(
        "--packs", action="append", default=[], type=Path, metavar="DIR",
        help="a folder of packs (default: custom_nodes/); may be given many times",
    )  # fmt: skip
    parser.add_argument(
        "--allow-override", action="append", default=[], metavar="NAME",
        help="a node that packs may replace by their own; may be given many times",
    )  # fmt: skip
    parser.add_argument(
        "--load-seconds", type=float, default=120.0, metavar="N", help="how long one may take to load (default: 120)"
    )
    parser.add_argument("--trust", action="store_true", help="ask nothing before packs are loaded")


def _add_models(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "models", "List the model files that graphs can name, or download one.")
    inner = parser.add_subparsers(title="commands", metavar="COMMAND")
    add_download_options(_add(inner, "download", "Download a model from the hub or an address.", inner=True))


def _add_inspect(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "inspect", "Say what a checkpoint contains, or which graph made a picture or a latent.")
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a checkpoint, a folder of diffusers, a picture or a latent"
    )


def _add_train(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "train", "Train an autoencoder or a latent diffusion model.")
    parser.add_argument("config", type=Path, metavar="CONFIG", help="a configuration in the original's YAML structure")
    parser.add_argument(
        "overrides", nargs="*", metavar="NAME=VALUE", help="replace a setting, as in model.params.timesteps=500"
    )
    parser.set_defaults(takes_overrides=True)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint of the run")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder of the run (default: runs/ and its name)")
    parser.add_argument("--device", choices=get_args(DeviceName), default="auto", help="where to compute")


def _add_evaluate(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "evaluate", "Measure a checkpoint on pictures: reconstruction, samples, speed.")
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="a model, by its path or its name")
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="pictures: a folder or a CSV table")
    parser.add_argument("--size", type=_count, metavar="N", help="side of the pictures (default: as the model has it)")
    parser.add_argument("--samples", type=_count, default=64, metavar="N", help="how many to sample (default: 64)")
    parser.add_argument("--steps", type=_count, default=20, metavar="N", help="of the sampler (default: 20)")
    parser.add_argument("--cfg", type=float, default=3.0, metavar="X", help="scale of guidance (default: 3)")
    parser.add_argument("--sampler", default="ddim", metavar="NAME", help="as in KSampler (default: ddim)")
    parser.add_argument("--scheduler", default="uniform", metavar="NAME", help="as in KSampler (default: uniform)")
    parser.add_argument("--seed", type=_count, default=0, metavar="N", help="of the samples (default: 0)")
    parser.add_argument("--batch", type=_count, default=16, metavar="N", help="pictures at a time (default: 16)")
    parser.add_argument("--vgg", type=Path, metavar="FILE", help="VGG16 weights, for LPIPS and as features")
    parser.add_argument("--device", choices=get_args(DeviceName), default="auto", help="where to compute")
    parser.add_argument("--precision", choices=get_args(Precision), default="auto", help="numbers to compute in")


def _add_serve(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "serve", "Serve ComfyUI's API, a queue that survives, and pages to use them with.")
    add_serve_options(parser)
    _add_compute_options(parser)
    _add_metadata_option(parser)
    add_cache_options(parser)


def _add_dev(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "dev", "Serve with one pack, which is loaded again whenever a file of it is saved.")
    parser.add_argument("pack", type=Path, metavar="PACK", help="the pack's folder")
    add_serve_options(parser)
    _add_compute_options(parser)
    _add_metadata_option(parser)
    add_cache_options(parser)


def _add_new_pack(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "new-pack", "Write a node pack to begin with: nodes, tests, and what ComfyUI needs.")
    parser.add_argument("name", metavar="NAME", help="the pack's name, such as my_pack")
    parser.add_argument("--into", type=Path, metavar="DIR", help="the folder to write it into (default: custom_nodes/)")


def _add_link_comfyui(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "link-comfyui", "Make these nodes a node pack of an installed ComfyUI.")
    parser.add_argument("path", type=Path, metavar="PATH", help="ComfyUI's folder, in which custom_nodes/ is")


def _add_metadata_option(parser: argparse.ArgumentParser) -> None:
    levels = get_args(MetadataLevel)
    what = "what saved pictures tell of their making"
    parser.add_argument("--metadata", choices=levels, default="workflow", help=what)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of at least 0")
    return int(text)


def _is_override(argument: str) -> bool:
    return "=" in argument and not argument.startswith("-")
