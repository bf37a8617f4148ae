"""Which part of every batch a process works on."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import TrainingError


@dataclass(frozen=True)
class Shard:
    """One process of `processes` that share each batch: neighbouring rows, the same number for all.

    The mean over processes of the mean over rows is then the mean of the whole batch.
    """

    rank: int = 0
    processes: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.rank < self.processes:
            raise TrainingError(f"Process {self.rank} of {self.processes} does not exist; ranks start at 0.")

    def rows(self, batch_size: int) -> slice:
        """Return the rows of this process in a batch over all processes.

        Raises:
            TrainingError: if the batch cannot be shared equally.
        """
        if batch_size < 1 or batch_size % self.processes:
            raise TrainingError(
                f"A batch of {batch_size} cannot be shared equally by {self.processes} processes; "
                "choose a multiple of their number."
            )
        size = batch_size // self.processes
        return slice(self.rank * size, (self.rank + 1) * size)


WHOLE = Shard()
"""The only process of a run in one."""
