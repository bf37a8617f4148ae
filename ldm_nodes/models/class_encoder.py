"""Class labels and plain texts to conditionings, for models that are not guided by CLIP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from .errors import ModelError
from .kinds import UNKNOWN, ClipKind, Origin

if TYPE_CHECKING:
    from torch import Tensor

    from .conditioners import BERTEmbedder, ClassEmbedder

Notice = Callable[[str], None]


def _ignore(_: str) -> None:
    """Take a notice that nobody asked for."""


@dataclass(frozen=True, eq=False)
class ClassEncoder:
    """The value on the CLIP wire of a class-conditional model."""

    embedder: ClassEmbedder
    origin: Origin = UNKNOWN

    @property
    def kind(self) -> ClipKind:
        """What must fit it."""
        return ClipKind(self.origin, "class", self.embedder.embedding.embedding_dim)

    @property
    def n_classes(self) -> int:
        """How many classes there are, the one that stands for none included."""
        return self.embedder.embedding.num_embeddings

    @torch.no_grad()
    def encode_class(self, class_id: int) -> Tensor:
        """Return the context (1, 1, D) of a class; -1 is the last one, which stands for none in guided models.

        Raises:
            ModelError: when there is no such class.
        """
        index = self.n_classes - 1 if class_id == -1 else class_id
        if not 0 <= index < self.n_classes:
            raise ModelError(
                f"The class {class_id} does not exist; expected 0 to {self.n_classes - 1}, or -1 for none."
            )
        ids = torch.tensor([index], device=self.embedder.embedding.weight.device)
        context: Tensor = self.embedder(ids)
        return context.float()


@dataclass(frozen=True, eq=False)
class TokenTextEncoder:
    """The value on the CLIP wire of a model that reads text as BERT word pieces (LDM-1.45B)."""

    embedder: BERTEmbedder
    origin: Origin = UNKNOWN

    @property
    def kind(self) -> ClipKind:
        """What must fit it."""
        return ClipKind(self.origin, "text", self.embedder.transformer.config.n_embed)

    @torch.no_grad()
    def encode(self, prompt: str, notice: Notice = _ignore) -> tuple[Tensor, None]:
        """Return the context (1, T, D) of a prompt, float32; weights in brackets have no meaning here.

        Raises:
            ModelError: when the word list is missing.
        """
        context: Tensor = self.embedder([prompt])
        return context.float(), None
