"""Damaged model files and pictures are read or refused with a sentence; nothing else happens (threats 20 to 25).

`python -m tests.security.readers` goes on for as long as it is let.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .readers import LONGEST, Damage, damaged, read_all, seeds

SEEDS = seeds()
EDGES = [b"", b"\0", b"\xff" * 8, b"\xff\xff\xff\x7f", b"{", b"[" * 100, b'"', b"9" * 30, b"-1", b"cos\nsystem\n"]
DAMAGE = st.builds(Damage, st.integers(0, LONGEST), st.integers(0, 8), st.binary(max_size=8) | st.sampled_from(EDGES))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readers") / "tried"


@pytest.mark.parametrize("name", SEEDS)
def test_sound_files_are_read_by_someone(path: Path, name: str) -> None:
    path.write_bytes(SEEDS[name])
    reader = "_tensors" if name.endswith((".ckpt", ".safetensors")) else "read_picture"
    assert reader in read_all(path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow's words on damaged EXIF
@pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")  # pickletools, on damaged texts
@pytest.mark.parametrize("name", SEEDS)
@given(damages=st.lists(DAMAGE, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_damaged_files_are_read_or_refused(path: Path, name: str, damages: list[Damage]) -> None:
    path.write_bytes(damaged(SEEDS[name], damages))
    read_all(path)
