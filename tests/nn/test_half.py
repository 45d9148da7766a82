"""Half precision, simulated."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.nn.half import CHUNK, round_to_half
from gradstudio.nn.network import Network
from gradstudio.nn.structure import LayerStructure
from tests.nn.examples import drawn_batch, drawn_network


def is_half(array: np.ndarray) -> bool:
    with np.errstate(over="ignore"):
        return np.array_equal(array, array.astype(np.float16).astype(array.dtype), equal_nan=True)


def test_everything_stored_is_a_half() -> None:
    net = drawn_network([3, 8, 8, 2], "relu", dtype=np.float16)
    net.round()
    net.loss_and_gradients(*drawn_batch(net))
    assert net.dtype == np.float32
    assert is_half(net.flat)
    assert is_half(net.flat_grads)
    for arrays in (net.z, net.a, net.deltas):
        assert all(is_half(array) for array in arrays)


def test_gradients_are_close_to_those_of_single_precision() -> None:
    half, single = (drawn_network([3, 8, 2], "tanh", dtype=d) for d in (np.float16, np.float32))
    half.loss_and_gradients(*drawn_batch(half))
    single.loss_and_gradients(*drawn_batch(single))
    np.testing.assert_allclose(half.flat_grads, single.flat_grads, rtol=0.02, atol=1e-3)


def test_a_vanishing_gradient_becomes_exactly_0_in_half_precision_only() -> None:
    def first_delta(dtype: type) -> float:
        net = Network([4, *[16] * 12, 2], "sigmoid", dtype=dtype)
        rng = np.random.default_rng(0)
        for W in net.weights:
            W[...] = rng.uniform(-0.25, 0.25, W.shape)
        net.loss_and_gradients(*drawn_batch(net))
        return float(np.abs(net.deltas[0]).max())

    assert first_delta(np.float16) == 0.0
    assert first_delta(np.float32) > 0.0


@pytest.mark.parametrize("residual", ["none", "scaled"])
def test_evaluation_rounds_as_training_does(residual: str) -> None:
    structure = [LayerStructure(), LayerStructure("layer", residual)]
    net = drawn_network([3, 8, 8, 2], "tanh", dtype=np.float16, structure=structure)
    net.round()
    X, y = drawn_batch(net)
    net.forward(X, y)
    np.testing.assert_allclose(net.output(X), net.z[-1], rtol=2e-3, atol=2e-3)
    assert is_half(net.output(X))


def test_a_large_value_overflows_in_half_precision() -> None:
    net = Network([1, 1, 2], "linear", dtype=np.float16)
    net.weights[0][...] = 60_000
    net.forward([[2.0]], [[1.0, 0.0]])
    assert np.isinf(net.z[0]).all()
    assert np.isinf(net.pre_activations([[2.0]], 0)).all()


@pytest.mark.parametrize("size", [1, CHUNK, CHUNK + 3])
def test_any_number_of_values_is_rounded(size: int) -> None:
    values = np.random.default_rng(0).normal(size=size).astype(np.float32)
    expected = values.astype(np.float16).astype(np.float32)
    round_to_half(values)
    np.testing.assert_array_equal(values, expected)
