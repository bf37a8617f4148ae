"""Whoever comes for the first time has a picture after one click, and finds graphs to go on with."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec

import pytest
from playwright.sync_api import expect

from tests.server.program import Program

from .workbench import Workbench


def test_a_picture_is_made_with_one_click(bench: Workbench) -> None:
    bench.page.get_by_role("button", name="Make a picture").click()
    bench.finish()
    bench.node("Save").locator(".node-picture img").wait_for()
    expect(bench.page.get_by_role("region", name="Begin")).to_have_count(0)
    expect(bench.page.locator(".tabs .tab")).to_have_count(1)


def test_the_gallery_opens_a_template_with_everything_in_it(bench: Workbench, server: Program) -> None:
    bench.page.get_by_role("button", name="Open a template").click()
    gallery = bench.page.get_by_role("dialog", name="Templates")
    gallery.get_by_label("Find a template").fill("sketch")
    card = gallery.get_by_role("button", name="Paint over a sketch")
    assert card.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    card.click()
    expect(gallery).to_have_count(0)
    wanted = server.get("/graphs/img2img")
    expect(bench.page.locator(".node-card")).to_have_count(len(wanted))
    bench.run()
    bench.finish()


def test_templates_stand_in_the_rail_too(bench: Workbench, server: Program) -> None:
    panel = bench.panel("Templates")
    shipped = [row for row in server.get("/gallery") if row["group"] == "shipped"]
    expect(panel.locator("details").first.locator(".template-card")).to_have_count(len(shipped))
    panel.get_by_role("button", name="Enlarge and refine").click()
    expect(bench.page.locator(".node-card")).to_have_count(len(server.get("/graphs/hires_fix")))
    bench.panel_away("Templates")


@pytest.mark.skipif(find_spec("comfyui_workflow_templates") is None, reason="ComfyUI's templates are not installed")
def test_templates_of_comfyui_open_and_what_they_need_is_told(bench: Workbench) -> None:
    bench.command("open a template")
    gallery = bench.page.get_by_role("dialog", name="Templates")
    gallery.get_by_role("button", name="Getting Started").click()
    gallery.get_by_role("button", name="Image to Image").first.click()
    bench.node("KSampler").wait_for()
    expect(bench.page.get_by_role("dialog")).to_contain_text("v1-5-pruned-emaonly-fp16.safetensors")
    bench.page.keyboard.press("Escape")
    panel = bench.panel("Models")
    needs = panel.get_by_role("region", name="This graph needs")
    link = needs.get_by_role("link", name="Where it can be had").first
    expect(link).to_have_attribute("href", re.compile("^https://"))
    expect(needs.get_by_role("button", name="Download")).to_have_count(0)
    bench.panel_away("Models")


def test_a_model_becomes_its_loader(bench: Workbench) -> None:
    panel = bench.panel("Models")
    panel.get_by_label("Find a model").fill("tiny-class")
    panel.get_by_role("button", name="tiny-class-v1.safetensors").click()
    expect(bench.node("Load Checkpoint")).to_contain_text("tiny-class-v1.safetensors")
    bench.panel_away("Models")


def test_a_missing_model_is_named_with_where_it_can_be_had(bench: Workbench, server: Program) -> None:
    graph = server.get("/graphs/txt2img")
    graph["4"]["inputs"]["ckpt_name"] = "emoji-v9.safetensors"
    panel = bench.panel("Models")
    bench.page.evaluate(
        "text => document.body.dispatchEvent(new ClipboardEvent('paste', {bubbles: true, clipboardData:"
        " (() => { const data = new DataTransfer(); data.setData('text/plain', text); return data; })()}))",
        json.dumps(graph),
    )
    expect(panel.get_by_role("region", name="This graph needs")).to_contain_text("emoji-v9.safetensors")
