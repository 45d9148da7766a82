"""Layer-sequential unit variance."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.nn.lsuv import rescale_to_unit_variance
from gradstudio.nn.network import Network
from gradstudio.nn.structure import LayerStructure


def drawn(
    sizes: tuple[int, ...], activation: str, structure: LayerStructure | None = None
) -> Network:
    rng = np.random.default_rng(3)
    net = Network(
        sizes, activation, loss="mse", dtype=np.float64, structure=structure or LayerStructure()
    )
    for W in net.weights:
        W[...] = INITIALIZERS["lsuv"].sample(W.shape, rng=rng)
    return net


def inputs(samples: int = 200, features: int = 30) -> np.ndarray:
    return 0.7 * np.random.default_rng(4).standard_normal((samples, features))


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "leaky_relu", "linear"])
def test_every_layer_then_has_about_unit_variance(activation: str) -> None:
    net, X = drawn((30, *(100,) * 10, 5), activation), inputs()
    before = net.pre_activations(X, 9).var()
    rescale_to_unit_variance(net, X, range(net.layer_count))
    after = [net.pre_activations(X, layer).var() for layer in range(net.layer_count)]
    assert abs(before - 1) > 0.1
    assert max(abs(variance - 1) for variance in after) < 0.1


def test_one_division_is_enough_without_biases() -> None:
    net, X = drawn((30, 40, 40, 5), "tanh"), inputs()
    rescale_to_unit_variance(net, X, (0, 1), max_iterations=1)
    assert net.pre_activations(X, 1).var() == pytest.approx(1.0, rel=1e-12)


def test_layers_that_are_not_asked_for_stay_and_the_factors_are_told() -> None:
    net, X = drawn((30, 40, 40, 5), "relu"), inputs()
    kept = [W.copy() for W in net.weights]
    factors = rescale_to_unit_variance(net, X, [2, 0])
    assert list(factors) == [0, 2]
    np.testing.assert_array_equal(net.weights[1], kept[1])
    for layer, factor in factors.items():
        np.testing.assert_allclose(net.weights[layer], factor * kept[layer], rtol=1e-14)


def test_a_layer_within_the_tolerance_stays() -> None:
    net, X = drawn((30, 40, 5), "linear"), inputs()
    net.weights[0][...] *= 1.04 / np.sqrt(net.pre_activations(X, 0).var())
    assert rescale_to_unit_variance(net, X, [0]) == {0: 1.0}
    assert rescale_to_unit_variance(net, X, [0], tol=0.01)[0] == pytest.approx(1 / 1.04)


def test_biases_are_counted() -> None:
    net, X = drawn((30, 400, 5), "tanh"), inputs()
    net.biases[0][...] = np.random.default_rng(0).normal(0.0, 0.6, 400)
    rescale_to_unit_variance(net, X, [0])
    assert abs(net.pre_activations(X, 0).var() - 1) < 0.1


def test_what_does_not_vary_or_is_not_finite_is_left_alone() -> None:
    net, X = drawn((30, 40, 40, 5), "relu"), inputs()
    net.weights[0][...] = 0.0
    net.biases[1][...] = np.random.default_rng(0).normal(0.0, 0.5, 40)
    assert rescale_to_unit_variance(net, X, [0, 1]) == {0: 1.0, 1: 1.0}
    X[0, 0] = np.inf
    net = drawn((30, 40, 5), "tanh")
    assert rescale_to_unit_variance(net, X, [0]) == {0: 1.0}


@pytest.mark.parametrize(
    "structure",
    [LayerStructure(residual="plain"), LayerStructure(normalisation="batch")],
    ids=["shortcut", "normalisation"],
)
def test_shortcuts_and_normalisations_are_on_the_way(structure: LayerStructure) -> None:
    net, X = drawn((30, *(30,) * 6, 5), "relu", structure), inputs()
    rescale_to_unit_variance(net, X, range(6))
    after = [net.pre_activations(X, layer).var() for layer in range(6)]
    assert max(abs(variance - 1) for variance in after) < 0.1
