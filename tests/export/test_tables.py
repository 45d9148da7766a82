"""Tables lose nothing."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from gradstudio.export import tables
from gradstudio.export.figure import Column, Figure
from gradstudio.export.figures import depth_figure, gradient_figure, loss_figure
from gradstudio.export.tables import LazyTable, csv_text

from .conftest import MakeRun


def read_back(table: Figure | Mapping[str, Column]) -> pd.DataFrame:
    """Read a table by Python's own exact conversion of numbers."""
    words = pd.read_csv(StringIO(csv_text(table)), dtype=str, keep_default_na=False)
    return words.apply(lambda column: column if column.name == "layer" else column.map(float))


def test_numbers_come_back_bit_for_bit() -> None:
    values = np.array([1e-300, 5e-324, 0.1, 1 / 3, -1e308, 0.0, 1e-12])
    assert (read_back({"a": values})["a"].to_numpy() == values).all()


def test_zero_is_0_and_what_is_not_finite_has_a_name() -> None:
    text = csv_text({"a": np.array([0.0, np.nan, np.inf, -np.inf, 1e-300])})
    assert text.split() == ["a", "0", "nan", "inf", "-inf", "1e-300"]


def test_the_first_line_names_columns_and_units(make_run: MakeRun) -> None:
    text = csv_text(gradient_figure(make_run(hidden=2, steps=3)))
    assert text.splitlines()[0] == (
        "step,layer 1 RMS dL/dz [nat],layer 2 RMS dL/dz [nat],out RMS dL/dz [nat]"
    )
    assert len(text.splitlines()) == 4


def test_a_table_holds_the_values_of_the_history(make_run: MakeRun) -> None:
    run = make_run(hidden=3, steps=90)
    table = read_back(gradient_figure(run, "update_ratio", first=10, last=29))
    assert table["step"].tolist() == list(range(10, 30))
    exact = run.history.read("update_ratio", 10, 30).last
    assert (table.to_numpy()[:, 1:] == exact).all()


def test_a_window_too_long_for_a_table_is_given_in_bins(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 32)
    table = read_back(gradient_figure(make_run(hidden=2, steps=100)))
    assert table["first step"].tolist()[:2] == [0, 4]
    assert table["last step"].iloc[-1] == 99
    low, mean, high = (table[f"layer 1 RMS dL/dz {part} [nat]"] for part in ("min", "mean", "max"))
    assert ((low <= mean) & (mean <= high)).all()


def test_losses_and_accuracies_share_the_step_column(make_run: MakeRun) -> None:
    table = read_back(loss_figure(make_run(steps=25)))
    assert table["step"].tolist() == list(range(25))
    evaluated = table["test loss [nat]"].notna()
    assert table["step"][evaluated].tolist() == [0, 10, 20]
    assert table["training loss [nat]"].notna().all()


def test_depth_is_a_row_per_layer(make_run: MakeRun) -> None:
    table = read_back(depth_figure(make_run(hidden=3, steps=40, decades=-1.0, noise=0.0)))
    assert table["layer"].tolist() == ["1", "2", "3", "out"]
    assert table["RMS dL/dz now [nat]"].to_numpy() == pytest.approx([5e-4, 5e-3, 5e-2, 0.5])


def test_a_table_is_read_when_it_is_asked_for_and_once() -> None:
    asked: list[int] = []

    def read() -> dict[str, Column]:
        asked.append(1)
        return {"a": np.zeros(2)}

    table = LazyTable(read)
    assert not asked
    assert list(table) == ["a"]
    assert len(table["a"]) == 2
    assert len(asked) == 1
