"""Alternating checkpoints that do not fit the budget together makes memory level off, not grow."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import ldm_nodes

from .plateau import CHECKPOINTS, MB, MOST_GROWTH, growth, runs

SMALL = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints" / "tiny-sd-v1.safetensors"
RUNS = 40
LIMIT = 1500 * MB
BUDGET = 10 * MB


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits data and reads /proc as Linux has them")
def test_memory_levels_off(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "checkpoints"
    folder.mkdir(parents=True)
    for name in "abcd"[:CHECKPOINTS]:
        (folder / f"{name}.safetensors").write_bytes(SMALL.read_bytes())
    lines = list(runs(tmp_path, RUNS, LIMIT, str(BUDGET)))
    assert len(lines) == RUNS
    assert growth(lines) < MOST_GROWTH
    assert all(line.used <= BUDGET for line in lines)
    models = [label for line in lines for label in line.evicted if label.startswith("model ")]
    assert len(models) > RUNS // 3
    for line in lines:
        assert f"model {line.checkpoint}.safetensors" not in line.evicted
