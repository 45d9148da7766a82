"""The numbers behind a picture as CSV: full precision, units in the header, nothing rounded away.

A file opens in a spreadsheet, and ``pandas.read_csv`` gives back every number bit for bit: 1e-300
stays 1e-300, an exact zero is ``0``, what is not finite is ``nan`` or ``inf``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from gradstudio.export.figure import Column, Figure, Floats
from gradstudio.nn.losses import LOSSES
from gradstudio.training.history import History, SeriesView
from gradstudio.training.recording import Recording

MOST_ROWS: Final = 65536
"""Rows of a table of a run; a longer window is given in bins with minimum, mean and maximum."""

LOSS_UNITS: Final[Mapping[str, str]] = {name: loss.unit for name, loss in LOSSES.items()}
"""Unit of the loss; that of its derivatives too, since z and the weights have none."""

COLUMN_NAMES: Final = {
    "delta_rms": "RMS dL/dz",
    "weight_grad_norm": "norm dL/dW",
    "weight_norm": "norm W",
    "update_ratio": "norm update / norm W",
    "loss": "training loss",
    "grad_norm": "norm of the whole gradient",
    "learning_rate": "learning rate",
    "test_loss": "test loss",
    "test_accuracy": "test accuracy",
    "train_accuracy": "training accuracy",
}


class LazyTable(Mapping[str, Column]):
    """Columns that are read only when somebody asks for them.

    A preview of a picture then does not copy a history of a million numbers.
    """

    def __init__(self, read: Callable[[], dict[str, Column]]) -> None:
        self._read = read
        self._columns: dict[str, Column] | None = None

    def __getitem__(self, name: str) -> Column:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Column]:
        if self._columns is None:
            self._columns = self._read()
        return self._columns


def csv_text(table: Figure | Mapping[str, Column]) -> str:
    """Write a table, or that of a figure, as CSV."""
    import pandas as pd

    columns = table.table if isinstance(table, Figure) else table
    frame = pd.DataFrame({name: pd.Series(values) for name, values in columns.items()})
    text: str = frame.to_csv(
        index=False, na_rep="nan", float_format=_exact, lineterminator="\n", encoding="utf-8"
    )
    return text


def history_table(
    history: History, units: Mapping[str, str], labels: tuple[str, ...], first: int, last: int
) -> dict[str, Column]:
    """Columns of several series over the steps ``first`` to ``last``.

    Parameters
    ----------
    history
        Where the series are.
    units
        Unit of each series by its name.
    labels
        Names of the layers, for series with a column per layer.
    first, last
        Window in steps, both ends included.

    Returns
    -------
    ``step`` and a column per series and layer when every step is known, otherwise ``first step``,
    ``last step`` and minimum, mean and maximum over each bin.
    """
    views = {name: history.read(name, first, last + 1, points=MOST_ROWS) for name in units}
    table: dict[str, Column] = {}
    for name, view in views.items():
        if not table:
            table |= _step_columns(view, history)
        stem = COLUMN_NAMES[name]
        for i in range(view.last.shape[1]):
            prefix = f"layer {labels[i]} " if view.last.shape[1] == len(labels) > 1 else ""
            prefix = prefix.replace("layer out", "out")
            if view.stride == history.interval:
                table[f"{prefix}{stem} [{units[name]}]"] = view.last[:, i]
                continue
            for part, values in (("min", view.low), ("mean", view.mean), ("max", view.high)):
                table[f"{prefix}{stem} {part} [{units[name]}]"] = values[:, i]
    return table


def layer_table(recording: Recording, name: str, first: int, last: int) -> LazyTable:
    """One quantity of every layer over the steps ``first`` to ``last``."""
    units = {name: unit_of(recording, name)}
    return LazyTable(lambda: history_table(recording.history, units, recording.labels, first, last))


def loss_table(recording: Recording, first: int, last: int) -> LazyTable:
    """Training loss of every step, test loss and accuracies of the steps that have them."""

    def read() -> dict[str, Column]:
        labels = recording.labels
        losses = {"loss": unit_of(recording, "loss")}
        table = history_table(recording.history, losses, labels, first, last)
        shares = dict.fromkeys(("train_accuracy", "test_accuracy"), "share")
        evaluated = {"test_loss": unit_of(recording, "test_loss")} | shares
        found = history_table(recording.evaluations, evaluated, labels, first, last)
        return _merged(table, found)

    return LazyTable(read)


def unit_of(recording: Recording, name: str) -> str:
    """Name the unit of a series."""
    if name in ("weight_norm", "update_ratio", "learning_rate"):
        return "1"
    return LOSS_UNITS[recording.setup.training.loss]


def _step_columns(view: SeriesView, history: History) -> dict[str, Column]:
    if view.stride == history.interval:
        return {"step": view.steps}
    ends = np.minimum(view.steps + view.stride, len(history) * history.interval)
    return {"first step": view.steps, "last step": ends - history.interval}


def _merged(table: dict[str, Column], more: dict[str, Column]) -> dict[str, Column]:
    """Both tables by their first column, the step; NaN where one has nothing to say."""
    key, other = next(iter(table)), next(iter(more))
    steps = np.union1d(table[key], more[other])
    merged: dict[str, Column] = {key: steps}
    for source, by in ((table, key), (more, other)):
        places = np.searchsorted(steps, source[by])
        for name, values in source.items():
            if name in merged:
                continue
            column: Floats = np.full(len(steps), np.nan)
            column[places] = values
            merged[name] = column
    return merged


def _exact(value: float) -> str:
    return "0" if value == 0 else repr(float(value))
