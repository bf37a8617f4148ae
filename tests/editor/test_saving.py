"""Documents become files of the user's: saved, found again, renamed, exported, and asked about before they close."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ldm_nodes.nodes import builtin_registry
from ldm_nodes.scripting.source_reader import read_source
from tests.server.program import Program

from .documents import (
    TXT2IMG,
    dialog,
    near,
    notice,
    open_txt2img,
    save_as,
    stored,
    tabs,
    text_of,
    versions,
    wait_for_tabs,
    wait_until_kept,
    write,
)
from .workbench import Workbench

GRAPH = json.loads(TXT2IMG.read_text())
INPUTS = {key: node["inputs"] for key, node in GRAPH.items()}
INPUTS["4"]["weights"] = "as the file says"  # the editor tells every field, those left out too


def export(bench: Workbench, name: str) -> str:
    """Export the document with a command of the palette and return the file's text."""
    bench.page.keyboard.press("Control+k")
    bench.page.get_by_role("combobox").fill(name)
    with bench.page.expect_download() as download:
        bench.page.keyboard.press("Enter")
    return Path(download.value.path()).read_text()


def test_a_document_is_saved_found_and_saved_again(bench: Workbench, server: Program) -> None:
    open_txt2img(bench)
    save_as(bench, "apples/red")
    notice(bench, "Saved apples/red.")
    wait_for_tabs(bench, "apples/red")
    write(bench, "Prompt", "two red apples")
    wait_for_tabs(bench, "apples/red*")
    bench.page.keyboard.press("Control+s")
    wait_for_tabs(bench, "apples/red")
    values = [node.get("widgets_values") for node in stored(server, "apples/red")["nodes"]]
    assert ["two red apples"] in values
    bench.page.keyboard.press("Alt+w")
    wait_for_tabs(bench, "untitled")
    bench.panel("Files").get_by_role("button", name="apples/red").first.click()
    wait_for_tabs(bench, "apples/red")
    near(bench)
    assert text_of(bench, "Prompt").input_value() == "two red apples"


def test_a_name_that_is_taken_is_replaced_only_on_purpose(bench: Workbench, server: Program) -> None:
    server.ask("POST", "/userdata/workflows%2Ftaken.json", {"nodes": [], "links": [], "version": 0.4})
    bench.expected = ("409 POST /userdata/workflows%2Ftaken.json",)
    open_txt2img(bench)
    save_as(bench, "taken")
    box = dialog(bench, "Save as")
    box.get_by_text("There is a file of this name").wait_for()
    assert stored(server, "taken")["nodes"] == []
    box.get_by_role("button", name="Replace it").click()
    notice(bench, "Saved taken.")
    assert len(stored(server, "taken")["nodes"]) == len(GRAPH)


def test_a_tab_that_is_not_saved_asks_before_it_closes_and_comes_back(bench: Workbench, server: Program) -> None:
    open_txt2img(bench)
    save_as(bench, "asks")
    wait_for_tabs(bench, "asks")
    bench.page.get_by_role("dialog").wait_for(state="detached")  # keys are its own while it is open
    write(bench, "Prompt", "a change")
    bench.page.keyboard.press("Alt+w")
    box = dialog(bench, "Save asks before it closes?")
    box.get_by_role("button", name="Cancel").click()
    wait_for_tabs(bench, "asks*")
    bench.press("Close asks")
    dialog(bench, "Save asks before it closes?").get_by_role("button", name="Close without saving").click()
    wait_for_tabs(bench, "untitled")
    bench.page.keyboard.press("Alt+Shift+t")
    wait_for_tabs(bench, "asks*")
    near(bench)
    assert text_of(bench, "Prompt").input_value() == "a change"
    assert "a change" not in json.dumps(stored(server, "asks"))


def test_tabs_are_renamed_moved_and_survive_a_reload(bench: Workbench, server: Program) -> None:
    open_txt2img(bench)
    save_as(bench, "first")
    wait_for_tabs(bench, "first")
    bench.page.keyboard.press("Alt+n")
    bench.page.keyboard.press("Alt+n")
    wait_for_tabs(bench, "first", "untitled", "untitled 2")
    bench.page.get_by_role("button", name="first", exact=True).dblclick()
    field = bench.page.get_by_label("New name of first")
    field.fill("renamed")
    field.press("Enter")
    wait_for_tabs(bench, "renamed", "untitled", "untitled 2")
    assert len(stored(server, "renamed")["nodes"]) == len(GRAPH)
    assert server.ask("GET", "/userdata/workflows%2Ffirst.json")[0] == 404
    bench.page.keyboard.press("Alt+Shift+PageDown")
    wait_for_tabs(bench, "untitled", "renamed", "untitled 2")
    near(bench)
    write(bench, "Prompt", "kept over a reload")
    wait_until_kept(bench)
    bench.page.reload()
    bench.ready()
    wait_for_tabs(bench, "renamed*")
    near(bench)
    assert text_of(bench, "Prompt").input_value() == "kept over a reload"
    assert [version["label"] for version in versions(server, "workflows/renamed.json")].count("Saved") == 1


def test_files_are_deleted_with_a_way_back(bench: Workbench, server: Program) -> None:
    server.ask("POST", "/userdata/workflows%2Fold.json", {"nodes": [], "links": [], "version": 0.4})
    panel = bench.panel("Files")
    panel.get_by_role("button", name="Delete old").click()
    line = notice(bench, "Deleted old.")
    assert server.ask("GET", "/userdata/workflows%2Fold.json")[0] == 404
    line.get_by_role("button", name="Undo").click()
    panel.get_by_role("button", name="Delete old").wait_for()
    assert stored(server, "old")["nodes"] == []


@pytest.mark.parametrize("form", ["document", "prompt", "python"])
def test_a_document_is_exported_in_every_form(bench: Workbench, form: str) -> None:
    open_txt2img(bench)
    if form == "document":
        assert len(json.loads(export(bench, "export document"))["nodes"]) == len(GRAPH)
    elif form == "prompt":
        inputs = {key: node["inputs"] for key, node in json.loads(export(bench, "export api")).items()}
        assert inputs == INPUTS
    else:
        prompt = read_source(export(bench, "export python"), builtin_registry()).to_prompt().to_json()
        assert {key: node["inputs"] for key, node in prompt.items()} == INPUTS
    assert tabs(bench) == ["txt2img"]
