from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from ldm_nodes.models.class_encoder import ClassEncoder, TokenTextEncoder
from ldm_nodes.models.conditioners import BERTEmbedder, ClassEmbedder
from ldm_nodes.models.config import TokenEncoderConfig
from ldm_nodes.models.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_class_is_its_row_of_the_table_and_minus_one_the_last() -> None:
    encoder = ClassEncoder(ClassEmbedder(6, 11).half())
    table = encoder.embedder.embedding.weight
    assert encoder.n_classes == 11
    for class_id, row in ((0, 0), (7, 7), (10, 10), (-1, 10)):
        context = encoder.encode_class(class_id)
        assert (context.shape, context.dtype) == ((1, 1, 6), torch.float32)
        assert torch.equal(context[0, 0], table[row].float())


@pytest.mark.parametrize("class_id", [11, -2, 10**9])
def test_a_class_that_does_not_exist_is_named(class_id: int) -> None:
    with pytest.raises(ModelError, match=f"The class {class_id} does not exist; expected 0 to 10"):
        ClassEncoder(ClassEmbedder(6, 11)).encode_class(class_id)


def test_texts_are_read_as_word_pieces(tmp_path: Path) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "horse"]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    embedder = BERTEmbedder(TokenEncoderConfig(16, 1, len(words), 8), tmp_path / "vocab.txt").eval()
    context, pooled = TokenTextEncoder(embedder).encode("A horse")
    ids = torch.tensor([[2, 5, 6, 3, 0, 0, 0, 0]])
    torch.testing.assert_close(context, embedder(ids))
    assert pooled is None


def test_a_missing_word_list_is_named() -> None:
    with pytest.raises(ModelError, match=r"vocab\.txt of bert-base-uncased"):
        TokenTextEncoder(BERTEmbedder(TokenEncoderConfig(16, 1, 7, 8))).encode("a")
