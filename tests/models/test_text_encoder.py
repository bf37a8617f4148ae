"""The text encoder beyond golden data: notices, embeddings, layers, long prompts, devices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from ldm_nodes.models.config import TextConfig
from ldm_nodes.models.text import build_text_tower
from ldm_nodes.models.text_encoder import TextEncoder, build_text_encoder

SMALL = TextConfig("clip", 8, layers=3, heads=2, intermediate=16, activation="quick_gelu")
LARGE = replace(SMALL, layout="openclip", hidden_size=12, projection=10, activation="gelu", pad_token=0)


@pytest.fixture(scope="module")
def sd1() -> TextEncoder:
    torch.manual_seed(0)
    return build_text_encoder("sd1", [build_text_tower(SMALL)])


@pytest.fixture(scope="module")
def sdxl() -> TextEncoder:
    torch.manual_seed(0)
    return build_text_encoder("sdxl", [build_text_tower(SMALL), build_text_tower(LARGE)])


def test_weights_move_a_token_away_from_the_empty_prompt(sd1: TextEncoder) -> None:
    (plain, pooled), (empty, _), (weighted, weighted_pooled) = sd1.encode_batch(["cat dog", "", "(cat:3) dog"])
    torch.testing.assert_close(weighted[:, 1], empty[:, 1] + 3 * (plain[:, 1] - empty[:, 1]))
    torch.testing.assert_close(weighted[:, 2:], plain[:, 2:])
    torch.testing.assert_close(weighted_pooled, pooled)


def test_weight_zero_is_the_empty_prompt_in_that_place(sd1: TextEncoder) -> None:
    (weighted, _), (empty, _) = sd1.encode("(cat dog:0)"), sd1.encode("")
    torch.testing.assert_close(weighted[:, 1:3], empty[:, 1:3])


def test_chunks_are_encoded_apart(sd1: TextEncoder) -> None:
    context, pooled = sd1.encode("cat " * 75 + "dog " * 75)
    (first, first_pooled), (second, _) = sd1.encode_batch(["cat " * 75, "dog " * 75])
    torch.testing.assert_close(context, torch.cat([first, second], dim=1))
    torch.testing.assert_close(pooled, first_pooled)


def test_many_chunks_go_through_in_slices(sd1: TextEncoder) -> None:
    assert sd1.encode("cat " * 75 * 40)[0].shape == (1, 77 * 40, 8)


def test_no_prompts_are_no_conditionings(sd1: TextEncoder) -> None:
    assert sd1.encode_batch([]) == []


def test_a_missing_embedding_is_told_once_for_both_towers(sdxl: TextEncoder) -> None:
    notices: list[str] = []
    context, _ = sdxl.encode("embedding:absent a cat", notices.append)
    assert len(notices) == 1
    assert "absent" in notices[0]
    torch.testing.assert_close(context, sdxl.encode("a cat")[0])


def test_each_tower_takes_its_own_vectors(sdxl: TextEncoder, tmp_path: Path) -> None:
    vectors = {"clip_l": torch.ones(2, 8), "clip_g": torch.ones(2, 12)}
    save_file(vectors, tmp_path / "both.safetensors")
    notices: list[str] = []
    context, pooled = replace(sdxl, folders=(tmp_path,)).encode("embedding:both", notices.append)
    assert notices == []
    assert context.shape == (1, 77, 20)
    assert pooled.shape == (1, 10)
    assert not torch.allclose(context, sdxl.encode("")[0])


def test_towers_of_different_length_are_cut_to_the_shorter(sdxl: TextEncoder, tmp_path: Path) -> None:
    save_file({"clip_l": torch.ones(80, 8), "clip_g": torch.ones(1, 12)}, tmp_path / "long.safetensors")
    assert replace(sdxl, folders=(tmp_path,)).encode("embedding:long")[0].shape == (1, 77, 20)


def test_an_embedding_of_another_width_is_told_and_left_out(sd1: TextEncoder, tmp_path: Path) -> None:
    save_file({"emb_params": torch.ones(2, 5)}, tmp_path / "other.safetensors")
    notices: list[str] = []
    context, _ = replace(sd1, folders=(tmp_path,)).encode("embedding:other a cat", notices.append)
    assert "5 numbers" in notices[0]
    torch.testing.assert_close(context, sd1.encode("a cat")[0])


def test_a_damaged_embedding_is_told_and_left_out(sd1: TextEncoder, tmp_path: Path) -> None:
    (tmp_path / "broken.pt").write_text("<html>not found</html>")
    notices: list[str] = []
    context, _ = replace(sd1, folders=(tmp_path,)).encode("embedding:broken a cat", notices.append)
    assert "broken.pt is an HTML page" in notices[0]
    torch.testing.assert_close(context, sd1.encode("a cat")[0])


def test_an_earlier_layer_changes_the_context_and_not_the_pooled_vector(sd1: TextEncoder) -> None:
    (last, pooled), (earlier, same) = sd1.encode("a cat"), sd1.with_layer(-2).encode("a cat")
    assert not torch.allclose(last, earlier)
    torch.testing.assert_close(pooled, same)
    torch.testing.assert_close(sd1.with_layer(-1).encode("a cat")[0], last)
    torch.testing.assert_close(sd1.with_layer(-24).encode("a cat")[0], last)


def test_a_literal_end_token_gives_the_pooled_vector(sd1: TextEncoder) -> None:
    torch.testing.assert_close(sd1.encode("a cat <|endoftext|> a dog")[1], sd1.encode("a cat")[1])


def test_plain_texts_have_no_syntax(sd1: TextEncoder) -> None:
    plain = sd1.encode_plain(["a (cat:1.5)", "a cat"])
    torch.testing.assert_close(plain[1:], sd1.encode("a cat")[0])
    torch.testing.assert_close(plain[:1], sd1.encode(r"a \(cat:1.5\)")[0])


@pytest.mark.parametrize(("family", "configs"), [("sd1", [SMALL]), ("sdxl", [SMALL, LARGE])])
def test_encoding_runs_on_the_meta_device(family: str, configs: list[TextConfig], tmp_path: Path) -> None:
    save_file({"clip_l": torch.ones(2, 8), "clip_g": torch.ones(2, 12)}, tmp_path / "both.safetensors")
    with torch.device("meta"):
        encoder = build_text_encoder(family, [build_text_tower(config) for config in configs], [tmp_path])
        assert encoder.encode("a (cat:1.5)")[0].is_meta
    context, pooled = encoder.encode("embedding:both (a cat:1.5)")
    assert context.is_meta
    assert pooled.is_meta
    assert context.dtype == torch.float32


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_results_are_float32_whatever_the_weights(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    encoder = build_text_encoder("sdxl", [build_text_tower(SMALL), build_text_tower(LARGE)])
    expected = encoder.encode("a (cat:1.5)")
    for reader in encoder.readers:
        reader.tower.to(dtype)
    for got, exact in zip(encoder.encode("a (cat:1.5)"), expected, strict=True):
        assert got.dtype == torch.float32
        torch.testing.assert_close(got, exact, rtol=0.1, atol=0.1)
