"""The quantities that are drawn per layer, and how they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Quantity:
    """One quantity per layer.

    Attributes
    ----------
    axis
        Name on the value axis.
    subtitle
        What it is, in a line.
    noun
        Subject of a sentence.
    """

    axis: str
    subtitle: str
    noun: str


QUANTITIES: Final[Mapping[str, Quantity]] = {
    "delta_rms": Quantity(
        "RMS δ", "RMS over units and samples of δ = ∂L/∂z, per sample", "The gradient"
    ),
    "weight_grad_norm": Quantity(
        "‖∂L/∂W‖", "norm of the gradient of each layer's weights", "‖∂L/∂W‖"
    ),
    "update_ratio": Quantity(
        "‖ΔW‖ / ‖W‖", "norm of the update over norm of the weights", "Update : weight"
    ),
}

HEALTHY_RATIO: Final = 1e-3
"""Update over weights that is usual in a healthy run."""
