"""The starting weights of a layer, counted, and the distribution they were drawn from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from gradstudio.export.figure import Floats
from gradstudio.nn.initializer import Atoms
from gradstudio.numbers import figures
from gradstudio.training.start import Part, initializer_of, start_arguments

BINS: Final = 31
DENSITY_POINTS: Final = 241
_MARGIN: Final = 0.06


@dataclass(frozen=True, eq=False)
class WeightPicture:
    """What a histogram of starting weights shows.

    Attributes
    ----------
    edges, heights
        Edges of the bins, shape (32,), and density in each, (31,); equal weights are not in them.
    x, density
        Places, shape (241,), and the density the weights were drawn from there; None where all
        weights are atoms.
    atoms
        Values that a share of the weights has exactly, each with the share that was drawn.
    """

    edges: Floats
    heights: Floats
    x: Floats
    density: Floats | None
    atoms: Atoms

    @property
    def top(self) -> float:
        """The highest density; 0 where all weights are atoms."""
        density = 0.0 if self.density is None else float(self.density.max())
        return max(float(self.heights.max()), density)


def weight_picture(weights: Floats, part: Part) -> WeightPicture:
    """Count the weights, shape (fan_in, fan_out), that the initializer of a layer has drawn."""
    entry, given = initializer_of(part), start_arguments(part, weights.shape[0])
    fan_in, fan_out = weights.shape
    scale = 1.0
    if entry.by_data:  # the data have scaled what was drawn: by how much, the weights tell
        drawn = math.sqrt(float(np.mean(np.square(weights))))
        scale = drawn / entry.std(fan_in, fan_out, **given) or 1.0
    values = [value * scale for value, _ in entry.atoms(fan_in, fan_out, **given)]
    rest, atoms = _without(weights.ravel(), values)
    counts, edges = np.histogram(rest, bins=BINS, range=_range(weights))
    heights = counts / (weights.size * (edges[1] - edges[0]))
    x = np.linspace(edges[0], edges[-1], DENSITY_POINTS)
    density = entry.density(x / scale, fan_in, fan_out, **given)
    return WeightPicture(edges, heights, x, None if density is None else density / scale, atoms)


def shares_of(atoms: Atoms) -> list[tuple[float, str]]:
    """Values that a share of the weights has, each with the words for that share."""
    return [(value, f"{figures(100 * share, 2)} %") for value, share in atoms]


def _without(weights: Floats, values: list[float]) -> tuple[Floats, Atoms]:
    """Weights that have none of the values, and of each value the share that has it."""
    size, atoms = weights.size, []
    for value in values:
        equal = np.isclose(weights, value, rtol=1e-9, atol=0.0)
        if equal.any():
            atoms.append((value, float(equal.sum()) / size))
            weights = weights[~equal]
    return weights, tuple(atoms)


def _range(weights: Floats) -> tuple[float, float]:
    low, high = float(weights.min()), float(weights.max())
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300):
        half = max(abs(low) * 0.5, 0.1)
        low, high = low - half, high + half
    margin = _MARGIN * (high - low)
    return low - margin, high + margin
