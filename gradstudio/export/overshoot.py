"""Where an update first is larger than the weights of a layer: W_new has nothing of W_old."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gradstudio.export.series import Lines
from gradstudio.numbers import count, figures

RATIO: Final = 1.0
"""Update over weights above which a layer is rewritten, not trained."""


@dataclass(frozen=True)
class Overshoot:
    """The first point of a window at which an update is larger than the weights.

    Attributes
    ----------
    x, y
        Its positions on the axes.
    layer
        Index of the layer with the largest update there.
    ratio
        Norm of its update over norm of its weights.
    layers
        How many layers have an update larger than their weights there.
    """

    x: float
    y: float
    layer: int
    ratio: float
    layers: int

    def words(self, step: int, label: str) -> str:
        """Say what happened, at a step, to the layer called ``label``."""
        name = "the output layer" if label == "out" else f"layer {label}"
        more = f", {self.layers - 1} more" if self.layers > 1 else ""
        return f"step {count(step)}: ΔW is {figures(self.ratio, 2)} × W of {name}{more}"


def first_overshoot(drawn: Lines, *, log: bool) -> Overshoot | None:
    """Find it in the curves of ``update_ratio``; None where no update is that large."""
    limit = float(np.log10(RATIO)) if log else RATIO
    with np.errstate(invalid="ignore"):
        is_above = drawn.y > limit
    rows = np.flatnonzero(is_above.any(axis=1))
    if not len(rows):
        return None
    row = int(rows[0])
    layer = int(np.nanargmax(np.where(is_above[row], drawn.y[row], -np.inf)))
    place = float(drawn.y[row, layer])
    ratio = 10.0**place if log else place
    return Overshoot(float(drawn.x[row]), place, layer, ratio, int(is_above[row].sum()))
