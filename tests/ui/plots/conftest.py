"""Recordings with known numbers, and instruments on screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup
from gradstudio.training.record import StepRecord
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.theme import apply_theme

AnyInstrument = TypeVar("AnyInstrument", bound=Instrument)
Floats = NDArray[np.float64]


class Record(Protocol):
    def __call__(self, delta: ArrayLike, **others: ArrayLike) -> Recording: ...


@pytest.fixture(autouse=True)
def dark_theme(qapp: QApplication) -> Iterator[None]:
    """Start every test with the dark scheme."""
    apply_theme(qapp, "dark")
    yield
    apply_theme(qapp, "dark")


@pytest.fixture
def record() -> Record:
    """A recording whose signal is `delta`, (steps, L); the other quantities are ones."""

    def make(delta: ArrayLike, **others: ArrayLike) -> Recording:
        values = np.asarray(delta, dtype=np.float64)
        recording = empty_recording(values.shape[1])
        columns = {"delta_rms": values} | {k: np.asarray(v, float) for k, v in others.items()}
        for step in range(len(values)):
            row = np.ones(recording.layout.width)
            for name, series in columns.items():
                row[recording.layout.slice_of(name)] = series[step]
            recording.history.append(row)
        return recording

    return make


@pytest.fixture
def unstarted() -> Recording:
    """Three layers, measured at their starting weights: 1e-4, 1e-2 and 1."""
    recording = empty_recording(3)
    row = np.ones(recording.layout.width)
    row[recording.layout.slice_of("delta_rms")] = [1e-4, 1e-2, 1.0]
    row[recording.layout.slice_of("update_ratio")] = np.nan
    recording.initial = StepRecord(0, row, recording.layout)
    return recording


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[..., AnyInstrument]:
    """Put an instrument on screen with a recording."""

    def show(
        instrument: AnyInstrument,
        recording: Recording | None = None,
        size: tuple[int, int] = (484, 268),
    ) -> AnyInstrument:
        qtbot.addWidget(instrument)
        instrument.resize(*size)
        instrument.show()
        qtbot.waitExposed(instrument)
        instrument.set_recording(recording)
        instrument.refresh()
        return instrument

    return show


def empty_recording(layers: int) -> Recording:
    hidden = tuple(LayerSetup(units=4) for _ in range(layers - 1))
    setup = Setup(network=NetworkSetup(layers=hidden))
    return Recording(setup, chance=float(np.log(2)), class_count=2)


@pytest.fixture
def falling() -> Floats:
    """Fifty steps of four layers, a decade and a half apart, each with its own ripple."""
    steps = np.arange(50)[:, None]
    ripple = 0.05 * np.sin(steps / (3.0 + np.arange(4)))
    return np.asarray(10.0 ** (1.5 * (np.arange(4) - 3) + ripple))
