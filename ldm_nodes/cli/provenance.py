"""Why a picture that is run again may come out with other pixels: it was made in another way than this run goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .. import __version__
from ..engine.errors import Problem
from ..nodes.runtime import Runtime
from ..scripting.graph_file import read_provenance

FLAGS = {"noise": "--noise {}", "compute": "--device {} --precision {}"}


def made_otherwise(path: Path, runtime: Runtime) -> Iterator[Problem]:
    """Yield a notice for everything in which a picture's or latent's own record differs from this run."""
    made = read_provenance(path)
    steps = made.get("steps") if isinstance(made, Mapping) else None
    if not isinstance(steps, list):
        return
    if made.get("engine") != f"ldm_nodes {__version__}":
        yield Problem("made_otherwise", f"This was made with {made.get('engine')}; this is ldm_nodes {__version__}")
    here = {"noise": runtime.settings.noise, "compute": str(runtime.compute)}
    for name, flag in FLAGS.items():
        for other in dict.fromkeys(_recorded(steps, name)):
            if other != here[name]:
                message = f"This was made with the {name} {other}; this run has {here[name]}, so pixels may differ"
                yield Problem(
                    "made_otherwise", message, remedy=f"For the same pixels add {flag.format(*other.split())}."
                )


def _recorded(steps: list[Any], name: str) -> Iterator[str]:
    values = (step.get(name) for step in steps if isinstance(step, Mapping))
    return (value for value in values if isinstance(value, str) and len(value.split()) == FLAGS[name].count("{}"))
