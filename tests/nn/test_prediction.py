"""What is predicted of whole networks: published factors, scatter, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradstudio.nn.activations import ACTIVATIONS, leaky_relu
from gradstudio.nn.network import Network
from gradstudio.nn.prediction import Prediction, predict
from gradstudio.nn.probes import delta_rms


def stack(
    name: str, sigma_w: float, sigma_b: float = 0.0, depth: int = 30, n: int = 512
) -> Prediction:
    """Prediction of hidden layers of one width."""
    weights, biases = [sigma_w**2 / n] * depth, [sigma_b**2] * depth
    return predict([name] * depth, [n] * (depth + 1), weights, biases)


@pytest.mark.parametrize(
    ("name", "sigma_w", "sigma_b", "depth", "factor", "total"),
    [
        ("tanh", 1.3, 0.3, 30, 0.95795, 0.2877),
        ("tanh", 2.5, 0.3, 20, 1.25037, 69.8),
        ("tanh", 4, 0.3, 15, 1.53113, 389),
        ("tanh", 1, 0, 50, 0.95781, 0.1210),
        ("tanh", 5 / 3, 0, 30, 1.08904, 11.9),
        ("tanh", 1 / math.sqrt(3), 0, 20, 0.56852, 2.19e-5),
        ("tanh", 1, math.sqrt(0.05), 30, 0.85687, 0.01134),
        ("tanh", 1.3269, math.sqrt(0.05), 50, 0.99203, 0.676),
        ("tanh", 2, math.sqrt(0.05), 30, 1.15097, 59.0),
        ("tanh", 10, 0, 10, 2.34886, 2176),
        ("relu", math.sqrt(2), 0, 30, 1, 1.00),
        ("relu", 1, 0, 30, 0.70711, 4.32e-5),
        ("relu", math.sqrt(3), 0, 30, 1.22474, 357),
        ("relu", 1 / math.sqrt(3), 0, 20, 0.40825, 4.05e-8),
        ("sigmoid", 1 / math.sqrt(3), 0, 10, 0.14065, 2.154e-8),
        ("sigmoid", 1, 0, 10, 0.23307, 2.03e-6),
        ("sigmoid", 4, 0, 10, 0.61439, 0.0125),
        ("sigmoid", 10, 0, 10, 0.96989, 0.760),
        ("linear", 10, 0, 10, 10, 1e9),
        ("selu", 1, 0, 30, 1.03519, 2.73),
        ("elu", 1, 0, 30, 0.92356, 0.0996),
        ("softsign", 1, 0, 20, 0.84528, 0.0410),
        ("erf", 1, 0, 20, 0.96788, 0.538),
        ("silu", math.sqrt(2), 0, 30, 0.74408, None),
        ("gelu", math.sqrt(2), 0, 30, 0.81617, None),
    ],
)
def test_the_gradient_grows_from_layer_to_layer_as_it_should(
    name: str, sigma_w: float, sigma_b: float, depth: int, factor: float, total: float | None
) -> None:
    ratio = stack(name, sigma_w, sigma_b, depth).delta_ratio
    assert ratio[-1] == 1
    assert ratio[0] ** (1 / (depth - 1)) == pytest.approx(factor, abs=3e-5)
    if total is not None:
        assert ratio[0] == pytest.approx(total, rel=5e-3)


def test_q_of_tanh_at_the_start_of_glorot_falls_by_a_power_law() -> None:
    q = stack("tanh", 1, depth=201).q
    assert q[0] == pytest.approx(1)
    for layer, value in ((5, 1.034), (10, 1.044), (20, 1.036), (50, 1.022), (200, 1.008)):
        assert 2 * layer * q[layer] == pytest.approx(value, abs=6e-4)
    ratio = stack("tanh", 1, depth=202).delta_ratio
    for layers, value in ((5, 1.2515), (10, 1.4003), (20, 1.4756), (50, 1.5129), (200, 1.5228)):
        assert layers * (ratio[1] / ratio[layers + 1]) ** 2 == pytest.approx(value, abs=6e-5)


@pytest.mark.parametrize(
    ("name", "variance", "rms", "ratio"),
    [
        ("tanh", 1 / 3000, (0.4603, 0.2495, 0.1412, 0.0810, 0.0467), 0.0832),
        ("tanh", 1 / 1000, (0.6279, 0.4863, 0.4082, 0.3576, 0.3216), 0.410),
        ("softsign", 1 / 3000, (0.3194, 0.1444, 0.0738, 0.0400, 0.0223), 0.0429),
        ("softsign", 1 / 1000, (0.4278, 0.2654, 0.1908, 0.1483, 0.1211), 0.177),
        ("sigmoid", 1 / 3000, None, 3.805e-4),
        ("sigmoid", 1 / 1000, None, 2.769e-3),
    ],
)
def test_the_networks_of_glorot_start_as_predicted(
    name: str, variance: float, rms: tuple[float, ...] | None, ratio: float
) -> None:
    found = predict([name] * 5 + ["linear"], [1000] * 6 + [10], [variance] * 6)
    if rms is not None:
        np.testing.assert_allclose(found.activation_rms[:5], rms, atol=6e-5)
    assert found.delta_ratio[0] / found.delta_ratio[4] == pytest.approx(ratio, rel=6e-3)


def test_sizes_activations_and_variances_may_differ_from_layer_to_layer() -> None:
    found = predict(
        ["relu", leaky_relu(0.5), "linear"], [4, 10, 20, 3], [0.5, 0.3, 0.2], [0.1, 0, 1]
    )
    q1 = 4 * 0.5 * 2 + 0.1
    q2 = 10 * 0.3 * q1 / 2
    q3 = 20 * 0.2 * q2 * 1.25 / 2 + 1
    assert predict(
        ["relu", leaky_relu(0.5), "linear"],
        [4, 10, 20, 3],
        [0.5, 0.3, 0.2],
        [0.1, 0, 1],
        input_square=2.0,
    ).q == pytest.approx([q1, q2, q3])
    back2 = 3 * 0.2 * 1.25 / 2
    back1 = 20 * 0.3 * 0.5 * back2
    assert found.delta_ratio == pytest.approx([math.sqrt(back1), math.sqrt(back2), 1])
    for array in (found.q, found.activation_rms, found.q_spread, found.delta_spread):
        assert array.shape == (3,)
        assert array.dtype == np.float64


def test_the_logarithm_of_a_relu_gradient_scatters_with_5_over_the_width() -> None:
    found = stack("relu", math.sqrt(2), depth=11, n=100)
    assert found.delta_spread[0] == pytest.approx(0.5)
    linear = stack("linear", 1.0, depth=11, n=100)
    assert linear.delta_spread[0] == pytest.approx(0.2)
    np.testing.assert_allclose(linear.q_spread, 0.02 * np.arange(1, 12), rtol=1e-9)


def test_the_band_lies_around_the_median_and_holds_the_mean() -> None:
    found = stack("relu", math.sqrt(2), depth=11, n=100)
    low, high = found.delta_band(2.0)
    assert low[0] * high[0] == pytest.approx(math.exp(-0.25), rel=1e-9)
    assert math.log(high[0] / low[0]) == pytest.approx(2 * math.sqrt(0.5), rel=1e-9)
    assert (low <= found.delta_ratio).all()
    assert (found.delta_ratio <= high).all()
    low, high = found.z_band()
    assert ((low < np.sqrt(found.q)) & (np.sqrt(found.q) < high)).all()


@pytest.mark.parametrize(("name", "sigma_w"), [("relu", math.sqrt(2)), ("tanh", 1.3)])
def test_draws_scatter_as_predicted(name: str, sigma_w: float) -> None:
    n, depth, draws = 60, 6, 250
    net = Network([n] * (depth + 1), name, loss="mse", dtype=np.float64, lanes=(draws,))
    rng = np.random.default_rng(2)
    for W in net.weights:
        W[...] = rng.normal(0, sigma_w / math.sqrt(n), W.shape)
    x = rng.normal(size=(1, n))
    net.loss_and_gradients(x / np.sqrt(np.mean(x**2)), rng.normal(size=(1, n)) * 100)
    deltas = delta_rms(net)
    logs = 2 * np.log(deltas[:, 0] / deltas[:, -1])
    lengths = np.log(np.mean(net.z[-1] ** 2, axis=(-2, -1)))
    found = predict([name] * (depth - 1) + ["linear"], [n] * (depth + 1), [sigma_w**2 / n] * depth)
    assert np.var(logs) == pytest.approx(found.delta_spread[0], rel=0.4)
    assert np.var(lengths) == pytest.approx(found.q_spread[-1], rel=0.4)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("sigma_w", [0.0, 0.01, 10.0, 1e3])
def test_signals_that_explode_or_die_are_numbers_still(name: str, sigma_w: float) -> None:
    found = stack(name, sigma_w, depth=60)
    assert not np.isnan(found.q).any()
    assert not np.isnan(found.delta_ratio).any()
    assert (found.delta_ratio >= 0).all()
    assert np.isfinite(found.q_spread).all()
    assert np.isfinite(found.delta_spread).all()


@pytest.mark.parametrize(
    ("activations", "sizes", "weights", "biases"),
    [
        ([], [3], [], None),
        (["tanh"], [3, 4, 5], [1.0], None),
        (["tanh", "linear"], [3, 4, 5], [1.0], None),
        (["tanh", "linear"], [3, 4, 5], [1.0, 1.0], [0.0]),
    ],
)
def test_what_does_not_fit_is_refused(
    activations: list[str], sizes: list[int], weights: list[float], biases: list[float] | None
) -> None:
    with pytest.raises(ValueError, match="one of each"):
        predict(activations, sizes, weights, biases)
