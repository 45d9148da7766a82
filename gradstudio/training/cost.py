"""What a design costs before it has run: parameters, and an estimate of the time of a step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from gradstudio.nn.structure import LayerStructure

MANY_PARAMETERS: Final = 2_000_000
"""From here on a step takes long enough to be worth a warning."""

# Fitted to steps of 0.03 to 4.6 ms measured on one core of a 2-core server: six networks from
# 2-8x2-2 to 784-512x3-10 come out within 25 %. Another machine is another factor.
_STEP_SECONDS: Final = 20e-6  # taking a batch and writing a record
_LAYER_SECONDS: Final = 3e-6  # NumPy calls of one layer, forward, backward and measuring
_PARAMETER_SECONDS: Final = 2.5e-9  # one parameter through the optimizer and the norms
_NORM_SECONDS: Final = (15e-6, 14e-9)  # calls, and each number of a layer, both ways
_SHORTCUT_SECONDS: Final = (2e-6, 3e-9)
_DROPOUT_SECONDS: Final = (3e-6, 6e-9)
_FLOPS: Final = 110e9  # operations per second in single precision, a multiply-add being two


def parameter_count(sizes: Sequence[int], structures: Sequence[LayerStructure] = ()) -> int:
    """Weights and biases of a network, and what normalisations and shortcuts learn.

    Parameters
    ----------
    sizes
        Units of all layers, input and output included.
    structures
        What each hidden layer has beside; nothing if not given.
    """
    plain = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes))
    hidden = zip(sizes[1:], structures, strict=False)
    return plain + sum(2 * units * x.has_norm + x.has_learnt_factor for units, x in hidden)


def step_seconds(
    sizes: Sequence[int], batch: int, structures: Sequence[LayerStructure] = ()
) -> float:
    """Estimate of the time of one update on one core, good to a factor of about 2 between machines.

    Forward and both backward products cost two operations per weight and sample each. What the
    hidden layers have beside their weights counts where it is given.
    """
    parameters = parameter_count(sizes)
    products = 6.0 * parameters * batch / _FLOPS
    calls = _STEP_SECONDS + _LAYER_SECONDS * (len(sizes) - 1)
    hidden = zip(sizes[1:], structures, strict=False)
    beside = sum(_beside_seconds(structure, batch * units) for units, structure in hidden)
    return calls + _PARAMETER_SECONDS * parameters + products + beside


def _beside_seconds(structure: LayerStructure, numbers: int) -> float:
    """Time of what a layer has beside its weights, for so many activations of a batch."""
    parts = (
        (structure.has_norm, _NORM_SECONDS),
        (structure.has_shortcut, _SHORTCUT_SECONDS),
        (structure.dropout > 0, _DROPOUT_SECONDS),
    )
    return sum(calls + each * numbers for has, (calls, each) in parts if has)
