"""One number of a network: which there are, where they lie, and some of them drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from gradstudio.nn.arrays import Array
from gradstudio.nn.network import Network

KINDS: Final = ("weights", "biases", "scales", "shifts", "factors")
"""Kinds of parameters: attributes of a network, by layer."""


@dataclass(frozen=True)
class Parameter:
    """One number of a network.

    Attributes
    ----------
    kind
        One of ``KINDS``.
    layer
        0-based.
    index
        Where in the layer, 0-based: (from, to) for a weight, (unit,) for a bias.
    """

    kind: str
    layer: int
    index: tuple[int, ...]


def values_of(net: Network, kind: str, layer: int) -> Array:
    """Parameters of a kind in a layer; none, (0,), where the layer has no such ones."""
    return _of_kind(net, kind, layer, KINDS)


def gradients_of(net: Network, kind: str, layer: int) -> Array:
    """Gradients of a kind of parameters in a layer, in the same form."""
    names = ("weight_grads", "bias_grads", "scale_grads", "shift_grads", "factor_grads")
    return _of_kind(net, kind, layer, names)


def drawn_parameters(net: Network, rng: np.random.Generator, each: int) -> list[Parameter]:
    """Draw up to ``each`` parameters of every kind in every layer of a network without lanes."""
    drawn = []
    for layer in range(net.layer_count):
        for kind in KINDS:
            values = values_of(net, kind, layer)
            for place in np.sort(rng.permutation(values.size)[:each]):
                index = tuple(int(i) for i in np.unravel_index(place, values.shape))
                drawn.append(Parameter(kind, layer, index))
    return drawn


def _of_kind(net: Network, kind: str, layer: int, names: Sequence[str]) -> Array:
    if kind not in KINDS:
        raise IndexError(f"kind {kind!r} is not one of {', '.join(KINDS)}")
    arrays = getattr(net, names[KINDS.index(kind)])
    of_layers: dict[int, Array] = arrays if isinstance(arrays, dict) else dict(enumerate(arrays))
    return of_layers.get(layer, np.empty(0))
