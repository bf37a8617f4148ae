"""Which pictures of the emoji set are subjects of the model in the box, and what they are called.

Left out is what 64 pixels do not show or a caption does not tell apart: flags, signs and letters, skin tones, clocks,
people at work, and near copies of another subject.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SUBCATEGORIES = frozenset(
    {
        "animal-mammal", "animal-bird", "animal-amphibian", "animal-reptile", "animal-marine", "animal-bug",
        "plant-flower", "plant-other", "food-fruit", "food-vegetable", "food-prepared", "food-asian", "food-sweet",
        "drink", "dishware", "transport-ground", "transport-water", "transport-air", "sky & weather", "sport",
        "musical-instrument", "clothing", "tool", "light & video", "household", "face-costume", "cat-face",
        "face-smiling", "face-glasses", "face-hat",
    }
)  # fmt: skip

NOT_A_SUBJECT = frozenset(
    {
        # signs, tracks and places
        "station", "busstop", "construction", "traffic_light", "vertical_traffic_light", "octagonal_sign", "motorway",
        "railway_track", "seat", "elevator", "fuelpump", "metro", "mountain_railway", "feet", "pig_nose", "hole",
        # near copies of another subject
        "oncoming_automobile", "oncoming_police_car", "oncoming_taxi", "oncoming_bus", "bullettrain_front",
        "light_rail", "train", "tram", "suspension_railway", "mountain_cableway", "airplane_departure",
        "airplane_arriving", "small_airplane", "passenger_ship", "motor_boat", "waxing_crescent_moon",
        "waning_gibbous_moon", "waning_crescent_moon", "first_quarter_moon_with_face",
        "last_quarter_moon_with_face", "last_quarter_moon", "partly_sunny_rain", "mostly_sunny", "barely_sunny",
        "thunder_cloud_and_rain", "stars", "umbrella_with_rain_drops", "snowman_without_snow", "guide_dog",
        "service_dog", "shorts", "chains", "hammer_and_pick", "camera_with_flash", "mag_right", "laughing",
        "slightly_smiling_face", "upside_down_face", "grin", "smiley", "smile_cat", "smiley_cat", "leaves", "beers",
        "clinking_glasses", "rice_cracker", "nest_with_eggs", "white_flower", "hankey",
    }
)  # fmt: skip

HEARTS = {
    "heart": "red heart",
    "blue_heart": "blue heart",
    "green_heart": "green heart",
    "yellow_heart": "yellow heart",
    "purple_heart": "purple heart",
    "broken_heart": "broken heart",
}
"""Subjects beside those subcategories, with their names."""

CORE = frozenset(
    {
        "red apple", "green apple", "banana", "strawberry", "watermelon", "lemon", "cherries", "tomato",
        "slice of pizza", "hamburger", "doughnut", "red heart", "blue heart", "sun with face", "cloud", "snowflake",
        "snowman", "rainbow", "crescent moon", "fire", "sunflower", "cactus", "evergreen tree", "mushroom", "cat face",
        "dog face", "tiger face", "panda face", "frog face", "penguin", "octopus", "fish", "butterfly", "automobile",
        "rocket", "soccer ball", "umbrella", "ghost", "smiling face with sunglasses", "crown",
    }
)  # fmt: skip
"""The subjects that a short training sees more often than the others."""


@dataclass(frozen=True)
class Subject:
    """One thing that the model can draw.

    Attributes:
        name: what it is called in captions, such as "red apple".
        synonyms: other names, none of them another subject's.
        image: the name of its picture file in the package.
    """

    name: str
    synonyms: tuple[str, ...]
    image: str


def subjects_of(entries: Sequence[Mapping[str, Any]]) -> list[Subject]:
    """Return the subjects among the entries of `emoji.json`, by name."""
    chosen = {_name(entry): entry for entry in entries if _is_subject(entry)}
    taken = set(chosen)
    subjects = []
    for name, entry in sorted(chosen.items()):
        synonyms = tuple(dict.fromkeys(other for other in _others(name, entry) if other not in taken))
        taken.update(synonyms)
        subjects.append(Subject(name, synonyms, str(entry["image"])))
    return subjects


def _is_subject(entry: Mapping[str, Any]) -> bool:
    short = entry["short_name"]
    wanted = short in HEARTS or (entry["subcategory"] in SUBCATEGORIES and short not in NOT_A_SUBJECT)
    return wanted and bool(entry["has_img_google"])


def _name(entry: Mapping[str, Any]) -> str:
    return HEARTS.get(entry["short_name"]) or _words(entry["name"])


def _others(name: str, entry: Mapping[str, Any]) -> list[str]:
    """Return other names: the short ones, and a face without that word."""
    short = [_words(other) for other in entry["short_names"]]
    known = [word for word in short if word.isascii() and not any(map(str.isdigit, word))]
    return [*known, name if name.endswith("with face") else name.removesuffix(" face")]


def _words(name: str) -> str:
    """Return a name as lower-case words."""
    plain = name.split("(")[0].replace("’", "").replace("'", "")
    return " ".join(plain.replace("_", " ").replace("-", " ").lower().split())
