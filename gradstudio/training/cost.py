"""What a design costs before it has run: parameters, and an estimate of the time of a step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

MANY_PARAMETERS: Final = 2_000_000
"""From here on a step takes long enough to be worth a warning."""

_LAYER_SECONDS: Final = 16e-6  # NumPy calls of one layer, forward, backward and measuring
_PARAMETER_SECONDS: Final = 2.5e-9  # one parameter through the optimizer and the norms
_FLOPS: Final = 60e9  # multiply-adds of one core in single precision, counted as two


def parameter_count(sizes: Sequence[int]) -> int:
    """Weights and biases of a network with these layer sizes, input and output included."""
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes))


def step_seconds(sizes: Sequence[int], batch: int) -> float:
    """Estimate of the time of one update on one core, good to a factor of about 2.

    Forward and both backward products cost two operations per weight and sample each.
    """
    parameters = parameter_count(sizes)
    products = 6.0 * parameters * batch / _FLOPS
    return _LAYER_SECONDS * (len(sizes) - 1) + _PARAMETER_SECONDS * parameters + products
