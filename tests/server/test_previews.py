"""Pictures of work in progress reach the socket that asked for the work, drawn as its client wants them."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.security.studio import studio

from .house import House

GRAPHS = Path(__file__).parents[2] / "graphs"
HEAD = 8
"""Bytes before the picture: what kind of frame it is, and of which format."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with studio(tmp_path_factory.mktemp("previews")) as house:
        yield house


def _graph(seed: int) -> dict[str, Any]:
    graph: dict[str, Any] = json.loads((GRAPHS / "txt2img.json").read_text())
    graph["5"]["inputs"] |= {"width": 64, "height": 64}
    graph["3"]["inputs"] |= {"steps": 2, "seed": seed}
    return graph


def _pictures(house: House, seed: int, **extra: Any) -> list[Image.Image]:
    """Run a graph and return the pictures that came before its end."""
    socket = house.socket(f"viewer-{seed}")
    body = {"prompt": _graph(seed), "client_id": f"viewer-{seed}", "extra_data": extra}
    assert house.post("/prompt", body).status == 200
    found: list[Image.Image] = []
    told = ""
    while told != "execution_success":
        frame = socket.receive()
        if isinstance(frame, bytes):
            assert struct.unpack(">II", frame[:HEAD]) == (1, 1), "a preview, as JPEG"
            found.append(Image.open(io.BytesIO(frame[HEAD:])))
        else:
            told = frame["type"]
    socket.close()
    return found


def test_a_client_picks_how_its_work_is_drawn(house: House) -> None:
    usual, decoded = _pictures(house, 1), _pictures(house, 2, preview_method="taesd")
    assert usual
    assert decoded
    assert decoded[0].width > usual[0].width, "the autoencoder makes several pixels of a cell"
    assert _pictures(house, 3, preview_method="none") == []
    assert _pictures(house, 4, preview_method="default")[0].size == usual[0].size
    assert _pictures(house, 5, preview_method={"a": 1})[0].size == usual[0].size
