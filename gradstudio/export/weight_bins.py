"""The starting weights of a layer, counted, and the density they were drawn from."""

from __future__ import annotations

from typing import Final

import numpy as np

from gradstudio.export.figure import Floats
from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.setup.models import InitializerSetup

BINS: Final = 31
DENSITY_POINTS: Final = 241
_MARGIN: Final = 0.06


def weight_bins(weights: Floats) -> tuple[Floats, Floats]:
    """Count the weights: edges, shape (32,), and densities, shape (31,)."""
    low, high = float(weights.min()), float(weights.max())
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300):
        half = max(abs(low) * 0.5, 0.1)
        low, high = low - half, high + half
    margin = _MARGIN * (high - low)
    heights, edges = np.histogram(weights, bins=BINS, range=(low - margin, high + margin))
    return edges, heights / (weights.size * (edges[1] - edges[0]))


def density_of(
    initializer: InitializerSetup, shape: tuple[int, ...], edges: Floats
) -> tuple[Floats, Floats | None]:
    """Compute the density an initializer draws from over the range of the bins.

    Returns
    -------
    Places, and the density there; None for an initializer without one.
    """
    entry = INITIALIZERS[initializer.name]
    parameters = {name: getattr(initializer, name) for name in entry.parameters}
    x = np.linspace(edges[0], edges[-1], DENSITY_POINTS)
    return x, entry.density(x, shape[0], shape[1], **parameters)
