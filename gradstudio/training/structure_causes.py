"""What normalisation and shortcuts have to do with a gradient that vanishes, explodes or is 0.

Where they decide, the size of the weights does not: normalised layers divide it out, and a
shortcut leads around it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from gradstudio.nn.theory import gradient_factor, length_map
from gradstudio.numbers import figures
from gradstudio.setup.models import LayerSetup, NetworkSetup
from gradstudio.training.remedy import Remedy
from gradstudio.training.structure import branch_of, phi_of

LEVEL: Final = 0.05
"""Decades per layer within which a factor counts as level."""


def is_normalised(network: NetworkSetup) -> bool:
    """Whether most layers that pass a gradient back are normalised."""
    layers = passing_layers(network)
    return 2 * sum(layer.normalisation != "none" for layer in layers) > len(layers)


def is_bridged(network: NetworkSetup) -> bool:
    """Whether most layers that pass a gradient back lie in branches."""
    begin = min(1, len(network.layers) - 1)
    indices = range(begin, len(network.layers))
    return 2 * sum(branch_of(network, i) is not None for i in indices) > len(indices)


def passing_layers(network: NetworkSetup) -> Sequence[LayerSetup]:
    """Return the hidden layers from 2 on; layer 1 only where it is alone."""
    return network.layers[1:] or network.layers


def why_it_vanishes(network: NetworkSetup) -> Remedy | None:
    """Say why the signal shrinks from the start; None where structure does not decide it."""
    if is_normalised(network):
        layer = next(x for x in passing_layers(network) if x.normalisation != "none")
        phi = phi_of(layer).label
        if layer.normalisation == "layer":
            factor = normalised_factor(layer)
            if abs(math.log10(factor)) >= LEVEL:
                return Remedy(
                    "Layer normalisation divides out the size of the weights, not φ: with "
                    f"{phi} a layer passes back {figures(factor, 2)} times, by theory.",
                    "Try batch normalisation, or shortcuts.",
                )
        return Remedy(
            f"Normalised layers pass back what {phi} lets through, whatever the size of their "
            "weights.",
            "Try shortcuts around the layers.",
        )
    if is_bridged(network):
        begin = min(1, len(network.layers) - 1)
        if any(branch_of(network, i) is None for i in range(begin, len(network.layers))):
            return Remedy(
                "The shortcuts pass the signal on whole; the layers outside of them do not.",
                "Try a shortcut around every layer.",
            )
        return Remedy(
            "The branches let little of the signal into their layers; the shortcuts lead around "
            "them.",
            "Try an initializer that keeps the branches level.",
        )
    return None


def why_it_explodes(network: NetworkSetup) -> Remedy | None:
    """Say why the signal grows from the start; None where structure does not decide it."""
    plain = sum(layer.residual == "plain" for layer in network.layers)
    if is_bridged(network) and plain > 1:
        return Remedy(
            f"Each plain shortcut adds to the signal: {plain} of them multiply it.",
            "Try shortcuts scaled by 1/√L, ReZero or Fixup.",
        )
    if is_normalised(network):
        return Remedy(
            "Batch normalisation divides by the spread of each unit: in a deep stack the gradient "
            "grows from layer to layer (Yang et al. 2019)."
            if any(layer.normalisation == "batch" for layer in network.layers)
            else "Layer normalisation divides out the size of the weights, not φ.",
            "Try shortcuts around the layers, or fewer layers.",
        )
    return None


def why_branches_are_silent(network: NetworkSetup, layer: int) -> Remedy | None:
    """Say why a layer in a branch gets exactly 0; None where the branch is not the reason."""
    end = branch_of(network, layer)
    if end is None:
        return None
    last = network.layers[end]
    if last.residual == "fixup" and phi_of(last).derivative([0.0])[0] == 0.0:
        phi = phi_of(last).label
        return Remedy(
            f"Fixup starts the last weights of each branch at 0, where {phi} has the slope 0: "
            "the branches never learn.",
            "Try leaky ReLU or tanh in the last layer of a branch, or ReZero.",
        )
    return None


def normalised_factor(layer: LayerSetup) -> float:
    """Factor that a layer normalised over its units passes back, by theory.

    z has variance 1, so phi' and phi see a normal distribution; the weights multiply the gradient
    by their size and the normalisation divides it by the same and by the root mean square of phi.
    """
    phi = phi_of(layer)
    return gradient_factor(phi, 1.0, 0.0, 1.0) / math.sqrt(length_map(phi, 1.0, 0.0, 1.0))
