"""What theory and publications say of random networks, measured on the engine.

How weights are drawn is in ``test_initializers.py``, the chain of three neurons in
``test_chain.py``. Expected numbers: mean-field theory and the papers named.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from gradstudio.nn import INITIALIZERS, OPTIMIZERS, Network
from gradstudio.nn.probes import delta_rms, weight_grad_norms

CLASSES = 10


def deep(
    activation: str,
    depth: int,
    width: int,
    *,
    initializer: str = "normal",
    std: float = 1.0,
    bias: float = 0.0,
    batch: int = 32,
    seed: int = 1,
) -> Network:
    """A deep square network in float64, after one batch of normal inputs."""
    net = Network([width] * (depth + 1) + [CLASSES], activation, dtype=np.float64)
    rng = np.random.default_rng(seed)
    more = {"std": std} if initializer == "normal" else {}
    for W in net.weights:
        W[...] = INITIALIZERS[initializer].sample(W.shape, rng=rng, **more)
    for b in net.biases:
        b[...] = rng.normal(0, bias, b.shape)
    X = rng.normal(size=(batch, width))
    net.loss_and_gradients(X, rng.integers(0, CLASSES, batch))
    return net


def factor_per_layer(net: Network) -> float:
    """Geometric mean of the growth of the signal, from the last hidden layer to the first."""
    deltas = delta_rms(net)[:-1]
    return float((deltas[0] / deltas[-1]) ** (1 / (len(deltas) - 1)))


@pytest.mark.parametrize(
    ("activation", "depth", "initializer", "expected", "tolerance"),
    [
        ("relu", 30, "he_normal", 1.0, 0.04),
        ("relu", 30, "xavier_normal", math.sqrt(0.5), 0.04),
        ("relu", 20, "uniform_fan_in", math.sqrt(1 / 6), 0.06),
        ("sigmoid", 10, "uniform_fan_in", 0.14065, 0.04),
        ("selu", 30, "lecun_normal", 1.03519, 0.03),
    ],
)
def test_a_start_passes_back_what_theory_says(
    activation: str, depth: int, initializer: str, expected: float, tolerance: float
) -> None:
    net = deep(activation, depth, 256, initializer=initializer)
    assert factor_per_layer(net) == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize(
    ("activation", "depth", "width", "sigma_w", "sigma_b", "expected", "tolerance"),
    [
        ("linear", 10, 256, 10.0, 0.0, 10.0, 0.04),
        ("sigmoid", 10, 100, 10.0, 0.0, 0.96989, 0.12),
        ("tanh", 20, 256, 2.5, 0.3, 1.25037, 0.04),
        ("tanh", 30, 256, 1.0, math.sqrt(0.05), 0.85687, 0.03),
        ("tanh", 50, 256, math.sqrt(1.760955), math.sqrt(0.05), 0.99203, 0.025),
    ],
)
def test_the_signal_grows_as_mean_field_theory_says(
    activation: str,
    depth: int,
    width: int,
    sigma_w: float,
    sigma_b: float,
    expected: float,
    tolerance: float,
) -> None:
    net = deep(activation, depth, width, std=sigma_w / math.sqrt(width), bias=sigma_b)
    assert factor_per_layer(net) == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize(
    ("depth", "sigma_w", "sigma_b", "factor", "expected", "tolerance"),
    [
        (12, 1.3, 0.3, 1, 0.607047, 0.25),
        (8, 4.0, 0.3, 1, 12.604149, 0.06),
        (50, 1.0, 0.0, 2 * 50, 1.0219, 0.25),  # decays as a power law: q_l is about 1 / (2 l)
    ],
)
def test_the_length_of_the_signal_is_that_of_theory(
    depth: int, sigma_w: float, sigma_b: float, factor: float, expected: float, tolerance: float
) -> None:
    net = deep("tanh", depth, 512, std=sigma_w / math.sqrt(512), bias=sigma_b)
    q = float(np.mean(net.z[depth - 1] ** 2))
    assert factor * q == pytest.approx(expected, rel=tolerance)


def test_weight_gradients_look_level_while_the_signal_vanishes() -> None:
    net = deep("tanh", 5, 400, initializer="uniform_fan_in")
    gradients, deltas = weight_grad_norms(net), delta_rms(net)
    assert gradients[0] / gradients[3] == pytest.approx(1.0, rel=0.15)
    assert deltas[0] / deltas[3] < 0.25


def test_a_constant_start_keeps_all_units_of_a_layer_equal() -> None:
    net = Network([64, 20, 20, CLASSES], "tanh", dtype=np.float64)
    for W in net.weights:
        W.fill(0.1)
    optimizer = OPTIMIZERS["sgd"](net.flat.shape, net.dtype)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 64)), rng.integers(0, CLASSES, 50)
    for _ in range(100):
        net.loss_and_gradients(X, y)
        optimizer.update(net.flat, net.flat_grads, 0.1)
    assert np.ptp(net.weights[0], axis=1).max() <= 1e-12
    assert np.ptp(net.weights[0], axis=0).max() > 1e-3


def test_the_length_of_a_backward_signal_is_log_normal() -> None:
    # Hanin & Nica 2018: the variance of ln |J u|^2 is 5 sum 1/n, here 5 * 10 / 100
    width, depth, draws = 100, 10, 400
    net = Network([width] * (depth + 1), "relu", dtype=np.float64, lanes=(draws,), loss="mse")
    rng = np.random.default_rng(2)
    for W in net.weights[:-1]:
        W[...] = rng.normal(0, math.sqrt(2 / width), W.shape)
    net.weights[-1][...] = rng.normal(0, math.sqrt(1 / width), net.weights[-1].shape)
    X = rng.normal(size=(draws, 1, width))
    # far targets: the signal begins in a direction that has nothing to do with the outputs
    net.loss_and_gradients(X, 1e6 * rng.normal(size=(draws, 1, width)))
    passed = np.matmul(net.deltas[0], net.weights[0].mT)
    lengths = np.log(np.sum(passed**2, axis=(-2, -1)) / np.sum(net.deltas[-1] ** 2, axis=(-2, -1)))
    assert lengths.var() == pytest.approx(0.5, rel=0.3)


def test_a_product_of_gaussian_matrices_spreads_its_singular_values() -> None:
    # Pennington et al. 2017: Var(s^2) / mean(s^2)^2 is the depth, 0 for orthogonal ones
    depth, width = 4, 200
    net = deep("linear", depth, width, std=1 / math.sqrt(width))
    product = np.linalg.multi_dot(net.weights[:depth])
    squares = np.linalg.svd(product, compute_uv=False) ** 2
    assert squares.var() / squares.mean() ** 2 == pytest.approx(4.0, rel=0.2)


def test_output_weights_of_zero_give_the_loss_of_guessing() -> None:
    net = Network([20, 30, CLASSES], "relu", dtype=np.float64)
    loss = net.forward(np.random.default_rng(0).normal(size=(16, 20)), np.arange(16) % CLASSES)
    assert loss == pytest.approx(2.302585092994046, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "initializer", "spreads", "passed_back"),
    [
        ("tanh", "uniform_fan_in", [0.4603, 0.2495, 0.1412, 0.0810, 0.0467], 0.0832),
        ("tanh", "xavier_uniform", [0.6279, 0.4863, 0.4082, 0.3576, 0.3216], 0.410),
        ("softsign", "uniform_fan_in", [0.3194, 0.1444, 0.0738, 0.0400, 0.0223], 0.0429),
        ("softsign", "xavier_uniform", [0.4278, 0.2654, 0.1908, 0.1483, 0.1211], 0.177),
    ],
)
def test_five_layers_of_a_thousand_units_follow_mean_field_theory(
    activation: str, initializer: str, spreads: list[float], passed_back: float
) -> None:
    """The networks of Glorot & Bengio 2010 at the start, within 1 % of theory."""
    logs = []
    for seed in range(3):
        net = deep(activation, 5, 1000, initializer=initializer, batch=300, seed=seed)
        deltas = delta_rms(net)
        logs.append(np.log([*(a.std() for a in net.a[:-1]), deltas[0] / deltas[4]]))
    measured = np.exp(np.mean(logs, axis=0))
    np.testing.assert_allclose(measured, [*spreads, passed_back], rtol=0.01)


DEEP = json.loads((Path(__file__).parents[1] / "reference" / "deep.json").read_text())
STARTS = {
    "std_uniform": "uniform_fan_in",
    "he_n": "he_normal",
    "glorot_n": "xavier_normal",
    "glorot_u": "xavier_uniform",
    "lecun_n": "lecun_normal",
}


@pytest.mark.parametrize("name", [name for name in DEEP if not name.startswith("_")])
def test_deep_networks_have_the_gradients_that_jax_takes(name: str) -> None:
    activation, start, *numbers = name.split("|")
    depth, width, seed = (int(text.lstrip("Lnsed")) for text in numbers)
    rng = np.random.default_rng(seed)
    net = Network([20, *[width] * depth, 4], activation, dtype=np.float64)
    for W in net.weights:
        W[...] = INITIALIZERS[STARTS[start]].sample(W.shape, rng=rng)
    X, y = rng.normal(size=(16, 20)), rng.integers(0, 4, 16)
    theirs = DEEP[name]
    assert net.weights[0][0, 0] == pytest.approx(theirs["W1_00"], rel=1e-12)
    assert net.loss_and_gradients(X, y) == pytest.approx(theirs["loss"], rel=1e-10)
    ours = [np.linalg.norm(g) for g in net.weight_grads]
    np.testing.assert_allclose(ours, theirs["dW_fro"], rtol=1e-9)
    ours = [np.linalg.norm(g) for g in net.bias_grads]
    np.testing.assert_allclose(ours, theirs["db_norm"], rtol=1e-9)
