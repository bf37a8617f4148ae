"""What `ldm-nodes models download` takes."""

from __future__ import annotations

import argparse
from ipaddress import ip_network

from ..server.downloads.rules import HOSTS, Rules
from ..server.downloads.target import KINDS
from .cache_options import size


def add_download_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to the command."""
    parser.add_argument(
        "source", metavar="SOURCE", help="an https:// address, or org/repo[@revision][:file] on the Hugging Face hub"
    )
    parser.add_argument(
        "--to", choices=KINDS, default="checkpoints", help="which folder below models/ (default: checkpoints)"
    )
    parser.add_argument("--name", default="", metavar="FILE", help="what to call it (default: as it is called there)")
    parser.add_argument("--sha256", default="", metavar="HEX", help="what the file must hash to")
    parser.add_argument("--max-size", type=size, default=64 << 30, metavar="BYTES", help="the most (default: 64G)")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="HOST",
        help="a host beside the usual ones; HOST:PORT for another port, .HOST for all hosts below it",
    )  # fmt: skip
    parser.add_argument(
        "--allow-network", type=_network, action="append", default=[], metavar="NETWORK",
        help="addresses that may be reached although they are not public, as 10.1.0.0/16, for a mirror of one's own",
    )  # fmt: skip
    parser.add_argument("--allow-http", action="store_true", help="allow addresses without encryption")
    parser.add_argument(
        "--allow-pickle", action="store_true", help="allow the formats of torch too; they are read, never run"
    )


def rules_of(arguments: argparse.Namespace) -> Rules:
    """Collect what the command line allows."""
    return Rules(
        hosts=(*HOSTS, *arguments.allow_host),
        http=arguments.allow_http,
        networks=tuple(arguments.allow_network),
        pickles=arguments.allow_pickle,
        max_bytes=arguments.max_size,
    )


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a network; expected such as 10.1.0.0/16") from None
