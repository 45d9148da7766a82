"""How the signal grows from layer to layer in wide nets, against mean-field theory."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradstudio.nn.network import Network
from gradstudio.nn.probes import delta_rms, weight_grad_norms

WIDTH = 256


def deep(activation: str, depth: int, std: float, *, uniform: bool = False, bias: float = 0.0):
    """A deep square net in float64 with weights of standard deviation ``std``."""
    net = Network([WIDTH] * (depth + 1) + [10], activation, dtype=np.float64)
    rng = np.random.default_rng(1)
    for W in net.weights:
        bound = math.sqrt(3) * std
        W[...] = rng.uniform(-bound, bound, W.shape) if uniform else rng.normal(0, std, W.shape)
    for b in net.biases:
        b[...] = rng.normal(0, bias, b.shape)
    X = rng.normal(size=(32, WIDTH))
    net.loss_and_gradients(X, np.eye(10)[rng.integers(0, 10, 32)])
    return net


def factor_per_layer(net: Network) -> float:
    """Geometric mean of the growth of the signal, from the last hidden layer to the first."""
    deltas = delta_rms(net)[:-1]
    return (deltas[0] / deltas[-1]) ** (1 / (len(deltas) - 1))


@pytest.mark.parametrize(
    ("activation", "depth", "sigma_w", "sigma_b", "expected", "tolerance"),
    [
        ("linear", 10, 10.0, 0.0, 10.0, 0.04),
        ("relu", 30, math.sqrt(2), 0.0, 1.0, 0.04),
        ("relu", 30, 1.0, 0.0, math.sqrt(0.5), 0.04),
        ("tanh", 20, 2.5, 0.3, 1.25037, 0.04),
        ("tanh", 30, 1.0, math.sqrt(0.05), 0.85687, 0.03),
        ("tanh", 50, math.sqrt(1.760955), math.sqrt(0.05), 0.99203, 0.025),
    ],
)
def test_the_signal_grows_as_predicted(
    activation: str,
    depth: int,
    sigma_w: float,
    sigma_b: float,
    expected: float,
    tolerance: float,
) -> None:
    net = deep(activation, depth, sigma_w / math.sqrt(WIDTH), bias=sigma_b)
    assert factor_per_layer(net) == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize(
    ("activation", "depth", "expected", "tolerance"),
    [("relu", 20, 0.408248, 0.06), ("sigmoid", 10, 0.14065, 0.04)],
)
def test_the_old_uniform_start_lets_the_signal_vanish(
    activation: str, depth: int, expected: float, tolerance: float
) -> None:
    net = deep(activation, depth, 1 / math.sqrt(3 * WIDTH), uniform=True)
    assert factor_per_layer(net) == pytest.approx(expected, rel=tolerance)


def test_weight_gradients_look_level_while_the_signal_vanishes() -> None:
    net = deep("tanh", 5, 1 / math.sqrt(3 * WIDTH), uniform=True)
    gradients, deltas = weight_grad_norms(net), delta_rms(net)
    assert gradients[0] / gradients[3] == pytest.approx(1.0, rel=0.15)
    assert deltas[0] / deltas[3] < 0.25
