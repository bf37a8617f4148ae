"""The data of the model in the box: emoji on plain backgrounds, with captions.

    python -m ldm_nodes.training.recipes.emoji DEST

fetches the npm package `emoji-datasource-google` with the npm client (Noto Emoji, Apache-2.0), checks it, and writes

    DEST/pictures/NAME.png     one transparent picture per subject
    DEST/train.csv             subjects on eight backgrounds, two captions each
    DEST/core.csv              of those the ones of forty everyday subjects, for a training too short for all
    DEST/held_out.csv          the tenth of all subject-background pairs that training never sees
    DEST/merges.txt            a byte-pair vocabulary of the captions

The same package always gives the same files.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...models.tokenizer import SD
from ..data import Color
from ..errors import DataError
from .merges import HEADING, merges_of
from .subjects import CORE, Subject, subjects_of

PACKAGE = "emoji-datasource-google@16.0.0"
INTEGRITY = "sha512-ZRexfzs7MVoLnmzZmNsO4TKhnAJp5D++Vm6PpUpH/jEQQlemp3l88CjZ+DoZ2faM9R4QxZkOPJCoT8DlPhfQ3A=="
TABLE, PICTURES = "package/emoji.json", "package/img/google/64/"
MAX_FILE = 16 << 20  # bytes of one file of the package; emoji.json has 2 MB
HELD_OUT = 0.1
MERGES = 1536

BACKGROUNDS: dict[str, Color] = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "red": (220, 40, 40),
    "green": (40, 160, 70),
    "blue": (50, 90, 220),
    "yellow": (250, 210, 50),
    "pink": (250, 150, 190),
    "gray": (128, 128, 128),
}

CAPTION = "{subject} on a {color} background"
OTHER_CAPTIONS = (
    "a {subject} on a {color} background",
    "{subject}, {color} background",
    "a picture of a {subject} on {color}",
    "an emoji of a {subject} on a {color} background",
    "{color} background, {subject}",
    "photo of {subject} on {color} background",
)


@dataclass(frozen=True)
class Pair:
    """A subject before a background."""

    subject: Subject
    color: str

    @property
    def place(self) -> int:
        """A number that depends on nothing but the names, by which pairs are held out and worded."""
        return int.from_bytes(hashlib.sha256(f"{self.subject.name}|{self.color}".encode()).digest()[:8], "big")

    def captions(self) -> tuple[str, str]:
        """Return the plain caption and another wording, with another name where there is one."""
        names = (self.subject.name, *self.subject.synonyms)
        other = OTHER_CAPTIONS[self.place % len(OTHER_CAPTIONS)]
        return (
            CAPTION.format(subject=names[0], color=self.color),
            other.format(subject=names[self.place // 7 % len(names)], color=self.color),
        )


def pairs_of(subjects: Sequence[Subject]) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs to train on, and those held out."""
    pairs = [Pair(subject, color) for subject in subjects for color in BACKGROUNDS]
    held_out = set(sorted(pairs, key=lambda pair: pair.place)[: round(HELD_OUT * len(pairs))])
    return [pair for pair in pairs if pair not in held_out], [pair for pair in pairs if pair in held_out]


def fetch(folder: Path) -> Path:
    """Download the package with the npm client.

    Raises:
        DataError: if there is no npm, or it fails.
    """
    command = ["npm", "pack", PACKAGE, "--ignore-scripts", "--pack-destination", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
    except FileNotFoundError as error:
        raise DataError("The data comes from npm, and there is no npm here; install Node.js.") from error
    except subprocess.CalledProcessError as error:
        raise DataError(f"npm could not fetch {PACKAGE}: {error.stderr.strip()[-300:]}") from error
    return next(folder.glob("*.tgz"))


def verify(package: Path, integrity: str) -> None:
    """Check that a file is the package that this recipe was written for.

    Raises:
        DataError: if it is not.
    """
    with package.open("rb") as file:
        found = "sha512-" + base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()
    if found != integrity:
        raise DataError(f"{package.name} is not {PACKAGE}: its checksum is {found}, expected {integrity}.")


def read_package(package: Path) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Return the table of the package and its pictures by file name. Nothing is unpacked to paths of the archive.

    Raises:
        DataError: if it is no such package, or a file in it is too large.
    """
    pictures: dict[str, bytes] = {}
    table = b""
    try:
        with tarfile.open(package, "r:gz") as archive:
            for member in archive:
                if member.name == TABLE:
                    table = _content(archive, member)
                elif member.name.startswith(PICTURES):
                    pictures[member.name.removeprefix(PICTURES)] = _content(archive, member)
        entries = json.loads(table)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise DataError(f"{package.name} is not readable as {PACKAGE}: {error}.") from error
    return entries, pictures


def write(destination: Path, subjects: Sequence[Subject], pictures: dict[str, bytes]) -> tuple[int, int]:
    """Write pictures, tables and vocabulary, and return how many pairs are trained on and held out.

    Raises:
        DataError: if a subject has no picture.
    """
    (destination / "pictures").mkdir(parents=True, exist_ok=True)
    for subject in subjects:
        if subject.image not in pictures:
            raise DataError(f"The package has no picture {subject.image!r} of {subject.name!r}.")
        (destination / picture_of(subject)).write_bytes(pictures[subject.image])
    train, held_out = pairs_of(subjects)
    _write_table(destination / "train.csv", train)
    _write_table(destination / "core.csv", [pair for pair in train if pair.subject.name in CORE])
    _write_table(destination / "held_out.csv", held_out)
    captions = [caption for pair in train for caption in pair.captions()]
    (destination / "merges.txt").write_text("\n".join([HEADING, *merges_of(captions, MERGES), ""]), "utf-8")
    return len(train), len(held_out)


def picture_of(subject: Subject) -> str:
    """Return the path of a subject's picture in the data set."""
    return f"pictures/{'_'.join(SD.split(subject.name))}.png"


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member) if member.isfile() else None
    if file is None or member.size > MAX_FILE:
        raise DataError(f"The package holds {member.name!r}, which is no file of at most {MAX_FILE} bytes.")
    return file.read()


def _write_table(path: Path, pairs: Iterable[Pair]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "caption", "class", "background"])
        for pair in pairs:
            color = "#{:02x}{:02x}{:02x}".format(*BACKGROUNDS[pair.color])
            for caption in pair.captions():
                writer.writerow([picture_of(pair.subject), caption, pair.subject.name, color])


def make(destination: Path, package: Path | None = None, integrity: str = INTEGRITY) -> str:
    """Make the data set and return what was made, in words; without a package it is fetched.

    Args:
        destination: the folder to write.
        package: the package as npm saved it.
        integrity: its checksum as npm writes it.

    Raises:
        DataError: if it cannot be had, or is not what is expected.
    """
    with tempfile.TemporaryDirectory() as folder:
        package = package or fetch(Path(folder))
        verify(package, integrity)
        entries, pictures = read_package(package)
    subjects = subjects_of(entries)
    train, held_out = write(destination, subjects, pictures)
    return f"{len(subjects)} subjects, {train} pairs to train on, {held_out} held out"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the data set and return 0, or 1 after saying what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m ldm_nodes.training.recipes.emoji", description=__doc__)
    parser.add_argument("destination", type=Path, metavar="DEST", help="folder to write")
    parser.add_argument("--package", type=Path, help="the package as npm pack saved it, in place of a download")
    options = parser.parse_args(arguments)
    try:
        sys.stdout.write(make(options.destination, options.package) + "\n")
    except DataError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
