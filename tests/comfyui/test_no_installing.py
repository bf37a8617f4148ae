"""No pack installs packages by itself, in whatever way it starts an installer; other programs it may start."""

from __future__ import annotations

import subprocess
import sys

import pytest

TRY = """
import os, subprocess, sys
from ldm_nodes.comfyui.packs.no_installing import refuse_installing
refuse_installing()
refuse_installing()
try:
    {attempt}
except PermissionError as error:
    print("refused:", error)
else:
    print("started")
"""


def tried(attempt: str) -> str:
    """Return what came of an attempt, in a process of its own: what watches can never be taken away again."""
    script = TRY.format(attempt=attempt)
    done = subprocess.run([sys.executable, "-"], input=script, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "attempt",
    [
        "subprocess.check_call([sys.executable, '-m', 'pip', 'install', '--no-index', 'nothing'])",
        "subprocess.run('pip3 install --no-index nothing', shell=True)",
        "os.system(sys.executable + ' -m pip install --no-index nothing')",
        "subprocess.run(['uv', 'pip', 'install', 'nothing'])",
        "subprocess.run([b'/usr/bin/pip', b'install', b'nothing'])",
    ],
)
def test_an_installer_is_not_started(attempt: str) -> None:
    assert tried(attempt).startswith("refused: A node pack wants to install packages")


@pytest.mark.parametrize(
    "attempt",
    [
        "subprocess.run([sys.executable, '-c', 'pass'], check=True)",
        "subprocess.run([sys.executable, '-m', 'pip', '--version'], check=True, capture_output=True)",
        "subprocess.run([sys.executable, '-c', 'pass', 'install'], check=True)",
        "subprocess.run([sys.executable, '-c', 'print(1) # how pip would install'], check=True, capture_output=True)",
    ],
)
def test_other_programs_are(attempt: str) -> None:
    assert tried(attempt) == "started"
