"""Several processes that train together: started by `torchrun`, joined by torch's own DistributedDataParallel."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist

from ..models.devices import pick_device
from .shard import WHOLE, Shard


@dataclass(frozen=True)
class Processes:
    """The processes of a run, as one of them sees it.

    Attributes:
        shard: which of them this is.
        device: where it computes.
    """

    shard: Shard
    device: torch.device

    @property
    def writes(self) -> bool:
        """Whether this is the process that writes files and talks to people."""
        return self.shard.rank == 0

    def mean(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return the mean of each number over all processes, the same in each of them."""
        if self.shard.processes == 1:
            return dict(values)
        total = torch.tensor(list(values.values()), dtype=torch.float64, device=self._meeting_place)
        dist.all_reduce(total)
        return dict(zip(values, (total / self.shard.processes).tolist(), strict=True))

    def any(self, flag: bool) -> bool:
        """Tell whether any process says so; all get the same answer."""
        return self.mean({"flag": float(flag)})["flag"] > 0

    @property
    def _meeting_place(self) -> torch.device:
        return self.device if dist.get_backend() == "nccl" else torch.device("cpu")


@contextmanager
def joined(device: str = "auto") -> Iterator[Processes]:
    """Join the other processes of a `torchrun`, if this is one of several, for the length of the block.

    Args:
        device: by the name of the settings; on several accelerators each process takes the one of its local rank.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes(WHOLE, pick_device(device))
        return
    rank, chosen = int(os.environ["RANK"]), pick_device(device)
    if chosen.type == "cuda":
        chosen = torch.device("cuda", int(os.environ.get("LOCAL_RANK", rank)))
        torch.cuda.set_device(chosen)
    dist.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
    try:
        yield Processes(Shard(rank, count), chosen)
        # Wrapped modules hold threads of the group, and cycles keep them alive: they must go before it, and no process
        # may leave while another still counts on it.
        gc.collect()
        dist.barrier()
    finally:
        dist.destroy_process_group()
