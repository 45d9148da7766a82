"""The folder of one run: tables, plots, verdict and the setup that made them."""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as counting
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gradstudio import __version__
from gradstudio.errors import ExportError
from gradstudio.export.figure import Figure
from gradstudio.export.figures import (
    chain_figure,
    decision_figure,
    depth_figure,
    diagram_figure,
    gradient_figure,
    histogram_figure,
    loss_figure,
    seismograph_figure,
)
from gradstudio.export.files import write_file
from gradstudio.export.tables import csv_text, history_table, unit_of
from gradstudio.nn.network import Network
from gradstudio.numbers import count
from gradstudio.setup.file import SUFFIX, dumps
from gradstudio.training.build import initial_weights
from gradstudio.training.diagnosis import Diagnosis
from gradstudio.training.history import History
from gradstudio.training.trainer import Trainer

ACCURACIES: Final = ("train_accuracy", "test_accuracy")


@dataclass(frozen=True, eq=False)
class EndOfRun:
    """The network as training left it."""

    step: int
    gradients: NDArray[np.floating[Any]]
    sizes: tuple[int, ...]
    loss: str
    trained: Network
    updates: NDArray[np.floating[Any]] | None = None

    @classmethod
    def of(cls, trainer: Trainer) -> EndOfRun:
        """Take it from a trainer that rests."""
        net = trainer.network
        loss = trainer.setup.training.loss
        return cls(trainer.step_count, net.flat_grads, tuple(net.sizes), loss, net)

    @property
    def parameters(self) -> NDArray[np.floating[Any]]:
        """Parameters of the network, (parameter_count,)."""
        return self.trained.flat

    def network(self) -> Network:
        """Return the network itself."""
        return self.trained


def new_folder(out: Path | None, name: str) -> Path:
    """Make an empty folder; where one with files is in the way, a number is added to the name.

    Raises
    ------
    ExportError
        If it cannot be made.
    """
    wanted = out if out is not None else Path(f"gradstudio-{file_stem(name)}")
    for number in counting(1):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not any(folder.iterdir()):
                return folder
        except FileExistsError:
            continue  # a file has that name
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ExportError(f"the folder {folder} cannot be made: {reason}.") from error
    raise AssertionError("counting never ends")


def file_stem(name: str) -> str:
    """Make a file name of the name of a setup."""
    return re.sub(r"\W+", "-", name.lower()).strip("-_")[:60] or "run"


def write_results(folder: Path, trainer: Trainer, diagnosis: Diagnosis, seconds: float) -> str:
    """Write everything there is of a run; returns what was written, in words.

    Raises
    ------
    ExportError
        If a file cannot be written.
    """
    recording = trainer.recording
    units = {name: unit_of(recording, name) for name in recording.layout.names}
    write_file(folder / f"setup{SUFFIX}", dumps(trainer.setup))
    summary = json.dumps(_summary(trainer, diagnosis, seconds), indent=2, ensure_ascii=False)
    write_file(folder / "summary.json", summary + "\n")
    said = [f"Written to {folder}{os.sep}:"]
    history = recording.history
    _write_history(folder / "history.csv", history, units, recording.labels)
    said.append(f"history.csv ({_resolution(history)}),")
    if len(recording.evaluations):
        tests = dict.fromkeys(ACCURACIES, "share") | {"test_loss": units["loss"]}
        _write_history(folder / "evaluations.csv", recording.evaluations, tests, recording.labels)
        said.append(f"evaluations.csv (every {count(recording.evaluations.interval)} steps),")
    plots = write_plots(folder, trainer)
    said.append(f"{plots} plots as PNG and SVG, summary.json and setup{SUFFIX}.")
    return " ".join(said)


def write_plots(folder: Path, trainer: Trainer) -> int:
    """Write every plot as PNG and SVG; returns how many.

    Raises
    ------
    ExportError
        If a file cannot be written.
    """
    if sys.platform == "linux":  # a display that is named but cannot be reached would abort Qt
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication.instance() or QGuiApplication([])
    from gradstudio.ui.plot_export import save_figure

    number = 0
    for name, figure in _figures(trainer):
        for suffix in (".png", ".svg"):
            save_figure(figure, folder / f"{name}{suffix}")
        number += 1
    del application
    return number


def _figures(trainer: Trainer) -> Iterator[tuple[str, Figure]]:
    recording, end = trainer.recording, EndOfRun.of(trainer)
    yield "gradient", gradient_figure(recording)
    yield "weight-gradient", gradient_figure(recording, "weight_grad_norm")
    yield "update-to-weight", gradient_figure(recording, "update_ratio")
    yield "depth", depth_figure(recording)
    yield "seismograph", seismograph_figure(recording)
    yield "loss", loss_figure(recording)
    if recording.class_count:
        yield "accuracy", loss_figure(recording, accuracy=True)
    yield "decision", decision_figure(recording, trainer.data, end)
    yield "backward-signal", diagram_figure(recording, end)
    network = trainer.setup.network
    start = initial_weights(trainer.setup, 0)
    yield (
        "initial-weights-1",
        histogram_figure(start, 0, len(network.layers) + 1, network.layers[0]),
    )
    trainer.ask(frozenset({"chain"}))
    trainer.measure()  # writes over the gradients, so that it comes last
    yield "chain-rule", chain_figure(trainer.reading, trainer.setup)


def _write_history(
    path: Path, history: History, units: dict[str, str], labels: tuple[str, ...]
) -> None:
    last = max(len(history) - 1, 0) * history.interval
    write_file(path, csv_text(history_table(history, units, labels, 0, last)))


def _resolution(history: History) -> str:
    """Say whether the table of a history holds every step or bins."""
    if not len(history):
        return "no step"
    names = {history.columns.names[0]: ""}
    table = history_table(history, names, (), 0, len(history) - 1)
    if "step" in table:
        return "every step"
    stride = int(table["first step"][1] - table["first step"][0])
    return f"minimum, mean and maximum of every {count(stride)} steps"


def _summary(trainer: Trainer, diagnosis: Diagnosis, seconds: float) -> dict[str, object]:
    newest = trainer.recording.newest()
    divergence = trainer.recording.divergence
    return {
        "gradstudio": __version__,
        "setup": trainer.setup.name,
        "steps": trainer.step_count,
        "seconds": round(seconds, 3),
        "ending": trainer.ending,
        "loss": _finite(math.nan if newest is None else newest.loss),
        "verdict": diagnosis.verdict.value,
        "severity": diagnosis.severity,
        "sentence": diagnosis.sentence,
        "cause": diagnosis.cause,
        "fix": diagnosis.fix,
        "layer 1 RMS dL/dz": _finite(diagnosis.layer1),
        "out RMS dL/dz": _finite(diagnosis.output),
        "layer 1 over out": _finite(diagnosis.ratio),
        "decades per layer": _finite(diagnosis.per_layer),
        "not finite": None
        if divergence is None
        else {
            "step": divergence.step,
            "layer": divergence.layer_label,
            "operation": divergence.operation,
        },
    }


def _finite(value: float) -> float | None:
    """Return the number, or None where JSON has none for it."""
    return value if math.isfinite(value) else None
