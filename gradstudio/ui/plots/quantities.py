"""The quantities drawn per layer, and how the window calls them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Quantity:
    """One of the three quantities drawn per layer.

    Attributes
    ----------
    name
        In the history.
    segment, brief
        On the switch, and where the switch is narrow.
    short
        In a read-out.
    meaning
        What it is, in a line.
    """

    name: str
    segment: str
    brief: str
    short: str
    meaning: str


QUANTITIES: Final = {
    q.name: q
    for q in (
        Quantity(
            "delta_rms",
            "δ signal",
            "δ",
            "RMS δ",
            "RMS over units and samples of ∂L/∂z, per sample: what arrives at a layer",
        ),
        Quantity(
            "weight_grad_norm",
            "∂L/∂W",
            "∂L/∂W",
            "‖∂L/∂W‖",
            "Norm of the gradient of a layer's weights: what moves them",
        ),
        Quantity(
            "update_ratio",
            "update : weight",
            "ΔW : W",
            "update : weight",
            "Norm of the update over norm of the weights; about 10⁻³ is usual",
        ),
    )
}


def layer_name(label: str) -> str:
    """Name of a layer at the start of a line: ``Layer 6`` or ``Output layer``."""
    return "Output layer" if label == "out" else f"Layer {label}"
