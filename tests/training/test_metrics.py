from __future__ import annotations

from pathlib import Path

import pytest

from ldm_nodes.training.errors import TrainingError
from ldm_nodes.training.metrics import Metrics, read_rows, read_series


def test_rows_are_on_disk_at_once_and_columns_may_come_late(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    table = Metrics(path)
    table.add(1, {"loss": 0.5})
    assert path.read_text() == "step,loss\n1,0.5\n"
    table.add(2, {"loss": 0.25, "disc_loss": 1.0})
    table.add(3, {"disc_loss": 1e-9})
    assert path.read_text() == "step,loss,disc_loss\n1,0.5,\n2,0.25,1\n3,,1e-09\n"
    table.close()
    assert read_series(path) == {"loss": [(1, 0.5), (2, 0.25)], "disc_loss": [(2, 1.0), (3, 1e-9)]}


def test_float32_survives_the_table(tmp_path: Path) -> None:
    value = 0.12345678806304932  # a float32
    table = Metrics(tmp_path / "m.csv")
    table.add(1, {"loss": value})
    table.close()
    (point,) = read_series(tmp_path / "m.csv")["loss"]
    assert point[1] == pytest.approx(value, rel=1e-8)


def test_going_on_cuts_off_what_comes_again(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step,loss\n1,1\n2,2\n3,3\n4,0.")  # the last row was cut by a kill
    table = Metrics(path, upto=2)
    table.add(3, {"loss": 30})
    table.close()
    assert path.read_text() == "step,loss\n1,1\n2,2\n3,30\n"


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("name,price\napple,1\n")
    with pytest.raises(TrainingError, match="no table of a training run"):
        Metrics(path)
    assert not list(read_rows(tmp_path / "absent.csv"))
