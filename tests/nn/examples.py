"""Small networks and batches, drawn with fixed seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.network import Network


def drawn_network(
    sizes: Sequence[int], activation: str | Sequence[str] = "tanh", **settings: Any
) -> Network:
    """A network whose weights and biases are drawn with a fixed seed."""
    net = Network(sizes, activation, **settings)
    rng = np.random.default_rng(3)
    net.flat[...] = rng.normal(0.0, 0.6, net.flat.shape)
    return net


def drawn_batch(net: Network, batch: int = 7) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Inputs and targets that fit a network and its loss."""
    rng = np.random.default_rng(4)
    X = rng.normal(size=(batch, net.sizes[0]))
    outputs = net.sizes[-1]
    if net.loss.output == "linear":
        return X, rng.normal(size=(batch, outputs))
    if net.loss.output == "sigmoid":
        return X, rng.integers(0, 2, (batch, outputs)).astype(np.float64)
    return X, np.eye(outputs)[rng.integers(0, outputs, batch)]
