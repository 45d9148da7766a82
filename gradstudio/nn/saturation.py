"""Units that pass back next to nothing: saturated ones, and dead ones that pass back exactly 0.

Both are read from phi'(u), where u is what the activation sees: z, or z normalised.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.activation import Activation
from gradstudio.nn.network import Network

SATURATED: Final = 0.05
"""Share of the largest slope of an activation below which a unit counts as saturated."""

_FAR: Final = 1e4  # there phi' of softsign, the slowest, is 1e-8
_GRID: Final = 20_001

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Idleness:
    """How much of each hidden layer passes back little or nothing in the last batch.

    Attributes
    ----------
    saturated
        Share of (unit, sample) where ``|phi'(u)|`` is below 5 % of its maximum. NaN for activations
        that are not flat on both sides, which cannot be saturated.
    silent
        Share of (unit, sample) where phi'(u) is exactly 0.
    dead
        Share of units where phi'(u) is exactly 0 for every sample of the batch. Nothing reaches
        their weights: another batch may wake them, this one does not. A bounded activation gets
        there too, where its slope underflows.

    All (..., L - 1).

    Notes
    -----
    Below 5 % means ``|a| > 0.9747`` for tanh; sigmoid: ``|z| > 4.36``, that is a slope below 0.0125
    and an activation below 0.0127 or above 0.9873. The usual mark for tanh, ``|a| > 0.97``, is
    5.91 % of the largest slope: ``below=1 - 0.97**2``.
    """

    saturated: Floats
    silent: Floats
    dead: Floats


def idleness(net: Network, below: float = SATURATED) -> Idleness:
    """Count saturated, silent and dead units of the last batch.

    Parameters
    ----------
    net
        After a forward pass.
    below
        Share of the largest slope below which a unit is saturated.
    """
    shape = (*net.lanes, net.layer_count - 1)
    result = Idleness(np.full(shape, np.nan), np.zeros(shape), np.zeros(shape))
    for layer, (activation, part) in enumerate(
        zip(net.activations, net.plan_in_use.layers, strict=True)
    ):
        slope = np.abs(activation.derivative(part.u))
        if is_flat_at_both_ends(activation):
            is_saturated = slope < below * largest_slope(activation)
            result.saturated[..., layer] = is_saturated.mean((-1, -2))
        is_silent = slope == 0.0
        result.silent[..., layer] = is_silent.mean((-1, -2))
        result.dead[..., layer] = is_silent.all(-2).mean(-1)
    return result


@lru_cache(maxsize=64)
def is_flat_at_both_ends(activation: Activation) -> bool:
    """Whether phi' goes to 0 in both directions, so that a unit can be saturated."""
    ends = np.array([-10 * _FAR, -_FAR, _FAR, 10 * _FAR])
    return bool((np.abs(activation.derivative(ends)) < 1e-3 * largest_slope(activation)).all())


@lru_cache(maxsize=64)
def largest_slope(activation: Activation) -> float:
    """Maximum of ``|phi'|`` between -10 and 10."""
    return float(np.abs(activation.derivative(np.linspace(-10.0, 10.0, _GRID))).max())
