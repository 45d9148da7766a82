from __future__ import annotations

import numpy as np
import pytest

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.losses import LOSSES
from gradstudio.nn.network import Network
from tests.nn.examples import drawn_batch, drawn_network

WIDE = ([300, 400, 400, 3], 16)
"""Layers whose products are too large for the direct way to BLAS, few samples."""
TALL = ([20, 64, 64, 64, 5], 150)
"""The same with many samples."""
SMALL = ([3, 5, 5, 5, 4], 7)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [[3, 4, 4, 4, 2], [2, 1], [4, 7, 3, 3]])
def test_gradients_are_the_limit_of_differences(
    sizes: list[int], activation: str, loss: str
) -> None:
    net = drawn_network(sizes, activation, loss=loss, dtype=np.float64)
    X, y = drawn_batch(net)
    net.loss_and_gradients(X, y)
    analytic = net.flat_grads.copy()
    h = 1e-6
    for i in range(net.parameter_count):
        kept = net.flat[i]
        net.flat[i] = kept + h
        after = net.forward(X, y)
        net.flat[i] = kept - h
        before = net.forward(X, y)
        net.flat[i] = kept
        assert analytic[i] == pytest.approx((after - before) / (2 * h), abs=2e-8)


@pytest.mark.parametrize(("sizes", "batch"), [SMALL, WIDE, TALL])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_way_to_calculate_a_product_gives_the_plain_formula(
    sizes: list[int], batch: int, activation: str
) -> None:
    net = drawn_network(sizes, activation, dtype=np.float64)
    net.flat *= 0.2
    X, y = drawn_batch(net, batch)
    net.loss_and_gradients(X, y)
    a, phi = X, ACTIVATIONS[activation]
    inputs, zs = [], []
    for W, b in zip(net.weights, net.biases, strict=True):
        inputs.append(a)
        zs.append(a @ W + b)
        a = np.empty_like(zs[-1])
        phi.value(zs[-1], a)
    exact = {"rtol": 1e-9, "atol": 1e-15}
    np.testing.assert_allclose(net.z[-1], zs[-1], **exact)
    delta = np.empty_like(zs[-1])
    net.loss.delta(zs[-1], y, delta)
    for layer in reversed(range(net.layer_count)):
        np.testing.assert_allclose(net.deltas[layer], delta, **exact)
        np.testing.assert_allclose(net.weight_grads[layer], inputs[layer].T @ delta, **exact)
        np.testing.assert_allclose(net.bias_grads[layer], delta.sum(axis=0), **exact)
        if layer:
            delta = delta @ net.weights[layer].T * phi.derivative(zs[layer - 1])


@pytest.mark.parametrize(("sizes", "batch"), [SMALL, WIDE, TALL, ([2, 9, 1], 1)])
@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_lane_is_bit_equal_to_the_same_network_alone(
    sizes: list[int], batch: int, activation: str, loss: str, dtype: type
) -> None:
    together = drawn_network(sizes, activation, loss=loss, dtype=dtype, lanes=(2, 2))
    alone = Network(sizes, activation, loss=loss, dtype=dtype)
    X, y = drawn_batch(together, batch)
    losses = together.loss_and_gradients(X, y)
    outputs = together.output(X)
    assert np.shape(losses) == (2, 2)
    for lane in np.ndindex(2, 2):
        alone.flat[...] = together.flat[lane]
        assert alone.loss_and_gradients(X, y) == losses[lane]
        assert alone.flat_grads.tobytes() == together.flat_grads[lane].tobytes()
        for layer in range(alone.layer_count):
            assert alone.deltas[layer].tobytes() == together.deltas[layer][lane].tobytes()
        assert alone.output(X).tobytes() == outputs[lane].tobytes()


def test_lanes_may_have_inputs_of_their_own() -> None:
    net = drawn_network([3, 4, 2], lanes=(2,))
    X, y = drawn_batch(net)
    both = np.stack([X, 2 * X])
    losses = net.loss_and_gradients(both, np.stack([y, y]))
    alone = Network([3, 4, 2])
    alone.flat[...] = net.flat[1]
    assert alone.loss_and_gradients(2 * X, y) == losses[1]


def test_parameters_are_weights_layer_by_layer_then_biases() -> None:
    net = Network([3, 4, 2], dtype=np.float64)
    net.flat[...] = np.arange(net.parameter_count)
    assert net.parameter_count == 12 + 8 + 4 + 2
    np.testing.assert_array_equal(net.weights[0].ravel(), np.arange(12))
    np.testing.assert_array_equal(net.weights[1].ravel(), np.arange(12, 20))
    np.testing.assert_array_equal(net.biases[0], np.arange(20, 24))
    np.testing.assert_array_equal(net.biases[1], np.arange(24, 26))
    assert [W.shape for W in net.weight_grads] == [(3, 4), (4, 2)]
    net.weights[1][...] = 0
    assert net.flat[12:20].sum() == 0


@pytest.mark.parametrize(("sizes", "batch"), [SMALL, WIDE, TALL])
def test_nothing_of_the_batch_before_is_left(sizes: list[int], batch: int) -> None:
    net = drawn_network(sizes, "relu")
    X, y = drawn_batch(net, batch)
    net.loss_and_gradients(X, y)
    first = net.flat_grads.tobytes()
    net.loss_and_gradients(np.full_like(X, np.nan), y)
    assert np.isnan(net.flat_grads).any()
    net.loss_and_gradients(X, y)
    assert net.flat_grads.tobytes() == first


@pytest.mark.parametrize("loss", LOSSES)
def test_each_part_may_be_repeated(loss: str) -> None:
    net = drawn_network([3, 5, 5, 4], "sigmoid", loss=loss)
    net.loss_and_gradients(*drawn_batch(net))
    once = net.flat_grads.tobytes()
    net.backward()
    net.gradients()
    net.backward()
    net.gradients()
    assert net.flat_grads.tobytes() == once


def test_output_does_not_disturb_the_batch() -> None:
    net = drawn_network([3, 5, 5, 2], "leaky_relu")
    X, y = drawn_batch(net)
    net.forward(X, y)
    kept = [z.tobytes() for z in net.z] + [a.tobytes() for a in net.a]
    np.testing.assert_allclose(net.output(X), net.z[-1], rtol=1e-5, atol=1e-6)
    net.output(np.ones((500, 3)))
    assert [z.tobytes() for z in net.z] + [a.tobytes() for a in net.a] == kept


def test_output_of_many_rows_is_calculated_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    net = drawn_network([2, 6, 3], dtype=np.float64)
    X = np.random.default_rng(0).normal(size=(50, 2))
    whole = net.output(X)
    monkeypatch.setattr("gradstudio.nn.evaluation.OUTPUT_NUMBERS", 42)
    np.testing.assert_allclose(net.output(X), whole, rtol=1e-13)
    assert net.output(X[:0]).shape == (0, 3)


def test_a_network_without_hidden_layers_is_a_regression() -> None:
    net = drawn_network([3, 1], loss="mse", dtype=np.float64)
    X, y = drawn_batch(net)
    loss = net.loss_and_gradients(X, y)
    error = X @ net.weights[0] + net.biases[0] - y
    assert loss == pytest.approx(np.mean(error**2))
    np.testing.assert_allclose(net.weight_grads[0], 2 * X.T @ error / len(X))


def test_parts_of_a_network_have_to_fit() -> None:
    with pytest.raises(ValueError, match="2 activations for 1 hidden"):
        Network([2, 3, 1], ["tanh", "relu"])
    with pytest.raises(RuntimeError, match="forward"):
        Network([2, 3, 1]).backward()


def test_nielsens_chain_multiplies_by_25_per_neuron() -> None:
    # weights of 100 and z of 0 everywhere: 100 * sigma'(0) = 25
    net = Network([1, 1, 1, 1], "sigmoid", loss="mse", dtype=np.float64)
    for W, b, bias in zip(net.weights, net.biases, (-100.0, -50.0, -50.0), strict=True):
        W[...] = 100.0
        b[...] = bias
    net.loss_and_gradients([[1.0]], [[1.0]])
    assert net.deltas[0][0, 0] / net.deltas[1][0, 0] == pytest.approx(25.0, rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_units_stay_equal(dtype: type) -> None:
    net = Network([6, 5, 5, 3], "tanh", dtype=dtype)
    net.flat[...] = 0.1
    X, y = drawn_batch(net, 20)
    for _ in range(100):
        net.loss_and_gradients(X, y)
        net.flat -= 0.1 * net.flat_grads
    for W in net.weights[:2]:
        assert np.abs(W - W[:, :1]).max() <= 1e-12
    assert np.abs(net.weights[0]).max() != pytest.approx(0.1)
