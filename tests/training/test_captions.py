from __future__ import annotations

import numpy as np
import pytest

from ldm_nodes.training.captions import Wording


def varied(wording: Wording, caption: str, count: int = 400) -> list[str]:
    rng = np.random.default_rng(0)
    return [wording.vary(caption, rng) for _ in range(count)]


def test_without_options_a_caption_stays() -> None:
    assert {*varied(Wording(), "a  red apple")} == {"a red apple"}


def test_words_are_left_out_at_the_asked_rate() -> None:
    results = varied(Wording(dropout=0.2), "one two three four five", 2000)
    counts = [len(result.split()) for result in results]
    assert np.mean(counts) == pytest.approx(4.0, abs=0.1)
    assert {word for result in results for word in result.split()} == {"one", "two", "three", "four", "five"}


def test_kept_words_stay_and_order_does_too() -> None:
    results = varied(Wording(dropout=0.9, kept=frozenset({"blue"})), "an apple on blue")
    assert all("blue" in result.split() for result in results)
    assert "an apple on blue" in results or "apple blue" in results
    words = ["an", "apple", "on", "blue"]
    for result in results:
        places = [words.index(word) for word in result.split()]
        assert places == sorted(places)


def test_a_caption_never_becomes_empty() -> None:
    assert {*varied(Wording(dropout=1.0), "red apple", 5)} == {"red apple"}


def test_synonyms_take_the_place_of_words() -> None:
    wording = Wording(replacement=0.5, synonyms={"apple": ("fruit", "pome")})
    results = varied(wording, "red apple", 3000)
    assert {*results} == {"red apple", "red fruit", "red pome"}
    assert results.count("red apple") / 3000 == pytest.approx(0.5, abs=0.05)
    assert results.count("red pome") / 3000 == pytest.approx(0.25, abs=0.05)


def test_one_of_several_captions_is_taken() -> None:
    rng = np.random.default_rng(0)
    assert {Wording().choose(("one", "two"), rng) for _ in range(40)} == {"one", "two"}
    assert Wording().choose((), rng) == ""
