"""Nodes that put hypernetworks on a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from ..engine.context import Context
from ..engine.sockets import Choice, Float
from ..engine.spec import node
from ..settings import Folders
from .fingerprints import state
from .foreseeing import same
from .runtime import Runtime
from .sockets import Model

if TYPE_CHECKING:
    from ..models.hypernetwork import Hypernetwork


def _hypernetwork_state(hypernetwork_name: str, folders: Folders) -> list[tuple[str, int, int]]:
    """Fingerprint a hypernetwork, so that one that was trained on under the same name is read again."""
    return state(folders.find("hypernetworks", hypernetwork_name))


@node("HypernetworkLoader", category="loaders", fingerprint=_hypernetwork_state, foresee=same("model"))
def hypernetwork_loader(
    model: Model,
    *,
    hypernetwork_name: Annotated[str, Choice(lambda folders: folders.names("hypernetworks"))],
    strength: Annotated[float, Float(min=-10.0, max=10.0, step=0.01)] = 1.0,
    context: Context[Runtime],
) -> Model:
    """Change what the model's attention reads by a hypernetwork; several in a row add up.

    Args:
        model: the diffusion model.
        hypernetwork_name: a file below `models/hypernetworks`, as AUTOMATIC1111's web UI trains them.
        strength: how strongly it acts.
    """
    from ..models.hypernetwork import read_hypernetwork

    runtime, path = context.runtime, context.runtime.folders.find("hypernetworks", hypernetwork_name)

    def read() -> Hypernetwork:
        return read_hypernetwork(path)

    context.record(hypernetwork=hypernetwork_name, file=str(path), state=state(path))
    patch = runtime.pool.addon("hypernetwork", path, runtime.compute, read).patch(strength)
    changed = model.clone()
    changed.set_model_attn1_patch(patch)
    changed.set_model_attn2_patch(patch)
    return changed
