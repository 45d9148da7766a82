"""What a picture of a network shows beside units and weights: shortcuts and normalised layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gradstudio.export.figure import Floats
from gradstudio.numbers import count
from gradstudio.setup.models import NetworkSetup

POINTS: Final = 13
"""Points of the curve of one arc."""


@dataclass(frozen=True)
class Extras:
    """Columns are counted from the input, which is column 0.

    Attributes
    ----------
    shortcuts
        First and last column of each, by their last.
    normalised
        Columns of the layers that are normalised.
    """

    shortcuts: tuple[tuple[int, int], ...] = ()
    normalised: tuple[int, ...] = ()

    @property
    def longest(self) -> int:
        """Layers that the longest shortcut goes around; 0 without any."""
        return max((end - begin for begin, end in self.shortcuts), default=0)

    @property
    def words(self) -> str:
        """Say in a few words what there is; empty where there is nothing."""
        parts = []
        if self.shortcuts:
            parts.append(_counted(len(self.shortcuts), "shortcut", "arc"))
        if self.normalised:
            parts.append(_counted(len(self.normalised), "normalised layer", "bar"))
        return " and ".join(parts)


def extras_of(network: NetworkSetup) -> Extras:
    """Return what a network has beside units and weights; shortcuts that cannot be are left out."""
    layers = list(enumerate(network.layers, 1))
    return Extras(
        tuple(
            (column - layer.span, column)
            for column, layer in layers
            if layer.residual != "none" and column >= layer.span
        ),
        tuple(column for column, layer in layers if layer.normalisation != "none"),
    )


def arc(start: tuple[float, float], end: tuple[float, float], apex: float) -> Floats:
    """Points of a curve that leaves two points upwards or downwards and turns at ``apex``, (n, 2).

    A cubic Bezier curve reaches three quarters of the way to its inner points.
    """
    inner = tuple(y + (apex - y) / 0.75 for _, y in (start, end))
    (x0, y0), (x1, y1) = start, end
    t = np.linspace(0.0, 1.0, POINTS)[:, None]
    corners = np.array([[x0, y0], [x0, inner[0]], [x1, inner[1]], [x1, y1]])
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3])
    curve: Floats = weights @ corners
    return curve


def _counted(number: int, what: str, mark: str) -> str:
    return f"1 {what} ({mark})" if number == 1 else f"{count(number)} {what}s ({mark}s)"
