"""`ldm-nodes train`, as a user meets it: what is printed, what is left in the folder, what the exit code says."""

from __future__ import annotations

import io
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ldm_nodes.cli import main
from ldm_nodes.cli.training_display import TrainingDisplay
from ldm_nodes.training.loop import Step
from tests.training.recipes import CONFIGS, overrides_of
from tests.training.tiny import folder_of

Train = Callable[..., tuple[int, str, str]]
NAME = "celebahq-ldm-vq-4"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("data") / "pictures", 6, side=16)


@pytest.fixture
def train(pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Train:
    """Train in `tmp_path / "run"`, and return the exit code and what was printed."""

    def run(*arguments: str) -> tuple[int, str, str]:
        config, overrides = str(CONFIGS / f"{NAME}.yaml"), overrides_of(NAME, pictures)
        code = main(["train", config, *overrides, "--output", str(tmp_path / "run"), "--device", "cpu", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, " ".join(printed.err.split())

    return run


def status(tmp_path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((tmp_path / "run" / "status.json").read_text())
    return read


def test_a_run_tells_how_it_goes_and_where_its_model_is(train: Train, tmp_path: Path) -> None:
    code, out, err = train()
    assert code == 0
    model = tmp_path / "run" / "checkpoints" / "step-00000004" / "model.safetensors"
    assert f"finished; the last checkpoint is {model}" in out
    assert model.is_file()
    assert "step 1/4 loss" in err
    assert "step 4/4 loss" in err
    assert "pictures/s left 0:00:00" in err
    assert "have no meaning here and are left out: model.params.num_timesteps_cond" in err


def test_one_json_document_tells_it_to_programs(train: Train, tmp_path: Path) -> None:
    code, out, err = train("--json")
    told = json.loads(out)
    assert code == 0
    assert told["status"] == "finished"
    assert told["step"] == 4
    assert told["losses"].keys() >= {"loss", "loss_simple"}
    assert Path(told["checkpoint"]).name == "step-00000004"
    assert "step 1/4" not in err


def test_ctrl_c_ends_in_a_checkpoint_from_which_the_run_goes_on(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = TrainingDisplay.step

    def interrupted(display: TrainingDisplay, step: Step) -> None:
        show(display, step)
        if step.number == 1:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(TrainingDisplay, "step", interrupted)
    code, out, err = train()
    assert code == 130
    assert "cancelled; the last checkpoint is" in out
    assert "Add --resume to go on" in out
    assert "Stopping after this step" in err
    assert status(tmp_path)["status"] == "cancelled"
    assert status(tmp_path)["step"] == 1
    monkeypatch.undo()
    code, _, err = train("--resume")
    assert code == 0
    assert "Goes on from step 1." in err


def test_a_second_ctrl_c_ends_at_once(train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(display: TrainingDisplay, step: Step) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(TrainingDisplay, "step", interrupted)
    before = signal.getsignal(signal.SIGINT)
    code, _, err = train()
    assert code == 130
    assert "Interrupted." in err
    assert status(tmp_path)["status"] == "cancelled"
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--resume"], "There is no run to resume"),
        (["model.params.timestep=5"], "model.params has no key timestep"),
        (["model.target=os.system"], "The target 'os.system' is not known here"),
        (["data.params.train.folder=/nowhere/at/all"], "The folder 'all' does not exist"),
        (["data.params.train.folder=null"], "The data set taming.data.faceshq.CelebAHQTrain is not part"),
        (["training.steps=none"], "training.steps is 'none'"),
        (["models.params=1"], "The configuration has no section models"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(arguments: list[str], says: str, train: Train) -> None:
    code, out, err = train(*arguments)
    assert code == 2
    assert not out
    assert says in err
    assert "Traceback" not in err


def test_a_run_that_fails_on_the_way_says_so(train: Train, tmp_path: Path) -> None:
    code, out, err = train("model.base_learning_rate=1e30")
    assert code == 1
    assert not out
    assert "so training has stopped" in err
    assert status(tmp_path)["status"] == "failed"


def test_an_argument_that_is_no_override_is_refused(train: Train, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        train("--resum")
    assert ended.value.code == 2
    assert "unrecognized arguments: --resum" in capsys.readouterr().err


STEP = Step(3, 12, {"loss": 0.5, "loss_vlb": 0.25}, 1e-4, 24, 2.0, 4.0)


def test_a_terminal_shows_one_table() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=60, color_system=None)
    with TrainingDisplay(console) as display:
        display.sheet(Path("samples/step-3.png"))
        display.step(STEP)
        display.notice("A picture was skipped.")
    shown = out.getvalue()
    for words in ("Step 3 of 12", "loss_vlb", "0.25", "0.0001", "24", "4.0", "0:00:18", "samples/step-3.png"):
        assert words in shown
    assert display.last is STEP
    assert display.notices == ["A picture was skipped."]


def test_lines_are_few_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    with TrainingDisplay(Console(file=out, width=40)) as display:
        for number in range(1, 13):
            display.step(Step(number, 12, {"loss": 0.5}, 1e-4, 8 * number, 0.01, 800.0))
    lines = out.getvalue().splitlines()
    assert [line.split()[1] for line in lines] == ["1/12", "12/12"]


def test_a_process_that_is_not_the_first_keeps_silent() -> None:
    out = io.StringIO()
    display = TrainingDisplay(Console(file=out))
    display.silent = True
    with display:
        display.step(STEP)
        display.notice("Nobody hears this.")
        display.latents(1, 2)
    assert not out.getvalue()
