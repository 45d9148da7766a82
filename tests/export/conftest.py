"""Runs made by hand: what a figure must show is then known without training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup
from gradstudio.training.record import StepRecord
from gradstudio.training.recording import Recording

MakeRun = Callable[..., Recording]


@pytest.fixture
def make_run() -> MakeRun:
    """Make a recording whose signal falls by a given number of decades per layer."""
    return falling_run


def falling_run(
    hidden: int = 5,
    steps: int = 60,
    *,
    decades: float = -0.9,
    noise: float = 0.05,
    zero_from: int | None = None,
    zero_layers: int = 0,
    name: str = "Made by hand",
) -> Recording:
    """Make a recording of ``steps`` steps.

    Layer index l has the signal 0.5 · 10^(decades · (L - 1 - l)) with log-normal noise; the first
    ``zero_layers`` layers are exactly 0 from step ``zero_from`` on.
    """
    layers = tuple(LayerSetup(units=4) for _ in range(hidden))
    run = Recording(
        Setup(name=name, network=NetworkSetup(layers=layers)),
        chance=float(np.log(2)),
        class_count=2,
    )
    rng = np.random.default_rng(3)
    depth = decades * np.arange(hidden, -1, -1)
    for step in range(steps):
        row = run.layout.new_row()
        signal = 0.5 * 10.0 ** (depth + noise * rng.normal(size=hidden + 1))
        if zero_from is not None and step >= zero_from:
            signal[:zero_layers] = 0.0
        row[run.layout.slice_of("loss")] = 0.7 * np.exp(-step / 200) + 0.01 * rng.random()
        row[run.layout.slice_of("grad_norm")] = np.sqrt((signal**2).sum())
        row[run.layout.slice_of("learning_rate")] = 0.1
        row[run.layout.slice_of("delta_rms")] = signal
        row[run.layout.slice_of("weight_grad_norm")] = 2.0 * signal
        row[run.layout.slice_of("weight_norm")] = 4.0
        row[run.layout.slice_of("update_ratio")] = 0.05 * signal
        run.history.append(row)
        if step == 0:
            run.initial = StepRecord(0, row, run.layout)
        if step % run.evaluations.interval == 0:
            done = 0.5 + 0.4 * step / max(steps, 1)
            run.evaluations.append(np.array([0.72 * np.exp(-step / 200), done, done]))
    return run
