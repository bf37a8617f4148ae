"""Graphs run from Python: what comes back, what is kept for the next run, what is told on the way."""

from __future__ import annotations

import doctest
import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

import ldm_nodes
from ldm_nodes import Graph, Session, load_graph, run, scripting
from ldm_nodes.engine.catalogue import Installed
from ldm_nodes.engine.drawing import draw_workflow
from ldm_nodes.engine.errors import PromptRejected
from ldm_nodes.engine.events import Event, Executed, Succeeded
from ldm_nodes.settings import Folders

GRAPHS = Path(__file__).parents[2] / "graphs"
MODULES = [found.name for found in pkgutil.iter_modules(scripting.__path__, f"{scripting.__name__}.")]


def _small(session: Session | None = None) -> Graph:
    graph = load_graph(GRAPHS / "txt2img.json")
    graph["Empty latent"].set(width=64, height=64)
    graph["Sample"].set(steps=2)
    return graph


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path, device="cpu", precision="fp32")


def test_a_run_gives_pictures_files_and_what_was_wanted(session: Session, tmp_path: Path) -> None:
    told: list[tuple[str, float, float]] = []
    result = session.run(_small(), want=["Sample"], progress=lambda *step: told.append(step))
    (file,) = result.files
    (image,) = result.images
    assert file == tmp_path / "output" / "txt2img_00001_.png"
    assert image is result["Decode"].image
    assert torch.equal((image[0] * 255).to(torch.uint8), _pixels(file))
    assert result["3"].latent["samples"].shape == (1, 4, 16, 16)
    assert told == [('node 3 "Sample" (KSampler)', 1, 2), ('node 3 "Sample" (KSampler)', 2, 2)]


def _pixels(file: Path) -> torch.Tensor:
    with Image.open(file) as picture:
        return torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8).reshape(64, 64, 3)


def test_a_session_keeps_what_did_not_change(session: Session) -> None:
    graph = _small()
    first = session.run(graph)
    graph["Prompt"].set(text="a red fox")
    second = session.run(graph)
    fared = {graph[node_id].title: record.status for node_id, record in second.nodes.items()}
    assert (fared["Load checkpoint"], fared["No prompt"], fared["Sample"]) == ("reused", "reused", "ran")
    assert not torch.equal(first.images[0], second.images[0])


def test_every_event_can_be_heard(session: Session) -> None:
    events: list[Event] = []
    g = Graph()
    g.PreviewImage(images=g.EmptyImage(width=8, height=8).image)
    result = session.run(g, events=events.append)
    assert [event.node_id for event in events if isinstance(event, Executed)] == ["1", "2"]
    assert isinstance(events[-1], Succeeded)
    assert [path.parent.name for path in result.files] == ["temp"]


def test_handles_name_values_too(session: Session) -> None:
    g = Graph()
    padded = g.ImagePadForOutpaint(image=g.EmptyImage(width=8, height=8).image, left=8)
    result = session.run(g)
    assert result[padded.mask].shape == (1, 8, 16)
    assert result[padded].image is result[padded][0]
    assert len(result[padded]) == 2
    with pytest.raises(LookupError, match=r"node 1 \(EmptyImage\) were not kept. Name it in `want"):
        _ = result["1"]
    with pytest.raises(AttributeError, match=r"no output 'latent'\. There are image, mask"):
        _ = result[padded].latent


def test_texts_are_there(session: Session) -> None:
    g = Graph()
    marked = g.Watermark(image=g.LoadImage(image="example.png").image, text="fox", method="dwtDctSvd")
    shown = g.WatermarkDecode(image=marked.image, length=3, method="dwtDctSvd")
    assert session.run(g).texts == {shown.node_id: ["fox"]}


def test_a_graph_that_cannot_run_is_told_before_it_runs(session: Session) -> None:
    g = Graph()
    g.SaveImage(images=g.LoadImage(image="absent.png").image)
    with pytest.raises(PromptRejected, match=r"absent\.png"):
        session.run(g)
    with pytest.raises(LookupError, match="No node is called 'Decode'"):
        session.run(g, want=["Decode"])


def test_what_nothing_needs_does_not_keep_a_picture_from_being_made(session: Session) -> None:
    g = Graph()
    g.LoadImage(image="absent.png")
    g.PreviewImage(images=g.EmptyImage(width=8, height=8).image)
    assert len(session.run(g).files) == 1


@pytest.mark.parametrize("form", ["path", "text", "dictionary", "graph", "python"])
def test_a_graph_comes_in_any_form(form: str, tmp_path: Path) -> None:
    g = Graph()
    g.EmptyImage(width=8, height=8)
    written = tmp_path / ("graph.py" if form == "python" else "graph.json")
    written.write_text(
        "def build():\n    g = Graph()\n    g.EmptyImage(width=8, height=8)\n    return g\n"
        if form == "python"
        else json.dumps(g.to_json())
    )
    sources: dict[str, Any] = {"text": str(written), "dictionary": g.to_json(), "graph": g}
    source = sources.get(form, written)
    assert run(source, device="cpu")["1"].image.shape == (1, 8, 8, 3)


def test_an_editor_s_document_is_a_graph_too(tmp_path: Path) -> None:
    graph = load_graph(GRAPHS / "inpaint.json")
    drawn = draw_workflow(graph.to_prompt(), Installed(graph.registry, Folders.under(tmp_path)))
    (tmp_path / "drawn.json").write_text(json.dumps(drawn.to_json()))
    for document in (drawn.to_json(), tmp_path / "drawn.json"):
        loaded = load_graph(document, base_dir=tmp_path)
        assert {node.node_id for node in loaded} == {node.node_id for node in graph}
        # The editor sends optional values too, which our graph leaves to their defaults.
        assert all(node.inputs.items() <= loaded[node.node_id].inputs.items() for node in graph)


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(PromptRejected, match="does not exist"):
        load_graph("absent.json")
    with pytest.raises(PromptRejected, match="does not exist"):
        load_graph("absent.py")


def test_importing_the_package_loads_nothing() -> None:
    program = (
        "import sys, ldm_nodes; loaded = set(sys.modules); "
        "assert not {'torch', 'networkx', 'ldm_nodes.engine'} & loaded; "
        "from ldm_nodes import *; g = Graph(); assert {*ldm_nodes.__all__} <= {*globals()}; g.EmptyImage(width=8); "
        "print(sorted({'torch', 'transformers', 'PIL', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_package_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Grpah'"):
        _ = ldm_nodes.Grpah


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
