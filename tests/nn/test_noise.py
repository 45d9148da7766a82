from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradstudio.nn import LayerStructure, Network
from gradstudio.nn.noise import gradient_noise, sample_gradient_norms
from tests.nn.examples import drawn_batch, drawn_network

STRUCTURES = {
    "plain": LayerStructure(),
    "layer, shortcut": LayerStructure("layer", "plain"),
    "scaled": LayerStructure("none", "scaled"),
}


def explicit(net: Network, batch: int) -> list[np.ndarray]:
    """Weight gradients of each sample by itself, by layer, (batch, fan_in * fan_out)."""
    X, y = drawn_batch(net, batch)
    of_samples = []
    for i in range(batch):
        net.loss_and_gradients(X[i : i + 1], y[i : i + 1])
        of_samples.append([G.ravel().copy() for G in net.weight_grads])
    net.loss_and_gradients(X, y)
    return [np.array(gradients) for gradients in zip(*of_samples, strict=True)]


@pytest.mark.parametrize("structure", STRUCTURES.values(), ids=STRUCTURES)
@given(
    activation=st.sampled_from(["tanh", "relu", "sigmoid"]),
    batch=st.integers(2, 9),
    scale=st.sampled_from([1e-100, 1.0, 1e60]),
)
def test_noise_is_that_of_explicit_single_sample_gradients(
    structure: LayerStructure, activation: str, batch: int, scale: float
) -> None:
    net = drawn_network([5, 5, 5, 2], activation, loss="mse", dtype=np.float64, structure=structure)
    net.weights[2][...] *= scale
    of_layers = explicit(net, batch)
    X, _ = drawn_batch(net, batch)
    noise = gradient_noise(net, X)
    for layer, gradients in enumerate(of_layers):
        sizes = np.linalg.norm(gradients / scale, axis=1) * scale
        np.testing.assert_allclose(sample_gradient_norms(net, X, layer), sizes, rtol=1e-10)
        unit = np.abs(gradients).max()
        gradients = gradients / unit
        mean = np.linalg.norm(gradients.mean(0))
        trace = gradients.var(0, ddof=1).sum()
        assert noise.signal_to_noise[layer] == pytest.approx(mean / np.sqrt(trace), rel=1e-6)
        expected = mean / np.linalg.norm(gradients, axis=1).mean()
        assert noise.cancellation[layer] == pytest.approx(expected, rel=1e-9)
    assert noise.floor == pytest.approx(1 / np.sqrt(batch))


def test_samples_that_are_all_the_same_have_no_noise() -> None:
    for dtype in (np.float16, np.float32, np.float64):
        net = drawn_network([4, 6, 3], dtype=dtype)
        X, y = drawn_batch(net, 1)
        many = np.tile(X, (9, 1)), np.tile(y, (9, 1))
        net.loss_and_gradients(*many)
        noise = gradient_noise(net, many[0])
        assert (noise.signal_to_noise == np.inf).all()
        np.testing.assert_allclose(noise.cancellation, 1.0, rtol=1e-3)


def test_samples_without_anything_in_common_come_to_the_floor() -> None:
    net = Network([1000, 1], loss="mse", dtype=np.float64)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(400, 1000)), rng.normal(size=(400, 1))
    net.loss_and_gradients(X, y)
    noise = gradient_noise(net, X)
    assert noise.signal_to_noise[0] == pytest.approx(noise.floor, rel=0.1)
    assert noise.cancellation[0] < 1.5 * noise.floor


def test_one_sample_or_no_gradient_has_no_ratio() -> None:
    net = drawn_network([4, 6, 3], dtype=np.float64)
    X, y = drawn_batch(net, 1)
    net.loss_and_gradients(X, y)
    noise = gradient_noise(net, X)
    assert np.isnan(noise.signal_to_noise).all()
    np.testing.assert_allclose(noise.cancellation, 1.0)
    net = drawn_network([4, 6, 3], loss="mse", dtype=np.float64)
    X, _ = drawn_batch(net, 5)
    net.loss_and_gradients(X, net.output(X))
    noise = gradient_noise(net, X)
    assert np.isnan(noise.signal_to_noise).all()
    assert np.isnan(noise.cancellation).all()


def test_lanes_have_the_noise_they_have_alone() -> None:
    together = drawn_network([4, 6, 3], lanes=(2,), dtype=np.float64)
    X, y = drawn_batch(together, 8)
    together.loss_and_gradients(X, y)
    noise = gradient_noise(together, X)
    for lane in range(2):
        alone = Network([4, 6, 3], dtype=np.float64)
        alone.flat[...] = together.flat[lane]
        alone.loss_and_gradients(X, y)
        expected = gradient_noise(alone, X)
        np.testing.assert_allclose(noise.signal_to_noise[lane], expected.signal_to_noise)
        np.testing.assert_allclose(noise.cancellation[lane], expected.cancellation)


def test_inputs_of_another_batch_are_refused() -> None:
    net = drawn_network([4, 6, 3])
    X, y = drawn_batch(net, 8)
    net.loss_and_gradients(X, y)
    with pytest.raises(ValueError, match="7 samples are not the last batch, of 8"):
        gradient_noise(net, X[:7])
