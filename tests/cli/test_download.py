"""`ldm-nodes models download` as a person meets it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ldm_nodes.cli import main
from tests.server.downloads.origin import model, ranged
from tests.server.downloads.test_backend import origin_of

BODY = model(50_000)


def download(port: int, *words: str) -> int:
    here = ["--allow-http", "--allow-network", "127.0.0.0/8", "--allow-host", f"127.0.0.1:{port}"]
    return main(["models", "download", f"http://127.0.0.1:{port}/x.safetensors", *here, *words])


def test_a_model_is_there_for_graphs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = hashlib.sha256(BODY).hexdigest()
    with origin_of(ranged(BODY)) as origin:
        code = download(origin.port, "--base-dir", str(tmp_path), "--to", "loras", "--sha256", digest)
    assert code == 0
    assert capsys.readouterr().out == f"x.safetensors is among loras: 0.1 MB, sha256 {digest}\n"
    assert main(["models", "--base-dir", str(tmp_path), "--json"]) == 0
    assert [file["name"] for file in json.loads(capsys.readouterr().out)["loras"]] == ["x.safetensors"]


def test_it_is_told_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with origin_of(ranged(BODY)) as origin:
        assert download(origin.port, "--base-dir", str(tmp_path), "--json", "--name", "sub/y.safetensors") == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "kind": "checkpoints",
        "name": "sub/y.safetensors",
        "size": len(BODY),
        "sha256": hashlib.sha256(BODY).hexdigest(),
        "path": str(tmp_path / "models" / "checkpoints" / "sub" / "y.safetensors"),
    }


def test_options_may_stand_before_the_word_download(tmp_path: Path) -> None:
    with origin_of(ranged(BODY)) as origin:
        here = ["--allow-http", "--allow-network", "127.0.0.0/8", "--allow-host", f"127.0.0.1:{origin.port}"]
        code = main(["models", "--base-dir", str(tmp_path), "download", origin.url("/x.safetensors"), *here])
    assert code == 0
    assert (tmp_path / "models" / "checkpoints" / "x.safetensors").read_bytes() == BODY


def test_what_is_not_allowed_is_told_and_nothing_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = "https://evil.test/x.safetensors"
    assert main(["models", "download", source, "--base-dir", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("Not downloaded: evil.test is not among the hosts that files may come from: hugging")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with origin_of(ranged(BODY)) as origin:
        assert download(origin.port, "--base-dir", str(tmp_path), "--max-size", "10K") == 2
    assert "at most 0.0 MB are allowed" in capsys.readouterr().err


def test_a_wrong_hash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with origin_of(ranged(BODY)) as origin:
        assert download(origin.port, "--base-dir", str(tmp_path), "--sha256", "0" * 64) == 1
    assert "expected 000" in capsys.readouterr().err


def test_checkpoints_of_torch_need_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    torch.save({"state_dict": {"weight": torch.zeros(3)}}, file)
    with origin_of(ranged(file.read_bytes())) as origin:
        words = ["--base-dir", str(tmp_path), "--name", "x.ckpt"]
        assert download(origin.port, *words) == 2
        assert "can carry programs" in capsys.readouterr().err
        assert download(origin.port, *words, "--allow-pickle") == 0
    assert (tmp_path / "models" / "checkpoints" / "x.ckpt").is_file()


@pytest.mark.parametrize(
    "words", [["--to", "input"], ["--to", "configs"], ["--max-size", "x"], ["--allow-network", "x"]]
)
def test_options_that_are_none(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["models", "download", "org/repo", *words])
    assert caught.value.code == 2


def test_a_refusal_waits_for_no_torch(tmp_path: Path) -> None:
    program = (
        "import sys; from ldm_nodes.cli import main; "
        f"main(['models', 'download', 'https://evil.test/x', '--base-dir', {str(tmp_path)!r}]); "
        "print(sorted({'torch', 'huggingface_hub'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
