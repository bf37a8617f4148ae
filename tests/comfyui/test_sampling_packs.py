"""Packs that sample get what our own sampler node gives, to the last bit, and their patches act in it."""

from __future__ import annotations

import pytest

from .bench import LOADED, Bench, Graph, node

WIRES = {"positive": ["positive", 0], "negative": ["negative", 0]}


@pytest.fixture
def sampling(bench: Bench) -> Bench:
    bench.load("sampling")
    return bench


def ksampler(**changed: object) -> Graph:
    given = {
        "model": ["model", 0], "seed": 7, "steps": 3, "cfg": 4.0, "sampler_name": "euler", "scheduler": "normal",
        "latent_image": ["empty", 0], "denoise": 1.0, **WIRES,
    }  # fmt: skip
    return {**LOADED, "own": node("KSampler", **{**given, **changed})}


@pytest.mark.parametrize("name", ["euler", "dpmpp_2m_sde", "euler_cfg_pp", "ddim", "uni_pc"])
def test_sampling_by_name_is_our_sampling(sampling: Bench, name: str) -> None:
    inputs = {"model": ["model", 0], "latent": ["empty", 0], "sampler_name": name, "scheduler": "karras", **WIRES}
    graph = {**ksampler(sampler_name=name, scheduler="karras"), "theirs": node("CommonKSampler", **inputs)}
    assert sampling.shown(graph, "theirs", 0) == sampling.shown(graph, "own", 0)


def test_a_guider_and_a_sampler_of_a_pack_make_the_same_latent(sampling: Bench) -> None:
    inputs = {"model": ["model", 0], "latent": ["empty", 0], "sampler_name": "euler", "scheduler": "normal", **WIRES}
    graph = {**ksampler(), "theirs": node("OwnSampler", **inputs)}
    assert sampling.shown(graph, "theirs", 0) == sampling.shown(graph, "own", 0)


def test_patches_of_a_pack_act_in_our_sampler(sampling: Bench) -> None:
    graph = {**ksampler(model=["patched", 0]), "patched": node("Patched", model=["model", 0])}
    unguided = sampling.shown(ksampler(cfg=1.0), "own", 0)
    assert sampling.shown(graph, "own", 0) == unguided
    assert sampling.shown(ksampler(), "own", 0) != unguided


def test_noise_levels_are_tensors_by_comfyuis_names(sampling: Bench) -> None:
    top, middle, scale = sampling.shown({**LOADED, "a": node("Levels", model=["model", 0])}, "a", 0).split()
    assert float(top) == pytest.approx(14.61)
    assert float(middle) == pytest.approx(1.0, abs=0.01)
    assert float(scale) > 0
