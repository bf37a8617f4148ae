"""Filling networks with the tensors of a checkpoint, one at a time, so that nothing exists twice in memory."""

from __future__ import annotations

from contextlib import contextmanager
from math import prod
from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

from .errors import WrongWeights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from torch import Tensor, nn

    from .checkpoint import Checkpoint
    from .devices import Compute

    Shapes = Mapping[str, tuple[int, ...]]

_RANDOM = frozenset({"normal_", "uniform_", "trunc_normal_", "kaiming_uniform_", "xavier_uniform_"})
_NAMED = 3  # how many tensors an error names


class _WithoutRandomness(TorchFunctionMode):
    """Leaves out random initial values: on the meta device they are nothing, and drawing them imports a compiler."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__name__", "") in _RANDOM:
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **(kwargs or {}))


@contextmanager
def without_memory() -> Iterator[None]:
    """Build networks inside on the meta device: shapes and names without numbers, in a few milliseconds."""
    with torch.device("meta"), _WithoutRandomness():
        yield


def load_weights(module: nn.Module, part: Checkpoint, compute: Compute, prefix: str = "") -> None:
    """Fill a network that was built on the meta device; it is frozen afterwards and ready to run.

    Args:
        module: the network.
        part: the checkpoint with the network's own names.
        compute: where the weights go and in which type.
        prefix: what stands before the network's names in the file, for messages.

    Raises:
        WrongWeights: when tensors are missing or of another shape. Nothing has been read then.
    """
    wanted = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    _check(part.path.name, {name: tensor.shape for name, tensor in part.tensors.items()}, wanted, prefix)
    in_file_order = sorted(wanted, key=lambda name: part.tensors[name].start)
    state = {name: part.tensor(name, compute.dtype, compute.device).reshape(wanted[name]) for name in in_file_order}
    _assign(module, state)


def assign_weights(module: nn.Module, state: Mapping[str, Tensor], source: str) -> None:
    """Give a network that was built on the meta device the tensors of `state`, which are not copied.

    Args:
        module: the network, frozen afterwards and ready to run.
        state: tensors under the network's own names.
        source: where they come from, for messages.

    Raises:
        WrongWeights: when tensors are missing or of another shape.
    """
    wanted = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    _check(source, {name: tuple(tensor.shape) for name, tensor in state.items()}, wanted)
    _assign(module, {name: state[name].reshape(shape) for name, shape in wanted.items()})


def _assign(module: nn.Module, state: Mapping[str, Tensor]) -> None:
    module.load_state_dict(state, assign=True)
    module.eval().requires_grad_(False)


def unused(checkpoint: Checkpoint, used: set[str]) -> list[str]:
    """Return the names of tensors that no part of the model took and that are not known to be superfluous."""
    return [key for key in checkpoint.tensors if key not in used and not _superfluous(key)]


def size_in_bytes(module: nn.Module) -> int:
    """Return how much memory the weights of a network take."""
    return sum(tensor.numel() * tensor.element_size() for tensor in (*module.parameters(), *module.buffers()))


def _check(source: str, found: Shapes, wanted: Shapes, prefix: str = "") -> None:
    missing = [prefix + name for name in wanted if name not in found]
    if missing:
        raise WrongWeights(f"{source} lacks {_list(missing)}; the file is incomplete, or of another model.")
    wrong = [name for name, shape in wanted.items() if not _same(found[name], shape)]
    if wrong:
        name = wrong[0]
        raise WrongWeights(
            f"{source} does not fit its configuration: {prefix}{name} has shape {found[name]}, "
            f"expected {wanted[name]} ({len(wrong)} of {len(wanted)} tensors differ)."
        )


def _same(stored: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Compare shapes; a linear layer and a convolution of size one hold the same numbers."""
    shorter = min(len(stored), len(wanted))
    rest = (*stored[shorter:], *wanted[shorter:])
    return stored[:shorter] == wanted[:shorter] and prod(rest) == 1 and (shorter > 1 or not rest)


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more tensors" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _superfluous(key: str) -> bool:
    """Tell whether a tensor is known to have no use in sampling: averages, losses, counters, constants."""
    return key.startswith(_SUPERFLUOUS_PREFIXES) or key.endswith(_SUPERFLUOUS_ENDINGS) or key in _SUPERFLUOUS


_SUPERFLUOUS_PREFIXES = (
    "model_ema.", "first_stage_model.loss.", "loss.", "denoiser.", "cond_stage_model.model.visual.",
    "first_stage_model.model_ema.", "optimizer", "depth_model.", "low_scale_model.", "noise_augmentor.", "embedder.",
)  # fmt: skip
_SUPERFLUOUS_ENDINGS = (".position_ids", ".logit_scale", ".attn_mask", ".text_projection", ".text_projection.weight")
_SUPERFLUOUS = frozenset({
    "betas", "alphas_cumprod", "alphas_cumprod_prev", "sqrt_alphas_cumprod", "sqrt_one_minus_alphas_cumprod",
    "log_one_minus_alphas_cumprod", "sqrt_recip_alphas_cumprod", "sqrt_recipm1_alphas_cumprod", "posterior_variance",
    "posterior_log_variance_clipped", "posterior_mean_coef1", "posterior_mean_coef2", "logvar", "scale_factor",
    "lvlb_weights", "v_pred", "ztsnr", "global_step",
})  # fmt: skip
