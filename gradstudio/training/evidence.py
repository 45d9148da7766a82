"""The numbers on which a diagnosis stands, as they are in the recording."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from gradstudio.training.record import Floats
from gradstudio.training.recording import Recording

WINDOW: Final = 20
"""Steps over which the evidence is averaged; before that many, step 0 alone counts."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """The signal of each layer, averaged on a log scale.

    Parameters
    ----------
    first, last
        First and last step of the average; equal when one step alone counts.
    recorded
        Number of steps recorded up to then.
    log_delta
        Mean of log10 delta_rms of each layer over the steps where it is not 0, (L,): the log of
        the geometric mean. Minus infinity where it is always 0, NaN where nothing is finite.
    log_update
        The same of update_ratio, (L,).
    loss
        Mean loss.
    """

    first: int
    last: int
    recorded: int
    log_delta: Floats
    log_update: Floats
    loss: float

    @property
    def is_early(self) -> bool:
        """Whether there are fewer than ``WINDOW`` steps."""
        return self.recorded < WINDOW

    @property
    def hops(self) -> int:
        """Layers between which the signal is passed back: L - 1."""
        return len(self.log_delta) - 1

    @property
    def total(self) -> float:
        """Decades from the output layer to layer 1; negative when the signal shrinks."""
        first, last = float(self.log_delta[0]), float(self.log_delta[-1])
        return first - last if math.isfinite(last) else math.nan

    @property
    def per_layer(self) -> float:
        """Decades per layer: ``total`` over ``hops``."""
        return self.total / self.hops

    @property
    def layer1(self) -> float:
        """Signal of layer 1."""
        return power(self.log_delta[0])

    @property
    def output(self) -> float:
        """Signal of the output layer."""
        return power(self.log_delta[-1])

    @property
    def ratio(self) -> float:
        """Signal of layer 1 over that of the output layer."""
        return power(self.total)

    @property
    def largest_update(self) -> tuple[int, float]:
        """Index of the layer whose updates are largest against its weights, and that ratio.

        NaN when no layer has been updated.
        """
        known = np.where(np.isfinite(self.log_update), self.log_update, -np.inf)
        index = int(np.argmax(known))
        value = float(known[index])
        return index, power(value) if math.isfinite(value) else math.nan


def evidence_at(recording: Recording, at_step: int | None = None) -> Evidence | None:
    """Evidence of the steps up to and with ``at_step``, or up to the newest.

    With fewer than ``WINDOW`` steps it is that of step 0, with none that of the measurement
    before training; None when there is neither.
    """
    history = recording.history
    end = len(history) if at_step is None else min(len(history), at_step + 1)
    if end == 0:
        initial = recording.initial
        if initial is None:
            return None
        delta, update, loss = initial.delta_rms, initial.update_ratio, initial.loss
        return Evidence(0, 0, 0, log_mean(delta[None]), log_mean(update[None]), loss)
    window = (end - WINDOW, end) if end >= WINDOW else (0, 1)
    delta_view = history.read("delta_rms", *window, points=WINDOW)
    update_view = history.read("update_ratio", *window, points=WINDOW)
    losses = history.read("loss", *window, points=WINDOW).mean[:, 0]
    finite = losses[np.isfinite(losses)]
    return Evidence(
        first=int(delta_view.steps[0]),
        last=min(int(delta_view.steps[-1]) + delta_view.stride, len(history)) - 1,
        recorded=end,
        log_delta=log_mean(delta_view.mean),
        log_update=log_mean(update_view.mean),
        loss=float(finite.mean()) if len(finite) else math.nan,
    )


def log_mean(values: Floats) -> Floats:
    """Mean of log10 over the rows of ``values`` (n, L) that are finite and above 0, (L,).

    Minus infinity where all finite values are 0, NaN where none is finite.
    """
    counted = np.isfinite(values) & (values > 0)
    logs = np.log10(np.where(counted, values, 1.0))
    number = counted.sum(axis=0)
    mean = logs.sum(axis=0) / np.maximum(number, 1)
    empty = np.where(np.isfinite(values).any(axis=0), -np.inf, np.nan)
    return np.where(number > 0, mean, empty)


def power(exponent: float) -> float:
    """10 to the power of ``exponent``: 0 or infinity beyond the range of a float."""
    if exponent > 308:
        return math.inf
    return float(10.0**exponent)
