"""`ldm-nodes evaluate`, as a user meets it: what is printed, what the exit code says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from ldm_nodes.cli import main
from tests.training.tiny import folder_of

if TYPE_CHECKING:
    from pathlib import Path

Evaluate = Callable[..., tuple[int, str, str]]
QUICK = ("--size", "32", "--samples", "2", "--steps", "1", "--device", "cpu", "--precision", "fp32")


@pytest.fixture
def evaluate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Evaluate:
    folder_of(tmp_path / "data", 3, side=16)

    def run(*arguments: str, data: str = "data") -> tuple[int, str, str]:
        code = main(["evaluate", *arguments, "--data", str(tmp_path / data), *QUICK])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_a_person_reads_the_numbers_with_their_names(evaluate: Evaluate) -> None:
    code, out, _ = evaluate("tiny-class-v1.safetensors")
    assert code == 0
    assert "tiny-class-v1.safetensors: 3 pictures of 32 x 32" in out
    for name in ("PSNR", "SSIM", "of 64, perplexity", "per second", "by channel means of a random VGG16"):
        assert name in out
    assert "FID" not in out


def test_one_json_document_tells_it_to_programs(evaluate: Evaluate) -> None:
    code, out, err = evaluate("tiny-sd-v1.safetensors", "--json")
    report = json.loads(out)
    assert code == 0
    assert err == ""
    assert report["pictures"] == 3
    assert report["samples"]["count"] == 2
    assert report["reconstruction"]["lpips"] is None


def test_what_cannot_be_done_is_one_sentence(evaluate: Evaluate, tmp_path: Path) -> None:
    code, out, err = evaluate("tiny-sd-v1.safetensors", data="missing")
    assert (code, out) == (2, "")
    assert "The folder 'missing' does not exist" in err
    code, _, err = evaluate("nothing.safetensors")
    assert code == 2
    assert "nothing.safetensors" in err
    code, _, err = evaluate("tiny-sd-v1.safetensors", "--sampler", "magic")
    assert code == 2
    assert "'magic'" in err


def test_a_corrupt_picture_is_named(evaluate: Evaluate, tmp_path: Path) -> None:
    (tmp_path / "data" / "broken.png").write_bytes(b"no picture")
    code, out, _ = evaluate("tiny-sd-v1.safetensors")
    assert code == 0
    assert "skipped" in out
    assert "broken.png" in out


def test_numbers_are_checked_at_once(evaluate: Evaluate, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        evaluate("tiny-sd-v1.safetensors", "--samples", "-3")
    assert stopped.value.code == 2
    assert "not a whole number" in capsys.readouterr().err
